// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ExchangeStorage} from "../ExchangeStorage.sol";
import {IExchangeErrors} from "../interfaces/IExchangeErrors.sol";
import {IExchangeEvents} from "../interfaces/IExchangeEvents.sol";
import {MeterConfig, Site, Withdrawal, Zone} from "../types/ExchangeTypes.sol";
import {MeterWord, MeterWordLib} from "../types/MeterWord.sol";
import {Clock} from "./Clock.sol";
import {GridLeg} from "./GridLeg.sol";
import {SlotRecords} from "./SlotRecords.sol";
import {TokenMoves} from "./TokenMoves.sol";

/// @notice Prepaid balances, bonds, debt and claims: the cold verbs. Each that lets money out tests the site itself and
/// burns its meters' balances against its debt first.
library Accounts {
    /// @notice Credit a meter's prepaid balance. Anybody, for any meter.
    function deposit(address meter, uint256 amountTicks) external {
        ExchangeStorage.Layout storage $ = ExchangeStorage.load();
        MeterWord word = _meter(meter);
        uint256 balance = word.balanceTicks();
        if (amountTicks == 0) revert IExchangeErrors.NothingToPay();
        if (amountTicks > MeterWordLib.BALANCE_CEILING - _min(balance, MeterWordLib.BALANCE_CEILING)) {
            revert IExchangeErrors.BalanceOverflow(meter, 0);
        }
        word = word.withBalance(balance + amountTicks);
        $.words[meter] = word;
        emit IExchangeEvents.Deposited(meter, msg.sender, amountTicks, MeterWord.unwrap(word));
        TokenMoves.pull(msg.sender, amountTicks);
    }

    /// @notice Move balance between two meters of one site. Owner only.
    function move(address from, address to, uint256 amountTicks) external {
        ExchangeStorage.Layout storage $ = ExchangeStorage.load();
        uint256 siteId = _owned(from);
        if ($.configs[to].site != siteId || from == to) revert IExchangeErrors.UnknownMeter(to, 0);
        _clearDebt(siteId);
        MeterWord fromWord = $.words[from];
        MeterWord toWord = _meter(to);
        if (amountTicks > fromWord.balanceTicks()) {
            revert IExchangeErrors.AmountTooLarge(amountTicks, fromWord.balanceTicks());
        }
        uint256 sum = toWord.balanceTicks() + amountTicks;
        if (sum > MeterWordLib.BALANCE_CEILING) revert IExchangeErrors.BalanceOverflow(to, 0);
        fromWord = fromWord.withBalance(fromWord.balanceTicks() - amountTicks);
        toWord = toWord.withBalance(sum);
        $.words[from] = fromWord;
        $.words[to] = toWord;
        emit IExchangeEvents.BalanceMoved(from, to, amountTicks, MeterWord.unwrap(fromWord), MeterWord.unwrap(toWord));
    }

    /// @notice Ask for balance back. It leaves the meter now and can be collected once every slot up to the present one
    /// is closed, and no flag on them stands: credits that stem from a lie do not get out before the lie is looked at.
    function requestWithdrawal(address meter, uint256 amountTicks, address to) external returns (uint256 id) {
        ExchangeStorage.Layout storage $ = ExchangeStorage.load();
        uint256 siteId = _owned(meter);
        if (to == address(0)) revert IExchangeErrors.BadParameter("to", 0);
        if (amountTicks == 0) revert IExchangeErrors.NothingToPay();
        _clearDebt(siteId);
        MeterWord word = $.words[meter];
        if (amountTicks > word.balanceTicks()) {
            revert IExchangeErrors.AmountTooLarge(amountTicks, word.balanceTicks());
        }
        word = word.withBalance(word.balanceTicks() - amountTicks);
        $.words[meter] = word;
        uint256 maturity = Clock.slotNow();
        id = ++$.withdrawalCount;
        $.withdrawals[id] = Withdrawal({
            to: to,
            amountTicks: uint64(amountTicks),
            maturitySlot: uint24(maturity),
            site: uint32(siteId),
            meter: meter
        });
        emit IExchangeEvents.WithdrawalRequested(id, meter, to, amountTicks, uint32(maturity), MeterWord.unwrap(word));
    }

    /// @notice Pay out a mature withdrawal. Anybody; the money goes where the owner said. Debt of the site comes first.
    function collectWithdrawal(uint256 id) external {
        ExchangeStorage.Layout storage $ = ExchangeStorage.load();
        Withdrawal memory w = $.withdrawals[id];
        if (w.to == address(0)) revert IExchangeErrors.UnknownWithdrawal(id);
        _requireMature($.zones[$.sites[w.site].zone], w.maturitySlot);
        delete $.withdrawals[id];
        _clearDebtFromBalances(w.site);
        uint256 repaid = GridLeg.repayDebt(w.site, w.meter, w.amountTicks);
        TokenMoves.burn(repaid);
        emit IExchangeEvents.WithdrawalCollected(id, w.to, w.amountTicks - repaid, repaid);
        if (w.amountTicks != repaid) TokenMoves.push(w.to, w.amountTicks - repaid);
    }

    /// @notice Add to the bond of a site. Anybody.
    function postBond(uint256 siteId, uint256 amountTicks) external {
        Site storage site = _site(siteId);
        if (amountTicks == 0) revert IExchangeErrors.NothingToPay();
        if (amountTicks > MeterWordLib.BALANCE_CEILING) {
            revert IExchangeErrors.AmountTooLarge(amountTicks, MeterWordLib.BALANCE_CEILING);
        }
        site.bondTicks += uint64(amountTicks);
        emit IExchangeEvents.BondPosted(uint32(siteId), msg.sender, amountTicks, site.bondTicks);
        GridLeg.syncSite(siteId);
        TokenMoves.pull(msg.sender, amountTicks);
    }

    /// @notice Ask for bond back. It stops counting now, stays liable until every proof window is over, and is then
    /// collected. A new request replaces the one before.
    function requestUnbond(uint256 siteId, uint256 amountTicks) external {
        Site storage site = _site(siteId);
        if (msg.sender != site.owner) revert IExchangeErrors.NotEntitled(msg.sender);
        if (amountTicks > site.bondTicks) revert IExchangeErrors.AmountTooLarge(amountTicks, site.bondTicks);
        site.unbondingTicks = uint64(amountTicks);
        site.unbondingSlot = uint24(Clock.slotNow() + Clock.RING);
        emit IExchangeEvents.UnbondRequested(uint32(siteId), amountTicks, site.unbondingSlot);
        GridLeg.syncSite(siteId);
    }

    function collectBond(uint256 siteId, address to) external {
        Site storage site = _site(siteId);
        if (msg.sender != site.owner) revert IExchangeErrors.NotEntitled(msg.sender);
        if (to == address(0)) revert IExchangeErrors.BadParameter("to", 0);
        if (site.unbondingTicks == 0) revert IExchangeErrors.NothingToPay();
        uint256 maturity = site.unbondingSlot;
        Zone storage z = ExchangeStorage.load().zones[site.zone];
        if (maturity > Clock.slotNow()) revert IExchangeErrors.NotMature(maturity, Clock.slotNow());
        _requireMature(z, maturity - Clock.RING);
        _clearDebtFromBalances(siteId);
        uint256 repaid = GridLeg.repayDebt(siteId, address(0), site.bondTicks);
        site.bondTicks -= uint64(repaid);
        TokenMoves.burn(repaid);
        uint256 amount = _min(site.unbondingTicks, site.bondTicks);
        if (amount == 0) revert IExchangeErrors.NothingToPay();
        site.bondTicks -= uint64(amount);
        site.unbondingTicks = 0;
        emit IExchangeEvents.BondCollected(uint32(siteId), to, amount, site.bondTicks);
        GridLeg.syncSite(siteId);
        TokenMoves.push(to, amount);
    }

    /// @notice Pay a site's debt with credits of the caller. Anybody.
    function payDebt(uint256 siteId, uint256 amountTicks) external {
        Site storage site = _site(siteId);
        uint256 amount = _min(amountTicks, site.debtTicks);
        if (amount == 0) revert IExchangeErrors.NothingToPay();
        TokenMoves.pull(msg.sender, amount);
        GridLeg.repayDebt(siteId, address(0), amount);
        TokenMoves.burn(amount);
        GridLeg.syncSite(siteId);
    }

    /// @notice Burn a site's balances against its debt. Anybody.
    function seize(uint256 siteId) external {
        if (_site(siteId).debtTicks == 0) revert IExchangeErrors.NothingToPay();
        _clearDebtFromBalances(siteId);
        GridLeg.syncSite(siteId);
    }

    /// @notice GRID gives up debt of a site.
    function writeOff(uint256 siteId, uint256 amountTicks) external {
        Site storage site = _site(siteId);
        if (amountTicks == 0) revert IExchangeErrors.NothingToPay();
        if (amountTicks > site.debtTicks) revert IExchangeErrors.AmountTooLarge(amountTicks, site.debtTicks);
        site.debtTicks -= uint64(amountTicks);
        emit IExchangeEvents.DebtWrittenOff(uint32(siteId), amountTicks, site.debtTicks);
        GridLeg.syncSite(siteId);
    }

    /// @notice Pay what a meter's claim waits for, as far as the mint bound leaves room; debt of its site comes first.
    function payClaim(address meter) external {
        ExchangeStorage.Layout storage $ = ExchangeStorage.load();
        MeterWord word = _meter(meter);
        MeterConfig storage config = $.configs[meter];
        uint256 claim = config.claimTicks;
        uint256 offset = GridLeg.repayDebt(config.site, meter, claim);
        uint256 mint = _min(claim - offset, $.mintBound.headroomTicks());
        mint = _min(mint, MeterWordLib.BALANCE_CEILING - _min(word.balanceTicks(), MeterWordLib.BALANCE_CEILING));
        if (mint + offset == 0) revert IExchangeErrors.NothingToPay();
        config.claimTicks = uint64(claim - offset - mint);
        word = GridLeg.syncFlags(meter, word.withBalance(word.balanceTicks() + mint));
        $.words[meter] = word;
        emit IExchangeEvents.ClaimPaid(meter, mint, offset, config.claimTicks, MeterWord.unwrap(word));
        if (mint != 0) $.credit.mint(address(this), mint * TokenMoves.BASE_UNITS_PER_TICK);
    }

    /// @dev Repay the site's debt from its meters' balances; what remains stops the verb.
    function _clearDebt(uint256 siteId) private {
        _clearDebtFromBalances(siteId);
        uint256 debt = ExchangeStorage.load().sites[siteId].debtTicks;
        if (debt != 0) revert IExchangeErrors.SiteIndebted(siteId, debt);
    }

    function _clearDebtFromBalances(uint256 siteId) private {
        ExchangeStorage.Layout storage $ = ExchangeStorage.load();
        Site storage site = $.sites[siteId];
        if (site.debtTicks == 0) return;
        uint256 burned;
        for (uint256 i = 0; i < site.meters.length && site.debtTicks != 0; ++i) {
            address meter = site.meters[i];
            MeterWord word = $.words[meter];
            uint256 repaid = GridLeg.repayDebt(siteId, meter, word.balanceTicks());
            if (repaid == 0) continue;
            burned += repaid;
            word = word.withBalance(word.balanceTicks() - repaid);
            $.words[meter] = word;
            emit IExchangeEvents.BalanceSeized(uint32(siteId), meter, repaid, MeterWord.unwrap(word));
        }
        TokenMoves.burn(burned);
    }

    /// @dev Money that may stem from slots up to `slot` is mature when they are closed and none stands flagged.
    function _requireMature(Zone storage z, uint256 slot) private view {
        if (slot > z.closedThrough) revert IExchangeErrors.NotMature(slot, z.closedThrough);
        uint256 flagged = SlotRecords.newestFlagUpTo(z, slot);
        if (flagged != 0) revert IExchangeErrors.SlotUnderInspection(flagged);
    }

    function _owned(address meter) private view returns (uint256 siteId) {
        ExchangeStorage.Layout storage $ = ExchangeStorage.load();
        siteId = $.configs[meter].site;
        if (siteId == 0) revert IExchangeErrors.UnknownMeter(meter, 0);
        if (msg.sender != $.sites[siteId].owner) revert IExchangeErrors.NotEntitled(msg.sender);
    }

    function _meter(address meter) private view returns (MeterWord word) {
        word = ExchangeStorage.load().words[meter];
        if (!word.isMeter()) revert IExchangeErrors.UnknownMeter(meter, 0);
    }

    function _site(uint256 siteId) private view returns (Site storage site) {
        site = ExchangeStorage.load().sites[siteId];
        if (!site.registered) revert IExchangeErrors.UnknownSite(siteId);
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
