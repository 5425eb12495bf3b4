// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ExchangeStorage} from "../ExchangeStorage.sol";
import {IExchangeEvents} from "../interfaces/IExchangeEvents.sol";
import {SlotRecord, ZoneAccruals} from "../types/ExchangeTypes.sol";

/// @notice Charges of a zone on their way to its named accounts, and the pay of whoever does the exchange's work.
library ZoneMoney {
    uint256 internal constant PPM = 1e6;
    /// @notice Share of the trading fee that pays for submitting clearing, settlement and closing.
    uint256 internal constant WORK_SHARE_PPM = 400_000;
    /// @notice Share of the trading fee that goes to the season pool.
    uint256 internal constant SEASON_SHARE_PPM = 200_000;
    /// @notice Fee for placing or cancelling on chain; paid back when the order trades.
    uint256 internal constant PLACEMENT_FEE_TICKS = 1_000_000;

    /// @notice Add charges to what the zone's accounts may collect.
    function accrue(uint256 zone, uint256 slot, uint256 network, uint256 levy, uint256 fee, uint256 season) internal {
        if (network | levy | fee | season == 0) return;
        ZoneAccruals memory added = ZoneAccruals({
            network: uint64(network),
            levy: uint64(levy),
            fee: uint64(fee),
            season: uint64(season)
        });
        ZoneAccruals storage store = ExchangeStorage.load().zones[zone].accruals;
        ZoneAccruals memory sums = store;
        sums.network += added.network;
        sums.levy += added.levy;
        sums.fee += added.fee;
        sums.season += added.season;
        store.network = sums.network;
        store.levy = sums.levy;
        store.fee = sums.fee;
        store.season = sums.season;
        emit IExchangeEvents.ChargesAccrued(uint16(zone), uint32(slot), added);
    }

    /// @notice `lanes` of the slot's open positions are settled: pay their share of the slot's work money.
    function payWork(SlotRecord storage record, uint256 zone, uint256 slot, uint256 lanes) internal {
        uint256 open = record.openPositions;
        uint256 pot = record.workTicks;
        uint256 pay = (pot * lanes) / open;
        record.openPositions = uint16(open - lanes);
        if (pay == 0) return;
        record.workTicks = uint56(pot - pay);
        payWorker(zone, slot, pay);
    }

    /// @notice Credit `pay` ticks to the caller, to be collected.
    function payWorker(uint256 zone, uint256 slot, uint256 pay) internal {
        ExchangeStorage.load().earned[msg.sender] += pay;
        emit IExchangeEvents.WorkPaid(uint16(zone), uint32(slot), msg.sender, pay);
    }
}
