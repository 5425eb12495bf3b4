// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Panic} from "@openzeppelin/contracts/utils/Panic.sol";
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

    /// @dev The lowest bit of every lane of `ZoneAccruals` but the first.
    uint256 private constant CARRIES = 0x0000000000000001000000000000000100000000000000010000000000000000;

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
        // All four sums are lanes of one word: one addition, in which a carry out of a lane shows as a wrong bit above it.
        bool carried;
        assembly ("memory-safe") {
            let adds := or(or(network, shl(64, levy)), or(shl(128, fee), shl(192, season)))
            let sums := sload(store.slot)
            let total := add(sums, adds)
            carried := or(lt(total, sums), and(xor(xor(sums, adds), total), CARRIES))
            carried := or(carried, shr(64, or(or(network, levy), or(fee, season))))
            sstore(store.slot, total)
        }
        if (carried) Panic.panic(Panic.UNDER_OVERFLOW);
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
