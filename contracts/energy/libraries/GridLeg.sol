// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ExchangeStorage} from "../ExchangeStorage.sol";
import {IExchangeEvents} from "../interfaces/IExchangeEvents.sol";
import {MeterConfig, MeterKind, Site, ZoneLimits} from "../types/ExchangeTypes.sol";
import {MeterWord, MeterWordLib} from "../types/MeterWord.sol";
import {PackedLib, SettlementLine} from "../types/Packed.sol";
import {Clock} from "./Clock.sol";
import {ZoneRegistry} from "./ZoneRegistry.sol";

/// @notice The money between a meter and the grid: mints what the grid owes, burns what it is owed, gross per meter.
/// What a meter cannot pay is burned from its site's bond, the rest is the site's debt. Charges rank last.
library GridLeg {
    uint256 internal constant BASE_UNITS_PER_TICK = 1e9;

    /// @notice What a batch has moved so far, ticks. The token is touched once a batch.
    struct Ledger {
        uint256 minted;
        uint256 burned;
        uint256 network;
        uint256 levy;
        uint256 mintable; // headroom of the mint bound, moved along with minted and burned
    }

    /// @notice What one meter gets and owes for one slot, ticks.
    struct Due {
        uint256 proceeds; // from the buyers, set aside at clearing
        uint256 mint; // value of long imbalance or gap export
        uint256 burn; // value of short imbalance or gap import
        uint256 network;
        uint256 levy;
    }

    function begin() internal view returns (Ledger memory ledger) {
        ledger.mintable = ExchangeStorage.load().mintBound.headroomTicks();
    }

    /// @notice Carry out what the ledger sums up: mint, then burn, because a burn may be paid from the same batch's mint.
    function finish(Ledger memory ledger) internal {
        ExchangeStorage.Layout storage $ = ExchangeStorage.load();
        if (ledger.minted != 0) $.credit.mint(address(this), ledger.minted * BASE_UNITS_PER_TICK);
        if (ledger.burned != 0) $.credit.burn(ledger.burned * BASE_UNITS_PER_TICK);
    }

    /// @notice Settle `due` on the meter's balance.
    /// @return The word with its new balance and flags, and the line for the event.
    function apply_(
        Ledger memory ledger,
        address meter,
        uint256 slot,
        MeterWord word,
        Due memory due
    ) internal returns (MeterWord, SettlementLine) {
        uint256 mint = due.mint;
        uint256 burn = due.burn;
        // Bounds: every term is below 2^64, so sums of a few cannot overflow.
        unchecked {
            uint256 available = word.balanceTicks() + due.proceeds + mint;
            uint256 owed = burn + due.network + due.levy;
            if (
                available < owed ||
                mint > ledger.mintable ||
                available - owed > MeterWordLib.BALANCE_CEILING ||
                word.has(MeterWordLib.FLAG_INDEBTED)
            ) return _applyCold(ledger, meter, slot, word, due);
            ledger.minted += mint;
            ledger.burned += burn;
            ledger.mintable = ledger.mintable + burn - mint;
            ledger.network += due.network;
            ledger.levy += due.levy;
            return (word.withBalance(available - owed), PackedLib.packLine(mint, burn, due.network, due.levy));
        }
    }

    /// @dev The plain path for everything out of the ordinary: missing headroom, debt, an empty balance.
    function _applyCold(
        Ledger memory ledger,
        address meter,
        uint256 slot,
        MeterWord word,
        Due memory due
    ) private returns (MeterWord, SettlementLine) {
        MeterConfig storage config = ExchangeStorage.load().configs[meter];
        uint256 balance = word.balanceTicks();

        // 1. Earnings: what cannot be minted, or would not fit the balance, waits as a claim.
        uint256 mint = _min(due.mint, ledger.mintable);
        mint = _min(mint, MeterWordLib.BALANCE_CEILING - _min(MeterWordLib.BALANCE_CEILING, balance + due.proceeds));
        if (mint < due.mint) {
            // A claim never outgrows its 64 bits (18 billion credits): one meter must not stop the batch of others.
            uint256 granted = _min(due.mint - mint, type(uint64).max - config.claimTicks);
            config.claimTicks += uint64(granted);
            emit IExchangeEvents.ClaimGranted(meter, granted, config.claimTicks);
        }
        uint256 earnings = due.proceeds + mint;
        uint256 available = balance + earnings;

        // 2. What the grid is owed: from the balance, then the bond, then as debt.
        uint256 burn = _min(due.burn, available);
        available -= burn;
        if (burn < due.burn) {
            uint256 missing = due.burn - burn;
            (uint256 bondBurned, MeterWord flagged) = incurDebt(config.site, meter, word, missing);
            word = flagged;
            burn += bondBurned;
        }

        // 3. Earnings of a flagged meter go to its site's debt first.
        if (word.has(MeterWordLib.FLAG_INDEBTED)) {
            uint256 repaid = repayDebt(config.site, meter, _min(available, earnings));
            available -= repaid;
            burn += repaid;
            word = syncFlags(meter, word);
        }

        // 4. Charges rank last; what is not paid lapses.
        uint256 network = _min(due.network, available);
        available -= network;
        uint256 levy = _min(due.levy, available);
        available -= levy;
        if (network < due.network || levy < due.levy) {
            emit IExchangeEvents.ChargesLapsed(meter, uint32(slot), due.network - network, due.levy - levy);
        }

        ledger.minted += mint;
        ledger.burned += burn;
        ledger.mintable = ledger.mintable + burn - mint;
        ledger.network += network;
        ledger.levy += levy;
        return (word.withBalance(available), PackedLib.packLine(mint, burn, network, levy));
    }

    /// @notice Book `missing` ticks against the site: its bond is burned first, the rest becomes debt.
    /// @return bondBurned What the caller must burn; and the meter's word with its flags brought up to date.
    function incurDebt(
        uint256 siteId,
        address meter,
        MeterWord word,
        uint256 missing
    ) internal returns (uint256 bondBurned, MeterWord) {
        Site storage site = ExchangeStorage.load().sites[siteId];
        bondBurned = _min(missing, site.bondTicks);
        site.bondTicks -= uint64(bondBurned);
        // Nor does a debt: what goes beyond is the grid's loss.
        uint256 added = _min(missing - bondBurned, type(uint64).max - site.debtTicks);
        site.debtTicks += uint64(added);
        emit IExchangeEvents.DebtIncurred(uint32(siteId), meter, bondBurned, added, site.debtTicks);
        return (bondBurned, syncFlags(meter, word));
    }

    /// @notice Repay up to `most` ticks of the site's debt; the caller burns what is returned.
    function repayDebt(uint256 siteId, address meter, uint256 most) internal returns (uint256 repaid) {
        Site storage site = ExchangeStorage.load().sites[siteId];
        repaid = _min(most, site.debtTicks);
        if (repaid == 0) return 0;
        site.debtTicks -= uint64(repaid);
        emit IExchangeEvents.DebtRepaid(uint32(siteId), meter, repaid, site.debtTicks);
    }

    /// @notice The word with its debt and bond flags as the site's state says.
    function syncFlags(address meter, MeterWord word) internal view returns (MeterWord) {
        uint256 siteId = ExchangeStorage.load().configs[meter].site;
        Site storage site = ExchangeStorage.load().sites[siteId];
        bool bonded = site.bondTicks >= site.unbondingTicks + requiredBond(siteId);
        return
            word.withFlag(MeterWordLib.FLAG_INDEBTED, site.debtTicks != 0).withFlag(
                MeterWordLib.FLAG_BONDED,
                bonded && mayExport(ExchangeStorage.load().configs[meter].kind)
            );
    }

    /// @notice Whether meters of this kind may export and offer, and therefore carry a bond.
    function mayExport(MeterKind kind) internal pure returns (bool) {
        return kind == MeterKind.Prosumer || kind == MeterKind.Producer || kind == MeterKind.Storage;
    }

    /// @notice Bring the flags of all meters of a site up to date; a site has at most 16.
    function syncSite(uint256 siteId) internal {
        ExchangeStorage.Layout storage $ = ExchangeStorage.load();
        address[] storage meters = $.sites[siteId].meters;
        for (uint256 i = 0; i < meters.length; ++i) storeSynced(meters[i], $.words[meters[i]]);
    }

    /// @notice Store a meter's word with its flags brought up to date.
    function storeSynced(address meter, MeterWord word) internal {
        word = syncFlags(meter, word);
        ExchangeStorage.load().words[meter] = word;
        emit IExchangeEvents.MeterSynced(meter, MeterWord.unwrap(word));
    }

    /// @notice Bond a site needs so that its meters may offer: the parts of its meters.
    function requiredBond(uint256 siteId) internal view returns (uint256 ticks) {
        Site storage site = ExchangeStorage.load().sites[siteId];
        uint256 perWh = _bondPrice(site.zone);
        uint256 count = site.meters.length;
        for (uint256 i = 0; i < count; ++i) ticks += _ratedWh(site.meters[i]) * perWh;
    }

    /// @notice Part of a meter in its site's required bond; nothing for a meter that may not export.
    function bondPart(uint256 siteId, address meter) internal view returns (uint256 ticks) {
        return _ratedWh(meter) * _bondPrice(ExchangeStorage.load().sites[siteId].zone);
    }

    /// @dev Bond a rated Wh of a slot: the larger of two slots at the cap price and the highest network charge (what an
    /// undelivered sale can cost) and the whole time until exports are beyond inspection at the highest export price
    /// (what a lie can mint before it is looked at).
    function _bondPrice(uint256 zone) private view returns (uint256) {
        ZoneLimits storage limits = ExchangeStorage.load().zones[zone].limits;
        uint256 undelivered = 2 * (uint256(limits.capPrice) + ZoneRegistry.MAX_CHARGE_PRICE);
        uint256 window = 1 + Clock.READING_SLOTS + Clock.INSPECTION_SLOTS;
        return _max(undelivered, window * limits.exportCapPrice);
    }

    /// @dev What an exporting meter can carry in a slot; zero for the others.
    function _ratedWh(address meter) private view returns (uint256) {
        ExchangeStorage.Layout storage $ = ExchangeStorage.load();
        return mayExport($.configs[meter].kind) ? $.words[meter].slotLimitWh() : 0;
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }

    function _max(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a : b;
    }
}
