// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IMintBound} from "./IMintBound.sol";

/// @notice The desk between credits and a payment token. Prices are payment token base units for one credit (1e18).
interface ICreditDesk is IMintBound {
    /// @notice An amount of zero, or too small to be paid in whole base units.
    error ZeroAmount();
    /// @notice The price moved beyond what the caller accepts.
    error PriceMoved(uint256 payment, uint256 limit);
    /// @notice The desk holds less than is asked for; redeem less or wait for a pledge.
    error FundsShort(uint256 asked, uint256 available);
    /// @notice Credits in circulation would exceed their backing.
    error Unbacked(uint256 supply, uint256 backing);
    /// @notice The redeem price must be positive and not above the sell price.
    error BadPrices(uint256 sellPrice, uint256 redeemPrice);
    /// @notice The payment token delivered another amount than asked: fee-on-transfer tokens are refused.
    error TransferMismatch(uint256 expected, uint256 received);

    event CreditsSold(address indexed buyer, address indexed to, uint256 amount, uint256 payment);
    event CreditsRedeemed(address indexed seller, address indexed to, uint256 amount, uint256 payment);
    event PledgeChanged(address indexed by, int256 change, uint256 funds);
    event CreditLineSet(uint256 creditLine);
    event PricesSet(uint256 sellPrice, uint256 redeemPrice);

    /// @notice Payment for one credit bought, rounded up.
    function sellPrice() external view returns (uint256);

    /// @notice Payment for one credit redeemed, rounded down.
    function redeemPrice() external view returns (uint256);

    /// @notice Credits that GRID promises to honour beyond its pledge.
    function creditLine() external view returns (uint256);

    /// @notice Payment tokens that back credits: pledges and sales, less redemptions. Donations do not count.
    function funds() external view returns (uint256);

    /// @notice Credits that may be in circulation: funds at the redeem price plus the credit line.
    function backing() external view returns (uint256 credits);

    /// @notice Buy `amount` base units of credits for at most `maxPayment`.
    function buy(address to, uint256 amount, uint256 maxPayment) external returns (uint256 payment);

    /// @notice Redeem `amount` base units of the caller's credits for at least `minPayment`, while funded.
    function redeem(address to, uint256 amount, uint256 minPayment) external returns (uint256 payment);

    /// @notice Add payment tokens of the caller to what backs credits.
    function pledge(uint256 payment) external;

    /// @notice Take back funds that nothing needs as backing. Role: GRID.
    function withdrawPledge(address to, uint256 payment) external;

    /// @notice State the credit line. Role: GRID.
    function setCreditLine(uint256 creditLine_) external;

    /// @notice Publish prices. Role: GOVERNOR.
    function setPrices(uint256 sellPrice_, uint256 redeemPrice_) external;
}
