// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ExchangeStorage} from "../ExchangeStorage.sol";
import {IEnergyQueue} from "../interfaces/IEnergyQueue.sol";
import {IExchangeErrors} from "../interfaces/IExchangeErrors.sol";
import {IExchangeEvents} from "../interfaces/IExchangeEvents.sol";
import {SlotRecord, Zone, ZoneTerms} from "../types/ExchangeTypes.sol";
import {Clock} from "./Clock.sol";
import {SlotRecords} from "./SlotRecords.sol";

/// @notice Import and export price of every slot, a pure function of what was frozen before the slot's gate opened:
/// the zone's terms, the readings accepted in time of three earlier slots, and the energy that was queued. So it does
/// not matter who fixes a price, when, or in which order slots are touched, closed or flagged.
///
/// Scarcity of a slot is `(import - export) / (import + export)` of its meters. The expected one of slot s is that of
/// s - 96 (yesterday, with the queued energy added to the demand), corrected by half of how s - 14 differed from
/// s - 110. The reference price follows `base * (1 + slope * expected)`, at most an eighth a slot, within the zone's
/// bounds; import and export lie half the terms' spread above and below it.
///
/// Slots are fixed one after the other. A word a slot waits in a ring of 128:
/// ```
///   0..23   24  slot
///  24..47   24  referencePrice  ticks per Wh
///  48..71   24  importPrice     ticks per Wh
///  72..95   24  exportPrice     ticks per Wh
/// ```
/// and the published scarcity, 16 bits a slot in hundreds of ppm, in a ring of 4,096.
library Tariff {
    /// @notice Slots of a day.
    uint256 internal constant DAY_SLOTS = 96;
    /// @notice The newest slot whose readings are in when a gate opens lies this far back.
    uint256 internal constant LATEST_SLOTS = 14;
    /// @notice How far back a price looks: the latest slot's own yesterday.
    uint256 internal constant REACH_SLOTS = DAY_SLOTS + LATEST_SLOTS;
    /// @notice Slots whose published scarcity is kept: 42 days.
    uint256 internal constant SCARCITY_RING = 4096;
    /// @notice The reference price moves by at most this part of itself a slot: an eighth is 12.5 %.
    uint256 internal constant STEP_DIVISOR = 8;
    /// @notice Queued energy counts up to this part of yesterday's demand: a quarter.
    uint256 internal constant QUEUE_DIVISOR = 4;
    /// @notice Gas that the queue may use for an answer.
    uint256 internal constant QUEUE_GAS = 50_000;
    /// @notice Gas that must be left before the queue is asked, so that a 63/64th of it covers `QUEUE_GAS`: nobody can
    /// starve the answer and get a price without it.
    uint256 internal constant QUEUE_RESERVE = 60_000;
    /// @notice Highest slope: a scarcity of 1 doubles the base price.
    uint256 internal constant MAX_SLOPE_PPM = 1_000_000;

    /// @dev Scarcity of one, in hundreds of ppm.
    int256 private constant ONE = 10_000;
    /// @dev A scarcity of one times a slope of one, in the units of both.
    int256 private constant SLOPED_ONE = ONE * 1e6;
    uint256 private constant LANES = 16;
    int256 private constant PPM_PER_STEP = 100;

    /// @dev What is fixed for one slot.
    struct Price {
        uint256 level;
        uint256 importPrice;
        uint256 exportPrice;
        int256 scarcity; // published, hundreds of ppm
        uint256 queuedWh; // counted
    }

    /// @notice Start a zone's tariff at the base price of its first terms.
    function begin(Zone storage z, ZoneTerms memory terms, uint256 slot) internal {
        z.tariffThrough = uint24(slot - 1);
        z.referencePrice = uint24((uint256(terms.importPrice) + terms.exportPrice) / 2);
    }

    /// @notice Name the contract that knows the queued energy. Once; it counts from the first slot whose gate is not
    /// open, so no price that anybody could know moves.
    function setQueue(address queue) external {
        ExchangeStorage.Layout storage $ = ExchangeStorage.load();
        if (queue.code.length == 0 || $.energyQueue != address(0)) {
            revert IExchangeErrors.BadParameter("queue", uint160(queue));
        }
        $.energyQueue = queue;
        $.energyQueueFrom = uint24(Clock.firstUnopenedSlot());
        emit IExchangeEvents.EnergyQueueSet(queue, $.energyQueueFrom);
    }

    /// @notice Who knows the queued energy, and from which slot it counts.
    function queueInForce() external view returns (address queue, uint32 fromSlot) {
        ExchangeStorage.Layout storage $ = ExchangeStorage.load();
        return ($.energyQueue, $.energyQueueFrom);
    }

    /// @notice Fix every price up to that of slot `through`, whose gate must be open. Nothing happens if it is fixed.
    /// @dev Slots that cannot have readings a day before them, of a zone that stood still, are skipped but for the last
    /// 128: so a call fixes at most 96 slots with figures and 128 without, however long the zone stood still.
    function fix(uint256 zone, uint256 through) public {
        Zone storage z = SlotRecords.zoneOf(zone);
        uint256 slot = uint256(z.tariffThrough) + 1;
        if (through < slot) return;
        if (through > _lastFixable()) revert IExchangeErrors.SlotOutOfRange(through);
        uint256 level = z.referencePrice;
        uint256 kept = _keptFrom(through);
        while (slot <= through) {
            if (slot < kept && _standsStill(z, slot)) {
                level = _drift(z, slot, kept - 1, level);
                _forget(z, slot, kept - 1);
                slot = kept;
            }
            Price memory price = _next(z, zone, slot, level);
            level = price.level;
            z.tariff[slot % Clock.RING] = (price.exportPrice << 72) | (price.importPrice << 48) | (level << 24) | slot;
            _publish(z, slot, price.scarcity);
            emit IExchangeEvents.TariffFixed(
                uint16(zone),
                uint32(slot),
                uint24(price.importPrice),
                uint24(price.exportPrice),
                int32(price.scarcity * PPM_PER_STEP),
                uint48(price.queuedWh)
            );
            ++slot;
        }
        z.tariffThrough = uint24(through);
        z.referencePrice = uint24(level);
    }

    /// @notice The prices that a slot's record is to hold; fixes them, and all before them, if nobody has.
    /// @dev A slot that nobody touched until its price left the ring gets none: it has no trade and no reading in time.
    function touch(uint256 zone, uint256 slot) external returns (uint256 importPrice, uint256 exportPrice) {
        fix(zone, slot);
        if (slot < _keptFrom(_lastFixable())) return (0, 0);
        return _unpack(ExchangeStorage.load().zones[zone].tariff[slot % Clock.RING]);
    }

    /// @notice Prices and published scarcity of a slot that is fixed, or that anybody could fix now.
    function priceAt(
        uint256 zone,
        uint256 slot
    ) external view returns (uint24 importPrice, uint24 exportPrice, int32 scarcityPpm) {
        Zone storage z = SlotRecords.zoneOf(zone);
        uint256 fixedThrough = z.tariffThrough;
        if (slot < z.createdSlot || slot < _keptFrom(fixedThrough) || slot > _lastFixable()) {
            revert IExchangeErrors.SlotOutOfRange(slot);
        }
        if (slot <= fixedThrough) {
            (uint256 import_, uint256 export_) = _unpack(z.tariff[slot % Clock.RING]);
            return (uint24(import_), uint24(export_), int32(_published(z, slot) * PPM_PER_STEP));
        }
        uint256 level = z.referencePrice;
        uint256 kept = _keptFrom(slot);
        Price memory price;
        for (uint256 next = fixedThrough + 1; next <= slot; ++next) {
            if (next < kept && _standsStill(z, next)) {
                level = _drift(z, next, kept - 1, level);
                next = kept;
            }
            price = _next(z, zone, next, level);
            level = price.level;
        }
        return (uint24(price.importPrice), uint24(price.exportPrice), int32(price.scarcity * PPM_PER_STEP));
    }

    /// @notice Published scarcity of a slot of the last 42 days, ppm.
    function scarcityAt(uint256 zone, uint256 slot) external view returns (int256 ppm) {
        Zone storage z = SlotRecords.zoneOf(zone);
        uint256 fixedThrough = z.tariffThrough;
        if (slot < z.createdSlot || slot > fixedThrough || slot + SCARCITY_RING <= fixedThrough) {
            revert IExchangeErrors.SlotOutOfRange(slot);
        }
        return _published(z, slot) * PPM_PER_STEP;
    }

    // ---- The rule

    /// @dev The price of `slot`, where the reference of the slot before it was `level`.
    function _next(
        Zone storage z,
        uint256 zone,
        uint256 slot,
        uint256 level
    ) private view returns (Price memory price) {
        ZoneTerms memory terms = SlotRecords.termsAt(z, slot);
        bool known;
        if (!_standsStill(z, slot)) (known, price.scarcity, price.queuedWh) = _expected(zone, slot);
        price.level = _move(z, terms, level, known, price.scarcity);
        uint256 spread = terms.importPrice - terms.exportPrice;
        price.exportPrice = price.level - spread / 2;
        price.importPrice = price.exportPrice + spread;
    }

    /// @dev Expected scarcity of `slot`, hundreds of ppm; not known where yesterday has no figures.
    function _expected(
        uint256 zone,
        uint256 slot
    ) private view returns (bool known, int256 scarcity, uint256 queuedWh) {
        uint256 demandWh;
        uint256 supplyWh;
        (known, demandWh, supplyWh) = _figures(zone, slot - DAY_SLOTS);
        if (!known) return (false, 0, 0);
        queuedWh = _queuedWh(zone, slot, demandWh / QUEUE_DIVISOR);
        scarcity = _scarcity(demandWh + queuedWh, supplyWh);
        (bool latest, uint256 latestWh, uint256 latestSupplyWh) = _figures(zone, slot - LATEST_SLOTS);
        (bool before, uint256 beforeWh, uint256 beforeSupplyWh) = _figures(zone, slot - REACH_SLOTS);
        if (latest && before) {
            scarcity += (_scarcity(latestWh, latestSupplyWh) - _scarcity(beforeWh, beforeSupplyWh)) / 2;
        }
        if (scarcity > ONE) scarcity = ONE;
        if (scarcity < -ONE) scarcity = -ONE;
    }

    /// @dev The next reference price: towards the target by at most a step, then within the zone's bounds, which win.
    function _move(
        Zone storage z,
        ZoneTerms memory terms,
        uint256 level,
        bool known,
        int256 scarcity
    ) private view returns (uint256) {
        uint256 spread = terms.importPrice - terms.exportPrice;
        uint256 half = spread / 2;
        // Without a slope the scarcity does not matter, known or not.
        if (known || terms.slopePpm == 0) {
            uint256 base = terms.exportPrice + half;
            int256 sloped = SLOPED_ONE + int256(uint256(terms.slopePpm)) * scarcity;
            uint256 target = (base * uint256(sloped)) / uint256(SLOPED_ONE);
            // At least a tick upwards: a price of a few ticks could never rise again.
            uint256 step = level < STEP_DIVISOR ? 1 : level / STEP_DIVISOR;
            uint256 least = (level * (STEP_DIVISOR - 1)) / STEP_DIVISOR;
            level = _clamp(target, least, level + step);
        }
        // The terms are within the same bounds, so the least is never above the most. A retail price is never zero.
        uint256 lowest = z.limits.floorPrice + half;
        if (lowest == 0 && spread == 0) lowest = 1;
        uint256 highest = z.limits.exportCapPrice + half;
        uint256 capped = z.limits.capPrice - (spread - half);
        return _clamp(level, lowest, capped < highest ? capped : highest);
    }

    /// @dev The reference after slots without figures: it carries over, within the terms that hold; without a slope it
    /// goes on towards the base, which takes less than 200 slots from anywhere to anywhere.
    function _drift(Zone storage z, uint256 slot, uint256 through, uint256 level) private view returns (uint256) {
        uint256 changes = z.nextTerms.fromSlot;
        while (slot <= through) {
            ZoneTerms memory terms = SlotRecords.termsAt(z, slot);
            uint256 last = slot < changes && changes <= through ? changes - 1 : through;
            for (; slot <= last; ++slot) {
                uint256 moved = _move(z, terms, level, false, 0);
                if (moved == level) break;
                level = moved;
            }
            slot = last + 1;
        }
        return level;
    }

    /// @dev What the meters of a slot took and gave, by the readings accepted in time.
    function _figures(
        uint256 zone,
        uint256 slot
    ) private view returns (bool known, uint256 importWh, uint256 exportWh) {
        SlotRecord storage record = SlotRecords.entry(zone, slot);
        known = record.slot == slot && record.readCount != 0;
        if (known) (importWh, exportWh) = (record.importWh, record.exportWh);
    }

    /// @dev Scarcity in hundreds of ppm, truncated toward zero; none where nothing flowed.
    function _scarcity(uint256 demandWh, uint256 supplyWh) private pure returns (int256) {
        uint256 flowWh = demandWh + supplyWh;
        return flowWh == 0 ? int256(0) : ((int256(demandWh) - int256(supplyWh)) * ONE) / int256(flowWh);
    }

    /// @dev Energy queued for a slot, at most `mostWh`. Whatever the queue does, a price comes of it.
    function _queuedWh(uint256 zone, uint256 slot, uint256 mostWh) private view returns (uint256) {
        ExchangeStorage.Layout storage $ = ExchangeStorage.load();
        address queue = $.energyQueue;
        if (queue == address(0) || slot < $.energyQueueFrom || mostWh == 0) return 0;
        if (gasleft() < QUEUE_RESERVE) revert IExchangeErrors.TooLittleGas(gasleft(), QUEUE_RESERVE);
        bytes memory question = abi.encodeCall(IEnergyQueue.queuedWh, (uint16(zone), uint32(slot)));
        uint256 answer;
        assembly ("memory-safe") {
            // By hand, because a long answer must not be copied and a missing contract must not revert.
            let answered := staticcall(QUEUE_GAS, queue, add(question, 0x20), mload(question), 0x00, 0x20)
            if and(answered, gt(returndatasize(), 0x1f)) {
                answer := mload(0x00)
            }
        }
        return answer < mostWh ? answer : mostWh;
    }

    // ---- Words and rings

    function _publish(Zone storage z, uint256 slot, int256 scarcity) private {
        uint256 place = (slot / LANES) % (SCARCITY_RING / LANES);
        uint256 shift = 16 * (slot % LANES);
        z.scarcity[place] =
            (z.scarcity[place] & ~(uint256(0xffff) << shift)) | (uint256(uint16(int16(scarcity))) << shift);
    }

    function _published(Zone storage z, uint256 slot) private view returns (int256) {
        return int16(uint16(z.scarcity[(slot / LANES) % (SCARCITY_RING / LANES)] >> (16 * (slot % LANES))));
    }

    /// @dev Skipped slots have a scarcity of zero; what stands in their places is of slots a ring before them.
    function _forget(Zone storage z, uint256 from, uint256 through) private {
        if (through - from >= SCARCITY_RING) from = through - SCARCITY_RING + 1;
        for (uint256 group = from / LANES; group <= through / LANES; ++group) {
            uint256 place = group % (SCARCITY_RING / LANES);
            if (z.scarcity[place] == 0) continue;
            uint256 first = group == from / LANES ? from % LANES : 0;
            uint256 last = group == through / LANES ? through % LANES : LANES - 1;
            uint256 lanes = (type(uint256).max >> (256 - 16 * (last - first + 1))) << (16 * first);
            z.scarcity[place] &= ~lanes;
        }
    }

    function _unpack(uint256 word) private pure returns (uint256 importPrice, uint256 exportPrice) {
        return ((word >> 48) & 0xffffff, (word >> 72) & 0xffffff);
    }

    /// @dev Whether no slot a day before this one was ever touched.
    function _standsStill(Zone storage z, uint256 slot) private view returns (bool) {
        return slot > uint256(z.newestSlot) + DAY_SLOTS;
    }

    /// @dev The oldest slot whose price the ring holds once that of `through` is fixed.
    function _keptFrom(uint256 through) private pure returns (uint256) {
        return through < Clock.RING ? 0 : through - Clock.RING + 1;
    }

    /// @dev The newest slot whose gate is open.
    function _lastFixable() private view returns (uint256) {
        return Clock.slotNow() + Clock.GATE_OPEN_SLOTS;
    }

    function _clamp(uint256 value, uint256 least, uint256 most) private pure returns (uint256) {
        if (value < least) return least;
        return value > most ? most : value;
    }
}
