// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ExchangeStorage} from "../energy/ExchangeStorage.sol";
import {IExchangeErrors} from "../energy/interfaces/IExchangeErrors.sol";
import {IExchangeEvents} from "../energy/interfaces/IExchangeEvents.sol";
import {Tariff} from "../energy/libraries/Tariff.sol";
import {SlotRecords} from "../energy/libraries/SlotRecords.sol";
import {SlotRecord, Zone, ZoneLimits, ZoneTerms} from "../energy/types/ExchangeTypes.sol";

/// @notice The tariff over a state that a test writes itself, so that it can be tried where no market gets in time.
contract TariffHarness is IExchangeErrors, IExchangeEvents {
    /// @notice Figures of a slot; `readCount` 0 = the slot was touched and not read.
    struct Figures {
        uint32 slot;
        uint48 importWh;
        uint48 exportWh;
        uint16 readCount;
    }

    function setZone(
        uint16 zone,
        uint24 tariffThrough,
        uint24 referencePrice,
        ZoneLimits calldata limits,
        ZoneTerms calldata terms,
        ZoneTerms calldata nextTerms
    ) external {
        Zone storage z = ExchangeStorage.load().zones[zone];
        z.createdSlot = 1;
        z.newestSlot = 0;
        z.tariffThrough = tariffThrough;
        z.referencePrice = referencePrice;
        z.limits = limits;
        z.terms = terms;
        z.nextTerms = nextTerms;
    }

    /// @notice Write records, by rising slot; whatever they hold is taken over.
    function setFigures(uint16 zone, Figures[] calldata figures) external {
        for (uint256 i = 0; i < figures.length; ++i) {
            Figures calldata f = figures[i];
            SlotRecord storage record = SlotRecords.entry(zone, f.slot);
            record.slot = uint24(f.slot);
            record.readCount = f.readCount;
            record.importWh = f.importWh;
            record.exportWh = f.exportWh;
            ExchangeStorage.load().zones[zone].newestSlot = uint24(f.slot);
        }
    }

    function fix(uint16 zone, uint32 through) external {
        Tariff.fix(zone, through);
    }

    function setQueue(address queue) external {
        Tariff.setQueue(queue);
    }

    function priceAt(
        uint16 zone,
        uint32 slot
    ) external view returns (uint24 importPrice, uint24 exportPrice, int32 scarcityPpm) {
        return Tariff.priceAt(zone, slot);
    }

    function scarcityAt(uint16 zone, uint32 slot) external view returns (int256 ppm) {
        return Tariff.scarcityAt(zone, slot);
    }

    function referenceOf(uint16 zone) external view returns (uint24 through, uint24 referencePrice) {
        Zone storage z = ExchangeStorage.load().zones[zone];
        return (z.tariffThrough, z.referencePrice);
    }
}
