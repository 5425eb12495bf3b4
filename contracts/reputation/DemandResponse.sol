// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ReadingLeaf, SiteView} from "../energy/types/ExchangeTypes.sol";
import {ISeasons} from "./ISeasons.sol";
import {SeasonBase} from "./SeasonBase.sol";
import {SeasonPoints} from "./SeasonPoints.sol";
import {DemandEvent, ProvenReading, SiteStage, SiteTally} from "./SeasonTypes.sol";

/// @notice Events in which the grid asks a zone to use less, and points for whoever did, against its own baseline.
abstract contract DemandResponse is SeasonBase {
    /// @notice An event is called at least this many slots ahead: before the gate of its first slot closes for orders.
    uint256 private constant MIN_NOTICE = 8;
    /// @notice And at most this many, so that every baseline day has passed when the event becomes known.
    uint256 private constant MAX_NOTICE = 95;
    uint256 private constant MAX_EVENT_SLOTS = 32;
    uint256 private constant MAX_POINTS_PPM = 1_000_000;
    uint256 private constant SLOTS_PER_DAY = 96;
    /// @notice A baseline looks back this many days.
    uint256 private constant LOOK_BACK_DAYS = 28;
    uint256 private constant BASELINE_DAYS = 3;

    /// @inheritdoc ISeasons
    function callEvent(
        uint16 zone,
        uint32 firstSlot,
        uint8 slots,
        uint24 pointsPpm
    ) external restricted returns (uint256 eventId) {
        if (slots == 0 || slots > MAX_EVENT_SLOTS) revert BadParameter("slots", slots);
        if (pointsPpm == 0 || pointsPpm > MAX_POINTS_PPM) revert BadParameter("pointsPpm", pointsPpm);
        _zone(zone);
        uint32 season = seasonAt(firstSlot);
        uint256 now_ = _slotNow();
        uint256 last = uint256(firstSlot) + slots - 1;
        if (firstSlot < now_ + MIN_NOTICE || season == 0) revert EventOutOfRange(firstSlot);
        if (last > now_ + MAX_NOTICE || season != seasonAt(uint32(last))) revert EventOutOfRange(uint32(last));
        for (uint256 slot = firstSlot; slot <= last; ++slot) {
            // Between two events of a quarter hour lies a comparable day without one.
            if (_isEvent(zone, slot) || _isEvent(zone, _comparableBefore(slot))) {
                revert EventTooSoon(zone, uint32(slot));
            }
            _baseline(zone, slot);
            _eventSlots[zone][slot >> 8] |= 1 << (slot & 0xff);
        }
        _events.push(
            DemandEvent({season: season, zone: zone, firstSlot: uint24(firstSlot), slots: slots, pointsPpm: pointsPpm})
        );
        eventId = _events.length;
        emit EventCalled(eventId, zone, season, firstSlot, slots, pointsPpm);
    }

    /// @inheritdoc ISeasons
    function claimEvent(uint256 eventId, uint32 slot, uint32 site, ProvenReading[] calldata readings) external {
        DemandEvent memory called = demandEvent(eventId);
        if (slot < called.firstSlot || slot >= uint256(called.firstSlot) + called.slots) {
            revert UnknownEvent(eventId, slot);
        }
        SiteView memory info = _site(site);
        _requireEntitled(info.owner);
        if (info.zone != called.zone) revert UnknownEvent(eventId, slot);
        _requireClaimsOpen(called.season);
        SiteTally storage tally = _atStage(called.season, site, SiteStage.Enrolled);
        uint256 bit = 1 << (slot - called.firstSlot);
        if (_eventClaims[eventId][site] & bit != 0) revert EventClaimed(eventId, site, slot);
        _eventClaims[eventId][site] |= bit;

        (int256 baseline, int256 actual) = _flows(info.meters, _baseline(called.zone, slot), slot, readings);
        uint256 shedWh = SeasonPoints.shed(baseline, actual);
        int256 pointsPpm = int256(shedWh * called.pointsPpm);
        tally.pointsPpm += int96(pointsPpm);
        tally.shedWh += uint40(shedWh);
        emit LoadShed(eventId, site, slot, baseline, actual, shedWh, pointsPpm);
    }

    /// @inheritdoc ISeasons
    function demandEvent(uint256 eventId) public view returns (DemandEvent memory) {
        if (eventId == 0 || eventId > _events.length) revert UnknownEvent(eventId, 0);
        return _events[eventId - 1];
    }

    /// @inheritdoc ISeasons
    function isEventSlot(uint16 zone, uint32 slot) external view returns (bool) {
        return _isEvent(zone, slot);
    }

    /// @inheritdoc ISeasons
    function isEventClaimed(uint256 eventId, uint32 site, uint32 slot) external view returns (bool) {
        uint256 first = demandEvent(eventId).firstSlot;
        return slot >= first && slot < first + 256 && (_eventClaims[eventId][site] >> (slot - first)) & 1 == 1;
    }

    /// @inheritdoc ISeasons
    function baselineSlots(uint16 zone, uint32 slot) external view returns (uint32[3] memory) {
        return _baseline(zone, slot);
    }

    /// @dev Net import of all meters of a site: over the three baseline slots together, and in the event's slot.
    function _flows(
        address[] memory meters,
        uint32[3] memory base,
        uint32 slot,
        ProvenReading[] calldata readings
    ) private view returns (int256 baseline, int256 actual) {
        uint256 next;
        for (uint256 i = 0; i < meters.length; ++i) {
            if (_word(meters[i]).has(FLAG_FEEDER)) continue;
            for (uint256 day = 0; day < BASELINE_DAYS; ++day) {
                baseline += _net(readings, next++, meters[i], base[day]);
            }
            actual += _net(readings, next++, meters[i], slot);
        }
        if (next != readings.length) revert UnexpectedReading(next, address(0), 0);
    }

    /// @dev Net import of the reading at a place, which is the meter's of the slot.
    function _net(
        ProvenReading[] calldata readings,
        uint256 index,
        address meter,
        uint32 slot
    ) private view returns (int256) {
        if (index >= readings.length) revert UnexpectedReading(index, meter, slot);
        ReadingLeaf calldata leaf = readings[index].leaf;
        if (leaf.meter != meter || leaf.slot != slot) revert UnexpectedReading(index, meter, slot);
        _verify(readings[index]);
        return int256(uint256(leaf.importWh)) - int256(uint256(leaf.exportWh));
    }

    /// @dev The same quarter hour of the last three days of the same class (weekdays, weekend) that were no events.
    function _baseline(uint256 zone, uint256 slot) private view returns (uint32[3] memory slots) {
        uint256 found;
        bool weekend = SeasonPoints.isWeekend(slot);
        for (uint256 back = 1; back <= LOOK_BACK_DAYS && slot >= back * SLOTS_PER_DAY; ++back) {
            uint256 candidate = slot - back * SLOTS_PER_DAY;
            if (SeasonPoints.isWeekend(candidate) != weekend || _isEvent(zone, candidate)) continue;
            slots[found] = uint32(candidate);
            if (++found == BASELINE_DAYS) return slots;
        }
        revert NoBaseline(uint16(zone), uint32(slot));
    }

    /// @dev The same quarter hour of the day of the same class before, which is six days back at most.
    function _comparableBefore(uint256 slot) private pure returns (uint256 candidate) {
        bool weekend = SeasonPoints.isWeekend(slot);
        candidate = slot;
        do {
            candidate -= SLOTS_PER_DAY;
        } while (SeasonPoints.isWeekend(candidate) != weekend);
    }

    function _isEvent(uint256 zone, uint256 slot) private view returns (bool) {
        return (_eventSlots[zone][slot >> 8] >> (slot & 0xff)) & 1 == 1;
    }
}
