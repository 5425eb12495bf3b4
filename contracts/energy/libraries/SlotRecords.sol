// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ExchangeStorage} from "../ExchangeStorage.sol";
import {IExchangeErrors} from "../interfaces/IExchangeErrors.sol";
import {IExchangeEvents} from "../interfaces/IExchangeEvents.sol";
import {ClearingRule, SlotRecord, Zone, ZoneTerms} from "../types/ExchangeTypes.sol";
import {Clock} from "./Clock.sol";
import {Tariff} from "./Tariff.sol";

/// @notice The ring of slot records of a zone: a record is taken over for a new slot by whoever touches the slot first,
/// which also freezes the slot's prices in it.
library SlotRecords {
    uint8 internal constant STATUS_SBBA = 1;
    uint8 internal constant STATUS_CLEARED = 2;
    uint8 internal constant STATUS_COMMITTED = 4;
    uint8 internal constant STATUS_FEEDER_READ = 8;
    uint8 internal constant STATUS_CLOSED = 16;
    uint8 internal constant STATUS_RELEASED = 32;
    uint8 internal constant STATUS_DEFAULT_PUNISHED = 64;
    uint8 internal constant STATUS_BOOK_CLEARED = 128;

    /// @notice The zone, or `BadZone`.
    function zoneOf(uint256 zone) internal view returns (Zone storage z) {
        z = ExchangeStorage.load().zones[zone];
        if (z.createdSlot == 0) revert IExchangeErrors.BadZone(zone);
    }

    /// @notice The record that holds `slot` now, or `NoSlotRecord`.
    function existing(uint256 zone, uint256 slot) internal view returns (SlotRecord storage record) {
        record = entry(zone, slot);
        // An entry that was never used says slot 0, which no market has.
        if (record.slot != slot || slot == 0) revert IExchangeErrors.NoSlotRecord(zone, slot);
    }

    /// @notice The ring entry of `slot`, whichever slot it holds.
    function entry(uint256 zone, uint256 slot) internal view returns (SlotRecord storage) {
        return ExchangeStorage.load().records[zone][slot % Clock.RING];
    }

    /// @notice The record of `slot`, taken over from an older slot if it is the first touch.
    /// @dev Reverts with `RecordInUse` while the older slot is open or under inspection, with `SlotOutOfRange` before the
    /// slot's gate opens.
    function open(uint256 zone, uint256 slot) internal returns (SlotRecord storage record) {
        record = entry(zone, slot);
        uint256 held = record.slot;
        // An entry that was never used says slot 0, which no market has: it is refused below.
        if (held == slot && slot != 0) return record;
        Zone storage z = zoneOf(zone);
        if (slot <= z.closedThrough || slot > type(uint24).max) revert IExchangeErrors.SlotOutOfRange(slot);
        if (held > z.closedThrough || isFlagged(z, held)) revert IExchangeErrors.RecordInUse(slot, held);

        // Every price that looks at the older slot's figures is fixed before they go.
        (uint256 importPrice, uint256 exportPrice) = Tariff.touch(zone, slot);
        ZoneTerms memory terms = termsAt(z, slot);
        terms.importPrice = uint24(importPrice);
        terms.exportPrice = uint24(exportPrice);
        record.slot = uint24(slot);
        record.importPrice = terms.importPrice;
        record.exportPrice = terms.exportPrice;
        record.feePpm = terms.feePpm;
        record.networkLocalPrice = terms.networkLocalPrice;
        record.networkGridPrice = terms.networkGridPrice;
        record.levyPrice = terms.levyPrice;
        record.status = terms.rule == uint8(ClearingRule.Sbba) ? STATUS_SBBA : 0;
        record.clearingPrice = 0;
        record.openPositions = 0;
        record.readCount = 0;
        record.placedCount = 0;
        record.importWh = 0;
        record.exportWh = 0;
        record.readRatedWh = 0;
        record.feederWh = 0;
        record.workTicks = 0;
        record.used = true;
        record.bookHash = 0;
        record.matcher = address(0);
        record.bookOrders = 0;
        record.matchedWh = 0;
        z.flagged &= ~_bit(slot);
        if (slot > z.newestSlot) z.newestSlot = uint24(slot);
        emit IExchangeEvents.SlotOpened(uint16(zone), uint32(slot), terms);
    }

    /// @notice Write what a clearing leaves in the record, which is one run of fields of word 1, in one go.
    function setCleared(
        SlotRecord storage record,
        uint256 status,
        uint256 clearingPrice,
        uint256 openPositions,
        uint256 matchedWh,
        uint256 workTicks
    ) internal {
        assembly ("memory-safe") {
            let cleared := or(or(status, shl(8, clearingPrice)), or(shl(32, openPositions), shl(48, matchedWh)))
            cleared := or(cleared, shl(88, workTicks))
            sstore(record.slot, or(shr(144, shl(144, sload(record.slot))), shl(112, cleared)))
        }
    }

    /// @notice Terms that hold for a slot, with the base prices. They are fixed when the slot's gate opens.
    function termsAt(Zone storage z, uint256 slot) internal view returns (ZoneTerms memory terms) {
        uint256 nextFrom = z.nextTerms.fromSlot;
        terms = nextFrom != 0 && slot >= nextFrom ? z.nextTerms : z.terms;
    }

    /// @notice The matcher that may commit and is liable for `slot`.
    function matcherAt(Zone storage z, uint256 slot) internal view returns (address) {
        uint256 nextFrom = z.nextMatcherSlot;
        return nextFrom != 0 && slot >= nextFrom ? z.nextMatcher : z.matcher;
    }

    /// @notice Whether a flag on `slot` still delays money.
    function isFlagged(Zone storage z, uint256 slot) internal view returns (bool) {
        return z.flagged & _bit(slot) != 0 && block.timestamp < Clock.inspectionDeadline(slot);
    }

    /// @notice The newest slot up to `slot` whose flag still delays money, or 0.
    function newestFlagUpTo(Zone storage z, uint256 slot) internal view returns (uint256) {
        uint256 bits = z.flagged;
        if (bits == 0) return 0;
        for (uint256 back = 0; back < Clock.RING && back < slot; ++back) {
            uint256 candidate = slot - back;
            if (block.timestamp >= Clock.inspectionDeadline(candidate)) break;
            if (bits & _bit(candidate) != 0) return candidate;
        }
        return 0;
    }

    function setFlag(Zone storage z, uint256 slot, bool on) internal {
        if (on) z.flagged |= _bit(slot);
        else z.flagged &= ~_bit(slot);
    }

    /// @notice Slots that are passed over were not looked at: a flag that an older slot left in their place in the ring,
    /// beyond its inspection by now, must not pass for theirs.
    function clearFlags(Zone storage z, uint256 from, uint256 through) internal {
        uint128 flagged = z.flagged;
        if (flagged == 0) return;
        if (through - from >= Clock.RING) flagged = 0;
        else for (uint256 slot = from; slot <= through; ++slot) flagged &= ~_bit(slot);
        z.flagged = flagged;
    }

    function _bit(uint256 slot) private pure returns (uint128) {
        return uint128(1) << uint128(slot % Clock.RING);
    }
}
