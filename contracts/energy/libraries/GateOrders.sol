// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ExchangeStorage} from "../ExchangeStorage.sol";
import {IExchangeErrors} from "../interfaces/IExchangeErrors.sol";
import {IExchangeEvents} from "../interfaces/IExchangeEvents.sol";
import {PlacedOrder, SlotRecord} from "../types/ExchangeTypes.sol";
import {MeterWord, MeterWordLib} from "../types/MeterWord.sol";
import {Clock} from "./Clock.sol";
import {ItemError} from "./ItemError.sol";
import {MarketMessages} from "./MarketMessages.sol";
import {OrderBook} from "./OrderBook.sol";
import {SlotRecords} from "./SlotRecords.sol";
import {ZoneMoney} from "./ZoneMoney.sol";

/// @notice Orders placed and cancelled on chain, for whoever distrusts the matcher, and the matcher's commitment.
library GateOrders {
    /// @notice Orders and cancellations a slot's list holds.
    uint256 internal constant MAX_PLACED = 64;
    uint256 internal constant MIN_MATCHER_BOND_TICKS = 100e9;

    /// @notice Place an order on chain, locking its worst case. It supersedes the meter's signed order.
    function place(uint256 slot, address meter, uint256 side, uint256 energyWh, uint256 limitPrice) external {
        MeterWord word = _entitled(meter, slot);
        uint256 zone = word.zone();
        SlotRecord storage record = _gate(zone, slot);
        if (energyWh == 0) revert IExchangeErrors.ZeroEnergy(0);
        if (side != MarketMessages.BID && side != MarketMessages.OFFER) {
            revert IExchangeErrors.BadParameter("side", side);
        }
        bytes4 problem = _check(word, record, side, energyWh, limitPrice);
        if (problem != 0) ItemError.raise(problem, meter, slot);
        uint256 lock = ZoneMoney.PLACEMENT_FEE_TICKS;
        if (side == MarketMessages.BID) {
            uint256 cost = energyWh * limitPrice;
            lock += cost + OrderBook.feeUp(cost, record.feePpm);
        }

        (uint256 index, PlacedOrder storage order, bool found) = _find(record, zone, slot, meter);
        uint256 available = word.balanceTicks();
        if (found && order.energyWh != 0) available += _locked(record, order);
        if (available < lock) ItemError.raise(IExchangeErrors.InsufficientBalance.selector, meter, slot);
        if (!found) record.placedCount = uint16(index + 1);
        order.meter = meter;
        order.side = uint8(side);
        order.energyWh = uint24(energyWh);
        order.limitPrice = uint24(limitPrice);
        word = word.withBalance(available - lock);
        ExchangeStorage.load().words[meter] = word;
        emit IExchangeEvents.OrderPlaced(
            meter,
            uint16(zone),
            uint32(slot),
            index,
            uint8(side),
            uint24(energyWh),
            uint24(limitPrice),
            MeterWord.unwrap(word)
        );
    }

    /// @notice Cancel: the meter's placed order is released, and a signed one is void from now on.
    function cancel(uint256 slot, address meter) external {
        MeterWord word = _entitled(meter, slot);
        uint256 zone = word.zone();
        SlotRecord storage record = _gate(zone, slot);
        (uint256 index, PlacedOrder storage order, bool found) = _find(record, zone, slot, meter);
        uint256 balance = word.balanceTicks();
        if (!found) record.placedCount = uint16(index + 1);
        else if (order.energyWh != 0) balance += _locked(record, order);
        if (balance < ZoneMoney.PLACEMENT_FEE_TICKS) {
            ItemError.raise(IExchangeErrors.InsufficientBalance.selector, meter, slot);
        }
        order.meter = meter;
        order.energyWh = 0;
        word = word.withBalance(balance - ZoneMoney.PLACEMENT_FEE_TICKS);
        ExchangeStorage.load().words[meter] = word;
        ZoneMoney.accrue(zone, slot, 0, 0, 0, ZoneMoney.PLACEMENT_FEE_TICKS);
        emit IExchangeEvents.OrderCancelled(meter, uint16(zone), uint32(slot), index, MeterWord.unwrap(word));
    }

    /// @notice Fix the book before it is cleared. Only the zone's matcher, bonded, between gate closure and -8 minutes.
    function commit(uint256 zone, uint256 slot, bytes32 bookHash, uint256 orders) external {
        SlotRecord storage record = SlotRecords.open(zone, slot);
        if (msg.sender != SlotRecords.matcherAt(SlotRecords.zoneOf(zone), slot)) {
            revert IExchangeErrors.NotEntitled(msg.sender);
        }
        ExchangeStorage.MatcherBond storage bond = ExchangeStorage.load().matcherBonds[msg.sender];
        if (bond.ticks < MIN_MATCHER_BOND_TICKS || bond.unlockSlot != 0) {
            revert IExchangeErrors.AmountTooLarge(MIN_MATCHER_BOND_TICKS, bond.unlockSlot == 0 ? bond.ticks : 0);
        }
        if (record.status & SlotRecords.STATUS_COMMITTED != 0) revert IExchangeErrors.AlreadyCommitted(slot);
        uint256 from = Clock.gateClosure(slot);
        uint256 to = Clock.startOf(slot) - Clock.COMMIT_END;
        if (block.timestamp < from || block.timestamp >= to) revert IExchangeErrors.OutsideWindow(slot, from, to);
        if (bookHash == 0 || orders == 0) revert IExchangeErrors.BadParameter("bookHash", orders);
        if (orders + record.placedCount > OrderBook.MAX_ORDERS) {
            revert IExchangeErrors.TooManyOrders(orders + record.placedCount, OrderBook.MAX_ORDERS);
        }
        record.bookHash = bookHash;
        record.matcher = msg.sender;
        record.bookOrders = uint16(orders);
        record.status |= SlotRecords.STATUS_COMMITTED;
        emit IExchangeEvents.BookCommitted(uint16(zone), uint32(slot), msg.sender, bookHash, orders);
    }

    /// @notice Give back what placed orders of a slot that was never cleared have locked, the placement fee included.
    /// @dev Called by closing; the list is bounded.
    function release(SlotRecord storage record, uint256 zone, uint256 slot) internal {
        record.status |= SlotRecords.STATUS_RELEASED;
        uint256 count = record.placedCount;
        for (uint256 i = 0; i < count; ++i) {
            PlacedOrder storage order = ExchangeStorage.load().placed[zone][slot % Clock.RING][i];
            if (order.energyWh == 0) continue;
            MeterWord word = ExchangeStorage.load().words[order.meter];
            word = word.withBalance(word.balanceTicks() + _locked(record, order));
            ExchangeStorage.load().words[order.meter] = word;
            emit IExchangeEvents.PlacedOrderReleased(order.meter, uint16(zone), uint32(slot), MeterWord.unwrap(word));
        }
    }

    /// @dev Owner, delegate or the device key itself; returns the meter's word.
    function _entitled(address meter, uint256 slot) private view returns (MeterWord word) {
        ExchangeStorage.Layout storage $ = ExchangeStorage.load();
        word = $.words[meter];
        if (!word.isMeter()) ItemError.raise(IExchangeErrors.UnknownMeter.selector, meter, slot);
        if (
            msg.sender != meter &&
            msg.sender != $.configs[meter].delegate &&
            msg.sender != $.sites[$.configs[meter].site].owner
        ) revert IExchangeErrors.NotEntitled(msg.sender);
    }

    /// @dev The slot's record, while its gate is open.
    function _gate(uint256 zone, uint256 slot) private returns (SlotRecord storage) {
        if (slot <= Clock.GATE_OPEN_SLOTS || slot > MeterWordLib.MAX_SLOT) revert IExchangeErrors.SlotOutOfRange(slot);
        uint256 opensAt = Clock.gateOpen(slot);
        uint256 closesAt = Clock.gateClosure(slot);
        if (block.timestamp < opensAt || block.timestamp >= closesAt) {
            revert IExchangeErrors.GateNotOpen(slot, opensAt, closesAt);
        }
        return SlotRecords.open(zone, slot);
    }

    function _check(
        MeterWord word,
        SlotRecord storage record,
        uint256 side,
        uint256 energyWh,
        uint256 limitPrice
    ) private view returns (bytes4) {
        if (word.has(MeterWordLib.FLAG_SUSPENDED)) return IExchangeErrors.MeterSuspended.selector;
        if (word.has(MeterWordLib.FLAG_INDEBTED)) return IExchangeErrors.MeterIndebted.selector;
        if (word.has(MeterWordLib.FLAG_FEEDER)) return IExchangeErrors.FeederCannotTrade.selector;
        if (side == MarketMessages.OFFER && !word.has(MeterWordLib.FLAG_BONDED)) {
            return IExchangeErrors.MeterNotBonded.selector;
        }
        if (energyWh > word.slotLimitWh()) return IExchangeErrors.OrderBeyondRatedPower.selector;
        if (limitPrice < record.exportPrice || limitPrice > record.importPrice) {
            return IExchangeErrors.LimitOutsideTariff.selector;
        }
        return 0;
    }

    /// @dev The meter's entry in the slot's list, or the next free one.
    function _find(
        SlotRecord storage record,
        uint256 zone,
        uint256 slot,
        address meter
    ) private view returns (uint256 index, PlacedOrder storage order, bool found) {
        PlacedOrder[64] storage list = ExchangeStorage.load().placed[zone][slot % Clock.RING];
        uint256 count = record.placedCount;
        for (; index < count; ++index) {
            if (list[index].meter == meter) return (index, list[index], true);
        }
        if (count == MAX_PLACED) revert IExchangeErrors.TooManyOrders(count + 1, MAX_PLACED);
        return (count, list[count], false);
    }

    /// @dev Everything a live placed order locked, the placement fee included.
    function _locked(SlotRecord storage record, PlacedOrder storage order) private view returns (uint256 ticks) {
        ticks = ZoneMoney.PLACEMENT_FEE_TICKS;
        if (order.side == MarketMessages.BID) {
            uint256 cost = uint256(order.energyWh) * order.limitPrice;
            ticks += cost + OrderBook.feeUp(cost, record.feePpm);
        }
    }
}
