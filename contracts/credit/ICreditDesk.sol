// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IMintBound} from "./IMintBound.sol";
import {Redemption} from "./RedemptionQueue.sol";

/// @notice The desk between credits and a payment token. Amounts of credits are base units (1e18 a credit), payments are
/// base units of the payment token, prices are payment for one credit.
///
/// Assumptions about the payment token: an ERC-20 of any number of decimals, with or without return values, that moves
/// exactly what it is asked to. One that keeps a fee is refused; one that calls back finds every verb locked; one that
/// refuses a recipient delays nobody else.
interface ICreditDesk is IMintBound {
    /// @notice An amount of zero, or too small to be paid in whole base units.
    error ZeroAmount();
    /// @notice The price moved beyond what the caller accepts.
    error PriceMoved(uint256 payment, uint256 limit);
    /// @notice The desk has less to spare than is asked for: what queued redemptions are owed is not to spare. Redeem
    /// less, queue, or wait for a pledge.
    error FundsShort(uint256 asked, uint256 available);
    /// @notice Credits in circulation, with what the queue is owed beyond the funds or with what it may give back, would
    /// exceed what backs them.
    error Unbacked(uint256 claims, uint256 backing);
    /// @notice The redeem price must be positive and not above the sell price.
    error BadPrices(uint256 sellPrice, uint256 redeemPrice);
    /// @notice The payment token moved another amount than asked: fee-on-transfer tokens are refused.
    error TransferMismatch(uint256 expected, uint256 moved);
    /// @notice No redemption of this number waits: never queued, or paid, cancelled or collected.
    error UnknownRedemption(uint256 id);
    /// @notice Only who gave the credits may cancel or collect a redemption.
    error NotSeller(address caller, address seller);
    /// @notice The redemption's payment was refused and is set aside: collect it instead of cancelling.
    error PaymentSetAside(uint256 id);
    /// @notice The redemption waits in the queue: nothing of it is set aside to be collected.
    error StillQueued(uint256 id);
    /// @notice Too little gas for the next payment; a payment that fails for want of gas would count as refused.
    error GasShort(uint256 left, uint256 needed);
    /// @notice Only the desk itself may call this.
    error NotDesk(address caller);

    event CreditsSold(address indexed buyer, address indexed to, uint256 amount, uint256 payment);
    event CreditsRedeemed(address indexed seller, address indexed to, uint256 amount, uint256 payment);
    event PledgeChanged(address indexed by, int256 change, uint256 funds);
    event CreditLineSet(uint256 creditLine);
    event PricesSet(uint256 sellPrice, uint256 redeemPrice);

    /// @notice `seller` gave `amount` credits, which no longer exist, and `to` is owed `payment`.
    event RedemptionQueued(
        uint256 indexed id,
        address indexed seller,
        address indexed to,
        uint256 amount,
        uint256 payment
    );
    /// @notice The redemption is over: `to` got `payment`.
    event RedemptionPaid(uint256 indexed id, address indexed to, uint256 amount, uint256 payment);
    /// @notice The token did not let `to` be paid; `payment` left the desk's funds and is set aside for the seller.
    event RedemptionRefused(uint256 indexed id, address indexed to, uint256 amount, uint256 payment);
    /// @notice The seller had the payment that was set aside sent to `to`; the redemption is over.
    event RedemptionCollected(uint256 indexed id, address indexed to, uint256 payment);
    /// @notice The seller has its `amount` credits back and `payment` is no longer owed.
    event RedemptionCancelled(uint256 indexed id, address indexed seller, uint256 amount, uint256 payment);

    /// @notice Payment for one credit bought, rounded up.
    function sellPrice() external view returns (uint256);

    /// @notice Payment for one credit redeemed, rounded down.
    function redeemPrice() external view returns (uint256);

    /// @notice Credits that GRID promises to honour beyond its pledge.
    function creditLine() external view returns (uint256);

    /// @notice Payment tokens that back credits: pledges and sales, less redemptions. Donations do not count.
    function funds() external view returns (uint256);

    /// @notice Of those, what queued redemptions are owed; more than `funds` where they wait for funds.
    function owed() external view returns (uint256);

    /// @notice Payment tokens beside `funds` that wait for sellers whose recipients could not be paid.
    function setAside() external view returns (uint256);

    /// @notice Credits that may be in circulation: what funds exceed the queue's claims by at the redeem price, plus the
    /// credit line; where the queue is owed more than the funds, the credit line less the difference.
    function backing() external view returns (uint256 credits);

    /// @notice The redemption of this number while it waits in the queue or to be collected; else all zero.
    function redemption(uint256 id) external view returns (Redemption memory);

    /// @notice The queue: numbers up to `passed` are done with, `last` is the newest, `amount` the credits of those
    /// that wait.
    function queue() external view returns (uint256 passed, uint256 last, uint256 amount);

    /// @notice Buy `amount` of credits for at most `maxPayment`.
    /// Errors: ZeroAmount, PriceMoved, TransferMismatch.
    function buy(address to, uint256 amount, uint256 maxPayment) external returns (uint256 payment);

    /// @notice Redeem `amount` of the caller's credits now, for at least `minPayment`.
    /// Errors: ZeroAmount, PriceMoved, FundsShort, TransferMismatch.
    function redeem(address to, uint256 amount, uint256 minPayment) external returns (uint256 payment);

    /// @notice Redeem now where the desk has it to spare (`id` is zero then); otherwise the credits are taken, the
    /// payment is fixed at the price of this moment, and the redemption waits its turn as number `id`.
    /// Errors: ZeroAmount, PriceMoved, TransferMismatch.
    function redeemOrQueue(
        address to,
        uint256 amount,
        uint256 minPayment
    ) external returns (uint256 payment, uint256 id);

    /// @notice Pay redemptions in their order while funds last, looking at most at `maxCount` numbers. Anybody may.
    /// A recipient that the token refuses loses its turn, not its money.
    /// Errors: GasShort.
    /// @return paid How many were paid or set aside.
    function payQueue(uint256 maxCount) external returns (uint256 paid);

    /// @notice Take a redemption out of the queue and its credits back. Only its seller. Refused while the credits given
    /// back would not be backed, which takes redemptions queued at different prices: the place in the queue stays.
    /// Errors: UnknownRedemption, NotSeller, PaymentSetAside, Unbacked.
    function cancelRedemption(uint256 id) external;

    /// @notice Send a payment that was set aside to `to`. Only its seller.
    /// Errors: UnknownRedemption, NotSeller, StillQueued, TransferMismatch.
    function collectRedemption(uint256 id, address to) external;

    /// @notice Add payment tokens of the caller to what backs credits.
    /// Errors: ZeroAmount, TransferMismatch.
    function pledge(uint256 payment) external;

    /// @notice Take back funds that neither credits nor the queue need. Role: GRID.
    /// Errors: FundsShort, Unbacked, TransferMismatch.
    function withdrawPledge(address to, uint256 payment) external;

    /// @notice State the credit line. Role: GRID.
    /// Errors: Unbacked, where it is lowered below what circulates.
    function setCreditLine(uint256 creditLine_) external;

    /// @notice Publish prices. Role: GOVERNOR. Queued redemptions keep the price of their request.
    /// Errors: BadPrices, Unbacked.
    function setPrices(uint256 sellPrice_, uint256 redeemPrice_) external;
}
