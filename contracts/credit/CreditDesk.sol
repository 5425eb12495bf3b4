// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ICreditDesk} from "./ICreditDesk.sol";
import {IEnergyCredit} from "./IEnergyCredit.sol";
import {IMintBound} from "./IMintBound.sol";

/// @title CreditDesk
/// @notice Sells and redeems credits for a payment token, and holds what backs them: GRID's pledge of payment tokens and
/// the credit line that GRID states. Credits in circulation never exceed that backing by an act of the desk or a mint of
/// the exchange.
contract CreditDesk is ICreditDesk, AccessManaged {
    using SafeERC20 for IERC20;

    uint256 private constant ONE_CREDIT = 1e18;
    uint256 private constant BASE_UNITS_PER_TICK = 1e9;

    IEnergyCredit public immutable credit;
    IERC20 public immutable paymentToken;

    /// @inheritdoc ICreditDesk
    uint256 public sellPrice;
    /// @inheritdoc ICreditDesk
    uint256 public redeemPrice;
    /// @inheritdoc ICreditDesk
    uint256 public creditLine;
    /// @inheritdoc ICreditDesk
    uint256 public funds;

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
    function buy(address to, uint256 amount, uint256 maxPayment) external returns (uint256 payment) {
        if (amount == 0) revert ZeroAmount();
        payment = Math.mulDiv(amount, sellPrice, ONE_CREDIT, Math.Rounding.Ceil);
        if (payment > maxPayment) revert PriceMoved(payment, maxPayment);
        _receive(payment);
        credit.mint(to, amount);
        emit CreditsSold(msg.sender, to, amount, payment);
    }

    /// @inheritdoc ICreditDesk
    function redeem(address to, uint256 amount, uint256 minPayment) external returns (uint256 payment) {
        payment = Math.mulDiv(amount, redeemPrice, ONE_CREDIT);
        if (payment == 0) revert ZeroAmount();
        if (payment < minPayment) revert PriceMoved(payment, minPayment);
        if (payment > funds) revert FundsShort(payment, funds);
        funds -= payment;
        IERC20(credit).safeTransferFrom(msg.sender, address(this), amount);
        credit.burn(amount);
        paymentToken.safeTransfer(to, payment);
        emit CreditsRedeemed(msg.sender, to, amount, payment);
    }

    /// @inheritdoc ICreditDesk
    function pledge(uint256 payment) external {
        if (payment == 0) revert ZeroAmount();
        _receive(payment);
        emit PledgeChanged(msg.sender, int256(payment), funds);
    }

    /// @inheritdoc ICreditDesk
    function withdrawPledge(address to, uint256 payment) external restricted {
        if (payment > funds) revert FundsShort(payment, funds);
        funds -= payment;
        _requireBacked();
        paymentToken.safeTransfer(to, payment);
        emit PledgeChanged(msg.sender, -int256(payment), funds);
    }

    /// @inheritdoc ICreditDesk
    function setCreditLine(uint256 creditLine_) external restricted {
        creditLine = creditLine_;
        _requireBacked();
        emit CreditLineSet(creditLine_);
    }

    /// @inheritdoc ICreditDesk
    function setPrices(uint256 sellPrice_, uint256 redeemPrice_) external restricted {
        _setPrices(sellPrice_, redeemPrice_);
        _requireBacked();
    }

    /// @inheritdoc ICreditDesk
    function backing() public view returns (uint256 credits) {
        // Saturating: the exchange asks on every settlement, which no credit line may stop.
        return Math.saturatingAdd(Math.mulDiv(funds, ONE_CREDIT, redeemPrice), creditLine);
    }

    /// @inheritdoc IMintBound
    function headroomTicks() external view returns (uint256) {
        uint256 backed = backing();
        uint256 supply = credit.totalSupply();
        return backed > supply ? (backed - supply) / BASE_UNITS_PER_TICK : 0;
    }

    function _setPrices(uint256 sellPrice_, uint256 redeemPrice_) private {
        // A sale must back what it creates.
        if (redeemPrice_ == 0 || sellPrice_ < redeemPrice_) revert BadPrices(sellPrice_, redeemPrice_);
        sellPrice = sellPrice_;
        redeemPrice = redeemPrice_;
        emit PricesSet(sellPrice_, redeemPrice_);
    }

    function _requireBacked() private view {
        uint256 backed = backing();
        uint256 supply = credit.totalSupply();
        if (backed < supply) revert Unbacked(supply, backed);
    }

    /// @dev A token that keeps a fee on transfer would leave credits unbacked, so it is refused.
    function _receive(uint256 payment) private {
        uint256 before = paymentToken.balanceOf(address(this));
        paymentToken.safeTransferFrom(msg.sender, address(this), payment);
        uint256 received = paymentToken.balanceOf(address(this)) - before;
        if (received != payment) revert TransferMismatch(payment, received);
        funds += payment;
    }
}
