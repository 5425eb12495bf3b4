// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ExchangeStorage} from "../ExchangeStorage.sol";
import {PlacedOrder, Site, SiteView, SlotRecord, Zone, ZoneView} from "../types/ExchangeTypes.sol";
import {Clock} from "./Clock.sol";
import {GridLeg} from "./GridLeg.sol";
import {SlotRecords} from "./SlotRecords.sol";

/// @notice What cannot be returned as it is stored.
library ExchangeViews {
    function site(uint256 siteId) external view returns (SiteView memory result) {
        Site storage s = ExchangeStorage.load().sites[siteId];
        result.owner = s.owner;
        result.zone = s.zone;
        result.nonce = s.nonce;
        result.bondTicks = s.bondTicks;
        result.debtTicks = s.debtTicks;
        result.unbondingTicks = s.unbondingTicks;
        result.unbondingSlot = s.unbondingSlot;
        result.requiredBondTicks = GridLeg.requiredBond(siteId);
        result.meters = s.meters;
    }

    function zone(uint256 zone_) external view returns (ZoneView memory result) {
        Zone storage z = SlotRecords.zoneOf(zone_);
        result.createdSlot = z.createdSlot;
        result.closedThrough = z.closedThrough;
        result.newestSlot = z.newestSlot;
        result.activeMeters = z.activeMeters;
        result.ratedWh = z.ratedWh;
        result.flagged = z.flagged;
        result.feeder = z.feeder;
        result.matcher = SlotRecords.matcherAt(z, Clock.slotNow());
        result.limits = z.limits;
        result.terms = z.terms;
        result.nextTerms = z.nextTerms;
        result.accruals = z.accruals;
        result.accounts = z.accounts;
    }

    function placedOrders(uint256 zone_, uint256 slot) external view returns (PlacedOrder[] memory orders) {
        SlotRecord storage record = SlotRecords.existing(zone_, slot);
        orders = new PlacedOrder[](record.placedCount);
        for (uint256 i = 0; i < orders.length; ++i) {
            orders[i] = ExchangeStorage.load().placed[zone_][slot % Clock.RING][i];
        }
    }
}
