// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ExchangeStorage} from "../ExchangeStorage.sol";
import {IExchangeErrors} from "../interfaces/IExchangeErrors.sol";
import {IExchangeEvents} from "../interfaces/IExchangeEvents.sol";
import {ClearingRule, Zone, ZoneAccounts, ZoneAccruals, ZoneLimits, ZoneTerms} from "../types/ExchangeTypes.sol";
import {MeterWordLib} from "../types/MeterWord.sol";
import {Clock} from "./Clock.sol";
import {SlotRecords} from "./SlotRecords.sol";
import {Tariff} from "./Tariff.sol";
import {TierFees} from "./TierFees.sol";
import {TokenMoves} from "./TokenMoves.sol";

/// @notice Zones: their bounds, terms, matcher and accounts. Outer bounds are constants.
library ZoneRegistry {
    /// @notice Highest trading fee, 10 %.
    uint256 internal constant MAX_FEE_PPM = 100_000;
    /// @notice Highest network charge and levy, 1 credit per kWh each.
    uint256 internal constant MAX_CHARGE_PRICE = 1_000_000;
    /// @notice Highest cap price, 4.19 credits per kWh: what a meter can owe or be owed for one reading, 2^40 Wh at this
    /// price and the charges, fits 64 bits.
    uint256 internal constant MAX_CAP_PRICE = 1 << 22;
    /// @notice Highest technical losses, 20 %.
    uint256 internal constant MAX_LOSS_PPM = 200_000;

    function create(
        uint256 zone,
        ZoneLimits calldata limits,
        ZoneTerms memory terms,
        ZoneAccounts calldata accounts
    ) external {
        Zone storage z = ExchangeStorage.load().zones[zone];
        if (zone == 0 || zone > MeterWordLib.MAX_ZONE || z.createdSlot != 0) revert IExchangeErrors.BadZone(zone);
        if (limits.floorPrice > limits.exportCapPrice) {
            revert IExchangeErrors.BadParameter("floorPrice", limits.floorPrice);
        }
        if (limits.exportCapPrice > limits.capPrice || limits.capPrice == 0 || limits.capPrice > MAX_CAP_PRICE) {
            revert IExchangeErrors.BadParameter("capPrice", limits.capPrice);
        }
        if (limits.lossPpm > MAX_LOSS_PPM) revert IExchangeErrors.BadParameter("lossPpm", limits.lossPpm);
        uint256 slot = Clock.slotNow();
        z.createdSlot = uint24(slot);
        z.closedThrough = uint24(slot - 1);
        z.newestSlot = uint24(slot - 1);
        z.limits = limits;
        terms.fromSlot = uint24(slot);
        _checkTerms(z, terms);
        z.terms = terms;
        Tariff.begin(z, terms, slot);
        _setAccounts(z, zone, accounts);
        emit IExchangeEvents.ZoneCreated(uint16(zone), limits, terms, accounts);
    }

    /// @notice Set the terms that hold from `terms.fromSlot`, whose gate must not be open. A change that holds already
    /// must be older than the ring before the next one, so that the terms of every open slot stay known. The prices of all
    /// slots whose gates are open are fixed first, by the terms that held.
    function setTerms(uint256 zone, ZoneTerms calldata terms) external {
        Zone storage z = SlotRecords.zoneOf(zone);
        _checkFuture(terms.fromSlot);
        _checkTerms(z, terms);
        Tariff.fix(zone, Clock.firstUnopenedSlot() - 1);
        uint256 pending = z.nextTerms.fromSlot;
        if (pending != 0 && pending < Clock.firstUnopenedSlot()) {
            if (pending + Clock.RING > Clock.slotNow()) revert IExchangeErrors.SlotOutOfRange(pending + Clock.RING);
            z.terms = z.nextTerms;
        }
        z.nextTerms = terms;
        emit IExchangeEvents.ZoneTermsSet(uint16(zone), terms);
    }

    /// @notice Name the matcher from `fromSlot` on, whose gate must not be open; the one before stays liable for its slots.
    function setMatcher(uint256 zone, address matcher, uint256 fromSlot) external {
        Zone storage z = SlotRecords.zoneOf(zone);
        _checkFuture(fromSlot);
        uint256 pending = z.nextMatcherSlot;
        if (pending != 0 && pending < Clock.firstUnopenedSlot()) {
            if (pending + Clock.RING > Clock.slotNow()) revert IExchangeErrors.SlotOutOfRange(pending + Clock.RING);
            z.matcher = z.nextMatcher;
        }
        z.nextMatcher = matcher;
        z.nextMatcherSlot = uint24(fromSlot);
        emit IExchangeEvents.MatcherSet(uint16(zone), matcher, uint32(fromSlot));
    }

    /// @notice Set the discounts of the trading fee by tier, see `TierFees`.
    function setTierDiscounts(uint256 discounts) external {
        uint256 unsound = TierFees.firstUnsound(discounts);
        if (unsound != TierFees.TIERS) revert IExchangeErrors.BadParameter("tierDiscounts", unsound);
        ExchangeStorage.load().tierDiscounts.lanes = discounts;
        emit IExchangeEvents.TierDiscountsSet(discounts);
    }

    function setAccounts(uint256 zone, ZoneAccounts calldata accounts) external {
        _setAccounts(SlotRecords.zoneOf(zone), zone, accounts);
        emit IExchangeEvents.ZoneAccountsSet(uint16(zone), accounts);
    }

    /// @notice Pay what has accrued to the zone's four accounts. Anybody may call.
    function collectCharges(uint256 zone) external {
        Zone storage z = SlotRecords.zoneOf(zone);
        ZoneAccruals memory amounts = z.accruals;
        if (amounts.network | amounts.levy | amounts.fee | amounts.season == 0) revert IExchangeErrors.NothingToPay();
        delete z.accruals;
        emit IExchangeEvents.ChargesCollected(uint16(zone), amounts);
        TokenMoves.push(z.accounts.network, amounts.network);
        TokenMoves.push(z.accounts.levy, amounts.levy);
        TokenMoves.push(z.accounts.fee, amounts.fee);
        TokenMoves.push(z.accounts.season, amounts.season);
    }

    /// @notice Pay the caller what it earned by doing the exchange's work or by proving a fault.
    function collectEarnings(address to) external {
        uint256 amount = ExchangeStorage.load().earned[msg.sender];
        if (amount == 0) revert IExchangeErrors.NothingToPay();
        ExchangeStorage.load().earned[msg.sender] = 0;
        emit IExchangeEvents.EarningsCollected(msg.sender, to, amount);
        TokenMoves.push(to, amount);
    }

    /// @notice End the inspection of a flagged slot before its deadline.
    function endInspection(uint256 zone, uint256 slot, string calldata reason) external {
        Zone storage z = SlotRecords.zoneOf(zone);
        if (SlotRecords.existing(zone, slot).slot > z.closedThrough || !SlotRecords.isFlagged(z, slot)) {
            revert IExchangeErrors.NoSlotRecord(zone, slot);
        }
        SlotRecords.setFlag(z, slot, false);
        emit IExchangeEvents.InspectionEnded(uint16(zone), uint32(slot), msg.sender, reason);
    }

    function _setAccounts(Zone storage z, uint256 zone, ZoneAccounts calldata accounts) private {
        if (
            accounts.network == address(0) ||
            accounts.levy == address(0) ||
            accounts.fee == address(0) ||
            accounts.season == address(0)
        ) revert IExchangeErrors.BadParameter("accounts", zone);
        z.accounts = accounts;
    }

    function _checkFuture(uint256 slot) private view {
        if (slot < Clock.firstUnopenedSlot() || slot > MeterWordLib.MAX_SLOT) {
            revert IExchangeErrors.SlotOutOfRange(slot);
        }
    }

    function _checkTerms(Zone storage z, ZoneTerms memory terms) private view {
        if (terms.importPrice == 0 || terms.importPrice > z.limits.capPrice) {
            revert IExchangeErrors.BadParameter("importPrice", terms.importPrice);
        }
        if (
            terms.exportPrice > terms.importPrice ||
            terms.exportPrice < z.limits.floorPrice ||
            terms.exportPrice > z.limits.exportCapPrice
        ) revert IExchangeErrors.BadParameter("exportPrice", terms.exportPrice);
        if (terms.rule > uint8(type(ClearingRule).max)) revert IExchangeErrors.BadParameter("rule", terms.rule);
        if (terms.feePpm > MAX_FEE_PPM) revert IExchangeErrors.BadParameter("feePpm", terms.feePpm);
        if (terms.networkLocalPrice > terms.networkGridPrice) {
            revert IExchangeErrors.BadParameter("networkLocalPrice", terms.networkLocalPrice);
        }
        if (terms.networkGridPrice > MAX_CHARGE_PRICE) {
            revert IExchangeErrors.BadParameter("networkGridPrice", terms.networkGridPrice);
        }
        if (terms.slopePpm > Tariff.MAX_SLOPE_PPM) revert IExchangeErrors.BadParameter("slopePpm", terms.slopePpm);
        if (terms.levyPrice > MAX_CHARGE_PRICE) revert IExchangeErrors.BadParameter("levyPrice", terms.levyPrice);
    }
}
