// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ExchangeStorage} from "../ExchangeStorage.sol";
import {IExchangeErrors} from "../interfaces/IExchangeErrors.sol";
import {IExchangeEvents} from "../interfaces/IExchangeEvents.sol";
import {SlotRecord, Zone} from "../types/ExchangeTypes.sol";
import {MeterWord} from "../types/MeterWord.sol";
import {Clock} from "./Clock.sol";
import {GateOrders} from "./GateOrders.sol";
import {GridLeg} from "./GridLeg.sol";
import {Settlement} from "./Settlement.sol";
import {SlotRecords} from "./SlotRecords.sol";
import {ZoneMoney} from "./ZoneMoney.sol";

/// @notice Closes slots in order: settles positions whose meter was not read, checks the feeder, frees what matures.
library Closing {
    uint256 private constant PPM = 1e6;

    /// @notice Settle open positions of `meters` as if nothing had flowed, and close the slot if none is left.
    /// @dev Slots between the last closed one and `slot` that nobody ever touched are passed over.
    /// @return closed Whether the slot is closed now.
    function close(uint256 zone, uint256 slot, address[] calldata meters) external returns (bool closed) {
        Zone storage z = SlotRecords.zoneOf(zone);
        SlotRecord storage record = _next(z, zone, slot);
        // A meter that was read and then taken out of the zone must not stand for one that is still to be read.
        bool allRead =
            record.readCount >= z.activeMeters &&
                slot >= z.shrunkSlot &&
                record.status & SlotRecords.STATUS_FEEDER_READ != 0;
        uint256 deadline = Clock.readingDeadline(slot);
        if (block.timestamp < Clock.startOf(slot + 1) || (block.timestamp < deadline && !allRead)) {
            revert IExchangeErrors.ClosingTooEarly(slot, deadline, record.openPositions);
        }
        if (meters.length != 0) _closePositions(zone, slot, record, meters);
        if (record.openPositions != 0) return false;
        if (record.status & (SlotRecords.STATUS_CLEARED | SlotRecords.STATUS_RELEASED) == 0) {
            GateOrders.release(record, zone, slot);
        }
        record.status |= SlotRecords.STATUS_CLOSED;
        z.closedThrough = uint24(slot);
        bool flagged = record.slot == slot && !feederBalanced(z, record);
        if (flagged) SlotRecords.setFlag(z, slot, true);
        emit IExchangeEvents.SlotClosed(
            uint16(zone),
            uint32(slot),
            flagged,
            record.importWh,
            record.exportWh,
            record.feederWh,
            record.readCount
        );
        return true;
    }

    /// @notice Pass over slots that nobody touched: no orders, no readings, nothing to settle.
    /// @param through Last slot to pass over; its reading deadline must be over.
    function passOver(uint256 zone, uint256 through) external {
        Zone storage z = SlotRecords.zoneOf(zone);
        if (block.timestamp < Clock.readingDeadline(through)) {
            revert IExchangeErrors.ClosingTooEarly(through, Clock.readingDeadline(through), 0);
        }
        uint256 from = z.closedThrough + 1;
        if (through < from || through > type(uint24).max) revert IExchangeErrors.SlotOutOfRange(through);
        _requireUntouched(z, zone, from, through, through);
        SlotRecords.clearFlags(z, from, through);
        z.closedThrough = uint24(through);
        emit IExchangeEvents.SlotsPassedOver(uint16(zone), uint32(from), uint32(through));
    }

    /// @notice Whether what the feeder measured is the sum of its meters plus plausible losses. A meter that was not
    /// read in time may have taken or given up to its rated power; a missing feeder reading is never balanced.
    function feederBalanced(Zone storage z, SlotRecord storage record) internal view returns (bool) {
        if (record.status & SlotRecords.STATUS_FEEDER_READ == 0) return false;
        int256 netWh = int256(uint256(record.importWh)) - int256(uint256(record.exportWh));
        int256 unexplainedWh = int256(record.feederWh) - netWh;
        uint256 unreadWh = z.ratedWh > record.readRatedWh ? z.ratedWh - record.readRatedWh : 0;
        uint256 flowWh = uint256(record.importWh) + record.exportWh;
        int256 slackWh = int256(z.limits.toleranceWh + unreadWh);
        int256 lossWh = int256((flowWh * z.limits.lossPpm) / PPM);
        return unexplainedWh >= -slackWh && unexplainedWh <= slackWh + lossWh;
    }

    /// @dev The record of the next slot to close.
    function _next(Zone storage z, uint256 zone, uint256 slot) private returns (SlotRecord storage record) {
        uint256 expected = uint256(z.closedThrough) + 1;
        if (slot < expected) revert IExchangeErrors.ClosingOutOfOrder(slot, expected);
        if (slot > type(uint24).max) revert IExchangeErrors.SlotOutOfRange(slot);
        if (slot > expected) {
            _requireUntouched(z, zone, expected, slot - 1, slot);
            SlotRecords.clearFlags(z, expected, slot - 1);
        }
        return SlotRecords.open(zone, slot);
    }

    /// @dev Open records are at most a ring long, which bounds the loop whatever the caller names.
    /// @param asked The slot that the caller named, for the error.
    function _requireUntouched(
        Zone storage z,
        uint256 zone,
        uint256 from,
        uint256 through,
        uint256 asked
    ) private view {
        uint256 newest = z.newestSlot;
        uint256 last = newest < through ? newest : through;
        for (uint256 slot = from; slot <= last; ++slot) {
            if (SlotRecords.entry(zone, slot).slot == slot) revert IExchangeErrors.ClosingOutOfOrder(asked, slot);
        }
    }

    function _closePositions(uint256 zone, uint256 slot, SlotRecord storage record, address[] calldata meters) private {
        GridLeg.Ledger memory ledger = GridLeg.begin();
        uint256 lanes;
        for (uint256 i = 0; i < meters.length; ++i) {
            address meter = meters[i];
            MeterWord word = ExchangeStorage.load().words[meter];
            uint256 last = word.lastSlot();
            // A lane belongs to this slot only if the slot is one of the two after the last read one.
            bool open = word.zone() == zone && last < slot && slot <= last + 2 && word.lane(slot).isOpen();
            if (!open) {
                emit IExchangeEvents.CloseSkipped(
                    meter,
                    uint16(zone),
                    uint32(slot),
                    IExchangeErrors.NothingToClose.selector
                );
                continue;
            }
            ExchangeStorage.load().words[meter] = Settlement.settleUnread(ledger, meter, slot, word, record);
            ++lanes;
        }
        if (lanes != 0) ZoneMoney.payWork(record, zone, slot, lanes);
        GridLeg.finish(ledger);
    }
}
