// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {ICreditDesk} from "./ICreditDesk.sol";
import {IEnergyCredit} from "./IEnergyCredit.sol";
import {IMintBound} from "./IMintBound.sol";
import {Redemption, RedemptionQueue} from "./RedemptionQueue.sol";

/// @title CreditDesk
/// @notice Sells and redeems credits for a payment token, and holds what backs them: GRID's pledge of payment tokens and
/// the credit line that GRID states. Redemptions that it cannot pay at once wait in a queue. Credits in circulation never
/// exceed their backing by an act of the desk or a mint of the exchange.
contract CreditDesk is ICreditDesk, AccessManaged, ReentrancyGuard {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;
    using RedemptionQueue for RedemptionQueue.Queue;

    uint256 private constant ONE_CREDIT = 1e18;
    uint256 private constant BASE_UNITS_PER_TICK = 1e9;
    /// @notice Gas that a queued payment's transfer may use; tokens in wide use need a fifth of it.
    uint256 public constant PAYMENT_GAS = 300_000;
    /// @dev Beside the transfer itself: the 64th part that a call leaves behind, and the record of its outcome.
    uint256 private constant PAYMENT_GAS_NEEDED = PAYMENT_GAS + PAYMENT_GAS / 63 + 60_000;

    IEnergyCredit public immutable credit;
    IERC20 public immutable paymentToken;

    // Widths: 128 bits of base units hold any token in use, and keep the products below from overflowing.
    uint128 private _sellPrice; // word 1
    uint128 private _redeemPrice;
    uint128 private _funds; // word 2: what the exchange asks for on every batch
    uint128 private _owed;
    /// @inheritdoc ICreditDesk
    uint256 public creditLine;
    /// @inheritdoc ICreditDesk
    uint256 public setAside;
    RedemptionQueue.Queue private _queue;

    constructor(
        IEnergyCredit credit_,
        IERC20 paymentToken_,
        address authority_,
        uint256 sellPrice_,
        uint256 redeemPrice_
    ) AccessManaged(authority_) {
        credit = credit_;
        paymentToken = paymentToken_;
        _setPrices(sellPrice_, redeemPrice_);
    }

    /// @inheritdoc ICreditDesk
    function buy(address to, uint256 amount, uint256 maxPayment) external nonReentrant returns (uint256 payment) {
        if (amount == 0) revert ZeroAmount();
        payment = Math.mulDiv(amount, _sellPrice, ONE_CREDIT, Math.Rounding.Ceil);
        if (payment > maxPayment) revert PriceMoved(payment, maxPayment);
        _receive(payment);
        credit.mint(to, amount);
        emit CreditsSold(msg.sender, to, amount, payment);
    }

    /// @inheritdoc ICreditDesk
    function redeem(address to, uint256 amount, uint256 minPayment) external nonReentrant returns (uint256 payment) {
        payment = _quote(amount, minPayment);
        uint256 available = _available();
        if (payment > available) revert FundsShort(payment, available);
        _redeemNow(to, amount, payment);
    }

    /// @inheritdoc ICreditDesk
    function redeemOrQueue(
        address to,
        uint256 amount,
        uint256 minPayment
    ) external nonReentrant returns (uint256 payment, uint256 id) {
        payment = _quote(amount, minPayment);
        if (payment <= _available()) {
            _redeemNow(to, amount, payment);
            return (payment, 0);
        }
        uint128 owedPayment = payment.toUint128();
        _owed += owedPayment;
        id = _queue.push(Redemption(msg.sender, false, to, amount.toUint128(), owedPayment));
        _take(amount);
        emit RedemptionQueued(id, msg.sender, to, amount, payment);
    }

    /// @inheritdoc ICreditDesk
    function payQueue(uint256 maxCount) external nonReentrant returns (uint256 paid) {
        uint64 last = _queue.last;
        for (uint64 id = _queue.passed + 1; id <= last && maxCount != 0; ++id) {
            Redemption storage entry = _queue.entries[id];
            bool waits = entry.seller != address(0); // or was cancelled
            if (waits && entry.payment > _funds) break;
            _queue.passed = id;
            --maxCount;
            if (!waits) continue;
            _pay(id, entry);
            ++paid;
        }
    }

    /// @inheritdoc ICreditDesk
    function cancelRedemption(uint256 id) external nonReentrant {
        Redemption memory entry = _entryOf(id);
        if (entry.refused) revert PaymentSetAside(id);
        delete _queue.entries[id];
        _queue.amount -= entry.amount;
        _owed -= entry.payment;
        credit.mint(entry.seller, entry.amount);
        _requireBacked();
        emit RedemptionCancelled(id, entry.seller, entry.amount, entry.payment);
    }

    /// @inheritdoc ICreditDesk
    function collectRedemption(uint256 id, address to) external nonReentrant {
        Redemption memory entry = _entryOf(id);
        if (!entry.refused) revert StillQueued(id);
        delete _queue.entries[id];
        setAside -= entry.payment;
        _send(to, entry.payment);
        emit RedemptionCollected(id, to, entry.payment);
    }

    /// @inheritdoc ICreditDesk
    function pledge(uint256 payment) external nonReentrant {
        if (payment == 0) revert ZeroAmount();
        _receive(payment);
        emit PledgeChanged(msg.sender, int256(payment), _funds);
    }

    /// @inheritdoc ICreditDesk
    function withdrawPledge(address to, uint256 payment) external restricted nonReentrant {
        uint256 available = _available();
        if (payment > available) revert FundsShort(payment, available);
        _funds -= uint128(payment); // not above _funds
        _requireBackedEitherWay();
        _send(to, payment);
        emit PledgeChanged(msg.sender, -int256(payment), _funds);
    }

    /// @inheritdoc ICreditDesk
    function setCreditLine(uint256 creditLine_) external restricted nonReentrant {
        bool lowered = creditLine_ < creditLine;
        creditLine = creditLine_;
        // A larger line is always welcome, also where it does not yet mend everything.
        if (lowered) _requireBackedEitherWay();
        emit CreditLineSet(creditLine_);
    }

    /// @inheritdoc ICreditDesk
    function setPrices(uint256 sellPrice_, uint256 redeemPrice_) external restricted nonReentrant {
        _setPrices(sellPrice_, redeemPrice_);
        _requireBackedEitherWay();
    }

    /// @notice Send `payment` to `to`, with bounded gas and an outcome that the queue can look at. Only the desk itself.
    function sendPayment(address to, uint256 payment) external {
        if (msg.sender != address(this)) revert NotDesk(msg.sender);
        _send(to, payment);
    }

    /// @inheritdoc ICreditDesk
    function sellPrice() external view returns (uint256) {
        return _sellPrice;
    }

    /// @inheritdoc ICreditDesk
    function redeemPrice() external view returns (uint256) {
        return _redeemPrice;
    }

    /// @inheritdoc ICreditDesk
    function funds() external view returns (uint256) {
        return _funds;
    }

    /// @inheritdoc ICreditDesk
    function owed() external view returns (uint256) {
        return _owed;
    }

    /// @inheritdoc ICreditDesk
    function redemption(uint256 id) external view returns (Redemption memory) {
        return _queue.entries[id];
    }

    /// @inheritdoc ICreditDesk
    function queue() external view returns (uint256 passed, uint256 last, uint256 amount) {
        return (_queue.passed, _queue.last, _queue.amount);
    }

    /// @inheritdoc ICreditDesk
    function backing() public view returns (uint256 credits) {
        (uint256 backed, uint256 queueClaim) = _cover();
        return Math.saturatingSub(backed, queueClaim);
    }

    /// @inheritdoc IMintBound
    function headroomTicks() external view returns (uint256) {
        uint256 supply = credit.totalSupply();
        uint256 headroom = Math.saturatingSub(backing(), supply);
        if (_owed != 0) headroom = Math.min(headroom, Math.saturatingSub(_coverUnqueued(), supply + _queue.amount));
        return headroom / BASE_UNITS_PER_TICK;
    }

    /// @dev What backs credits, and what of it belongs to queued redemptions because funds do not cover them.
    function _cover() private view returns (uint256 backed, uint256 queueClaim) {
        (uint256 held, uint256 due, uint256 price) = (_funds, _owed, _redeemPrice);
        // Saturating: the exchange asks on every settlement, which no credit line may stop.
        if (held >= due) return (Math.saturatingAdd(((held - due) * ONE_CREDIT) / price, creditLine), 0);
        return (creditLine, Math.ceilDiv((due - held) * ONE_CREDIT, price));
    }

    /// @dev What would back credits if nothing were queued. Mints and decisions leave room for all queued credits to come
    /// back, so that a cancellation is not refused because somebody else used its room.
    function _coverUnqueued() private view returns (uint256 backed) {
        return Math.saturatingAdd((uint256(_funds) * ONE_CREDIT) / _redeemPrice, creditLine);
    }

    function _setPrices(uint256 sellPrice_, uint256 redeemPrice_) private {
        // A sale must back what it creates.
        if (redeemPrice_ == 0 || sellPrice_ < redeemPrice_) revert BadPrices(sellPrice_, redeemPrice_);
        _sellPrice = sellPrice_.toUint128();
        _redeemPrice = redeemPrice_.toUint128();
        emit PricesSet(sellPrice_, redeemPrice_);
    }

    function _requireBacked() private view {
        (uint256 backed, uint256 queueClaim) = _cover();
        uint256 claims = credit.totalSupply() + queueClaim;
        if (backed < claims) revert Unbacked(claims, backed);
    }

    /// @dev As things are, and if every queued redemption were cancelled.
    function _requireBackedEitherWay() private view {
        _requireBacked();
        if (_owed == 0) return;
        (uint256 backed, uint256 claims) = (_coverUnqueued(), credit.totalSupply() + _queue.amount);
        if (backed < claims) revert Unbacked(claims, backed);
    }

    /// @dev Rounded down: a fraction of a base unit stays with the desk.
    function _quote(uint256 amount, uint256 minPayment) private view returns (uint256 payment) {
        payment = Math.mulDiv(amount, _redeemPrice, ONE_CREDIT);
        if (payment == 0) revert ZeroAmount();
        if (payment < minPayment) revert PriceMoved(payment, minPayment);
    }

    /// @dev Nobody gets ahead of the queue, but what it is not owed may be redeemed.
    function _available() private view returns (uint256) {
        return Math.saturatingSub(_funds, _owed);
    }

    function _redeemNow(address to, uint256 amount, uint256 payment) private {
        _funds -= uint128(payment); // available, so not above _funds
        _take(amount);
        _send(to, payment);
        emit CreditsRedeemed(msg.sender, to, amount, payment);
    }

    function _take(uint256 amount) private {
        IERC20(credit).safeTransferFrom(msg.sender, address(this), amount);
        credit.burn(amount);
    }

    /// @dev What a recipient refuses leaves the funds as well: it belongs to the seller and backs nothing.
    function _pay(uint256 id, Redemption storage entry) private {
        (address to, uint128 amount, uint128 payment) = (entry.to, entry.amount, entry.payment);
        if (gasleft() < PAYMENT_GAS_NEEDED) revert GasShort(gasleft(), PAYMENT_GAS_NEEDED);
        _funds -= payment;
        _owed -= payment;
        _queue.amount -= amount;
        try this.sendPayment{gas: PAYMENT_GAS}(to, payment) {
            delete _queue.entries[id];
            emit RedemptionPaid(id, to, amount, payment);
        } catch {
            entry.refused = true;
            setAside += payment;
            emit RedemptionRefused(id, to, amount, payment);
        }
    }

    function _entryOf(uint256 id) private view returns (Redemption memory entry) {
        entry = _queue.entries[id];
        if (entry.seller == address(0)) revert UnknownRedemption(id);
        if (entry.seller != msg.sender) revert NotSeller(msg.sender, entry.seller);
    }

    /// @dev A token that keeps a fee on transfer would leave credits unbacked, so it is refused.
    function _receive(uint256 payment) private {
        uint256 before = paymentToken.balanceOf(address(this));
        paymentToken.safeTransferFrom(msg.sender, address(this), payment);
        uint256 received = paymentToken.balanceOf(address(this)) - before;
        if (received != payment) revert TransferMismatch(payment, received);
        _funds += payment.toUint128();
    }

    /// @dev A token that takes a fee from the sender would use up what backs credits.
    function _send(address to, uint256 payment) private {
        uint256 before = paymentToken.balanceOf(address(this));
        paymentToken.safeTransfer(to, payment);
        uint256 sent = before - paymentToken.balanceOf(address(this));
        if (sent != payment) revert TransferMismatch(payment, sent);
    }
}
