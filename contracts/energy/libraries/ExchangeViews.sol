// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ExchangeStorage} from "../ExchangeStorage.sol";
import {
    PlacedOrder,
    Site,
    SiteView,
    SlotRecord,
    Withdrawal,
    Zone,
    ZoneTerms,
    ZoneView
} from "../types/ExchangeTypes.sol";
import {Clock} from "./Clock.sol";
import {GridLeg} from "./GridLeg.sol";
import {SlotRecords} from "./SlotRecords.sol";

/// @notice Answers the exchange's views: it forwards their calldata here, so names and arguments are those of
/// `IEnergyExchange`, which says what each means.
library ExchangeViews {
    function siteInfo(uint32 site) external view returns (SiteView memory result) {
        Site storage s = ExchangeStorage.load().sites[site];
        result.owner = s.owner;
        result.zone = s.zone;
        result.nonce = s.nonce;
        result.bondTicks = s.bondTicks;
        result.debtTicks = s.debtTicks;
        result.unbondingTicks = s.unbondingTicks;
        result.unbondingSlot = s.unbondingSlot;
        result.faults = s.faults;
        result.requiredBondTicks = GridLeg.requiredBond(site);
        result.meters = s.meters;
    }

    function zoneInfo(uint16 zone) external view returns (ZoneView memory result) {
        Zone storage z = SlotRecords.zoneOf(zone);
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
        result.tariffThrough = z.tariffThrough;
        result.referencePrice = z.referencePrice;
    }

    function slotRecord(uint16 zone, uint32 slot) external view returns (SlotRecord memory) {
        return SlotRecords.existing(zone, slot);
    }

    function placedOrders(uint16 zone, uint32 slot) external view returns (PlacedOrder[] memory orders) {
        SlotRecord storage record = SlotRecords.existing(zone, slot);
        orders = new PlacedOrder[](record.placedCount);
        for (uint256 i = 0; i < orders.length; ++i) {
            orders[i] = ExchangeStorage.load().placed[zone][slot % Clock.RING][i];
        }
    }

    function termsAt(uint16 zone, uint32 slot) external view returns (ZoneTerms memory) {
        return SlotRecords.termsAt(SlotRecords.zoneOf(zone), slot);
    }

    function tierDiscounts() external view returns (uint256 lanes) {
        return ExchangeStorage.load().tierDiscounts.lanes;
    }

    function withdrawal(uint256 id) external view returns (Withdrawal memory) {
        return ExchangeStorage.load().withdrawals[id];
    }

    function earned(address account) external view returns (uint256 ticks) {
        return ExchangeStorage.load().earned[account];
    }

    function matcherBond(address matcher) external view returns (uint256 ticks, uint256 unlockSlot) {
        ExchangeStorage.MatcherBond storage bond = ExchangeStorage.load().matcherBonds[matcher];
        return (bond.ticks, bond.unlockSlot);
    }

    function evidence(address meter, uint32 slot) external view returns (uint256 usedWh, bool void, bool certified) {
        ExchangeStorage.Evidence storage entry = ExchangeStorage.load().evidence[meter][slot];
        return (entry.usedWh, entry.void, entry.certified);
    }

    function requiredBond(uint32 site) external view returns (uint256 ticks) {
        return GridLeg.requiredBond(site);
    }

    function matcherAt(uint16 zone, uint32 slot) external view returns (address) {
        return SlotRecords.matcherAt(SlotRecords.zoneOf(zone), slot);
    }

    function isFlagged(uint16 zone, uint32 slot) external view returns (bool) {
        return SlotRecords.isFlagged(SlotRecords.zoneOf(zone), slot);
    }
}
