// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ExchangeStorage} from "../ExchangeStorage.sol";
import {IExchangeErrors} from "../interfaces/IExchangeErrors.sol";
import {IExchangeEvents} from "../interfaces/IExchangeEvents.sol";
import {MeterConfig, SlotRecord, Zone, ZoneLimits, ZoneTerms} from "../types/ExchangeTypes.sol";
import {Lane, MeterWord, MeterWordLib} from "../types/MeterWord.sol";
import {SettlementLine} from "../types/Packed.sol";
import {Clock} from "./Clock.sol";
import {CompactSignature} from "./CompactSignature.sol";
import {GridLeg} from "./GridLeg.sol";
import {ItemError} from "./ItemError.sol";
import {MarketMessages} from "./MarketMessages.sol";
import {ReadingTree} from "./ReadingTree.sol";
import {SlotRecords} from "./SlotRecords.sol";
import {ZoneMoney} from "./ZoneMoney.sol";

/// @notice Settles signed readings, each alone: who complies is never hurt by who does not.
library Settlement {
    /// @notice Bytes of a reading in a batch: import register (5), export register (5), signature (64, EIP-2098).
    uint256 internal constant READING_BYTES = 74;
    uint256 private constant GAP = 1;

    /// @dev One batch. Prices are the slot's, frozen in its record.
    struct Batch {
        bytes32 domain;
        uint256 zone;
        uint256 slot;
        bool early; // the slot has not ended
        bool late; // past the deadline or closed: every reading is a gap reading
        bool previousOpen; // the slot before is before its deadline
        uint256 importPrice;
        uint256 exportPrice;
        uint256 clearingPrice;
        uint256 networkLocalPrice;
        uint256 networkGridPrice;
        uint256 levyPrice;
        uint256 settledLanes;
        uint256 readCount;
        uint256 importWh;
        uint256 exportWh;
        uint256 ratedWh;
        bool feederRead;
        int256 feederWh;
        GridLeg.Ledger ledger;
    }

    /// @dev Registers of a reading and what has flowed since the one before.
    struct Flow {
        uint256 importWh;
        uint256 exportWh;
        uint256 importedWh;
        uint256 exportedWh;
    }

    /// @notice Settle a batch of readings of one zone and slot.
    /// @param domain EIP-712 domain separator of the exchange.
    /// @param readings Entries of `READING_BYTES` each.
    /// @param single Revert with the error of the first reading that is refused, instead of skipping it.
    /// @return root Merkle root over the settled readings, zero if all were skipped.
    function settle(
        bytes32 domain,
        uint256 zone,
        uint256 slot,
        bytes calldata readings,
        bool single
    ) external returns (bytes32 root) {
        uint256 length = readings.length;
        if (length == 0 || length % READING_BYTES != 0) revert IExchangeErrors.BadBatchLength(length);
        Batch memory batch;
        SlotRecord storage record = _begin(batch, domain, zone, slot);

        bytes32[] memory leaves = new bytes32[](length / READING_BYTES);
        uint256 settled;
        uint256 offset;
        uint256 end;
        assembly ("memory-safe") {
            offset := readings.offset
            end := add(offset, length)
        }
        for (uint256 index; offset < end; ) {
            (bytes32 leaf, bytes4 problem, address meter) = _reading(batch, offset, index);
            if (problem == 0) {
                assembly ("memory-safe") {
                    mstore(add(add(leaves, 0x20), shl(5, settled)), leaf)
                }
                unchecked {
                    ++settled;
                }
            } else if (single) {
                ItemError.raise(problem, meter, slot);
            } else {
                emit IExchangeEvents.ReadingSkipped(meter, uint16(zone), uint32(slot), problem);
            }
            unchecked {
                offset += READING_BYTES;
                ++index;
            }
        }

        if (settled == 0) return 0;
        root = ReadingTree.root(leaves, settled);
        ExchangeStorage.load().roots[root] = true;
        _finish(batch, record);
        emit IExchangeEvents.BatchSettled(
            uint16(zone),
            uint32(slot),
            root,
            settled,
            batch.ledger.minted,
            batch.ledger.burned
        );
    }

    /// @dev Load the slot's prices. A slot that is closed, or was passed over untouched, may have no record any more:
    /// then only gap readings can come, which need its charges alone.
    function _begin(
        Batch memory batch,
        bytes32 domain,
        uint256 zone,
        uint256 slot
    ) private returns (SlotRecord storage record) {
        Zone storage z = SlotRecords.zoneOf(zone);
        if (slot == 0 || slot > MeterWordLib.MAX_SLOT) revert IExchangeErrors.SlotOutOfRange(slot);
        bool closed = slot <= z.closedThrough;
        batch.domain = domain;
        batch.zone = zone;
        batch.slot = slot;
        batch.early = block.timestamp < Clock.startOf(slot + 1);
        batch.late = closed || block.timestamp >= Clock.readingDeadline(slot);
        batch.previousOpen = block.timestamp < Clock.readingDeadline(slot - 1);
        batch.ledger = GridLeg.begin();
        if (closed || batch.early) {
            record = SlotRecords.entry(zone, slot);
            ZoneTerms memory terms = SlotRecords.termsAt(z, slot);
            batch.networkGridPrice = terms.networkGridPrice;
            batch.levyPrice = terms.levyPrice;
        } else {
            record = SlotRecords.open(zone, slot);
            batch.importPrice = record.importPrice;
            batch.exportPrice = record.exportPrice;
            batch.clearingPrice = record.clearingPrice;
            batch.networkLocalPrice = record.networkLocalPrice;
            batch.networkGridPrice = record.networkGridPrice;
            batch.levyPrice = record.levyPrice;
        }
    }

    /// @dev Settle the reading at `offset`. A non-zero `problem` means that nothing has changed.
    function _reading(
        Batch memory batch,
        uint256 offset,
        uint256 index
    ) private returns (bytes32 leaf, bytes4 problem, address meter) {
        uint256 importWh;
        uint256 exportWh;
        assembly ("memory-safe") {
            let head := calldataload(offset)
            importWh := shr(216, head)
            exportWh := and(shr(176, head), 0xffffffffff)
        }
        uint256 slot = batch.slot;
        meter = CompactSignature.recover(
            MarketMessages.digest(batch.domain, MarketMessages.readingStruct(batch.zone, slot, importWh, exportWh)),
            offset + 10,
            index
        );
        MeterWord word = ExchangeStorage.load().words[meter];
        problem = _check(batch, meter, word, importWh, exportWh);
        if (problem != 0) return (0, problem, meter);

        unchecked {
            // `_check` has seen that neither register goes down.
            Flow memory flow = Flow(importWh, exportWh, importWh - word.importWh(), exportWh - word.exportWh());
            bool gap = batch.late || slot > word.lastSlot() + 1;
            problem = gap ? _settleGap(batch, meter, word, flow) : _settleSlot(batch, meter, word, flow);
            if (problem == 0) {
                leaf = ReadingTree.leaf(meter, batch.zone, slot, flow.importedWh, flow.exportedWh, gap ? GAP : 0);
            }
        }
    }

    /// @dev Everything that can be wrong with a well-signed reading.
    function _check(
        Batch memory batch,
        address meter,
        MeterWord word,
        uint256 importWh,
        uint256 exportWh
    ) private view returns (bytes4) {
        uint256 slot = batch.slot;
        uint256 last = word.lastSlot();
        if (word.zone() != batch.zone) {
            return word.isMeter() ? IExchangeErrors.WrongZone.selector : IExchangeErrors.UnknownMeter.selector;
        }
        if (word.has(MeterWordLib.FLAG_SUSPENDED)) return IExchangeErrors.MeterSuspended.selector;
        if (slot <= last) return IExchangeErrors.ReadingTooOld.selector;
        if (batch.early) return IExchangeErrors.ReadingTooEarly.selector;
        unchecked {
            uint256 elapsed = slot - last;
            if (elapsed != 1 && batch.previousOpen) return IExchangeErrors.EarlierSlotOpen.selector;
            if (importWh < word.importWh() || exportWh < word.exportWh()) {
                return IExchangeErrors.RegisterDecreased.selector;
            }
            uint256 limit = word.slotLimitWh() * elapsed;
            if (importWh - word.importWh() > limit || exportWh - word.exportWh() > limit) {
                return IExchangeErrors.EnergyBeyondRatedPower.selector;
            }
        }
        if (word.has(MeterWordLib.FLAG_STORAGE)) return _checkStorage(meter, importWh, exportWh);
        return 0;
    }

    /// @dev What a storage meter has exported since registration came from what it took in, or was in it before.
    function _checkStorage(address meter, uint256 importWh, uint256 exportWh) private view returns (bytes4) {
        MeterConfig storage config = ExchangeStorage.load().configs[meter];
        uint256 takenWh = ((importWh - config.firstImportWh) * config.bestEfficiencyPpm) / 1e6;
        uint256 givenWh = exportWh - config.firstExportWh;
        return givenWh > takenWh + config.storageCapacityWh ? IExchangeErrors.StorageBeyondCapacity.selector : bytes4(0);
    }

    /// @dev The hot path: the slot after the last one, read in time, settled on its net energy.
    function _settleSlot(
        Batch memory batch,
        address meter,
        MeterWord word,
        Flow memory flow
    ) private returns (bytes4 problem) {
        uint256 slot = batch.slot;
        SettlementLine line;
        // Energies of one slot are below 2^24 and prices below 2^24, sums of few of their products below 2^64.
        unchecked {
            if (word.has(MeterWordLib.FLAG_FEEDER)) {
                batch.feederRead = true;
                batch.feederWh = int256(flow.importedWh) - int256(flow.exportedWh);
            } else {
                GridLeg.Due memory due = _dueForSlot(batch, word, flow);
                if (word.balanceTicks() + due.proceeds + due.mint > MeterWordLib.BALANCE_CEILING) {
                    return IExchangeErrors.BalanceOverflow.selector;
                }
                if (word.lane(slot).isOpen()) ++batch.settledLanes;
                (word, line) = GridLeg.apply_(batch.ledger, meter, slot, word, due);
                if (flow.importedWh != 0) _watchDeposit(meter, slot, word, batch.importPrice);
                batch.importWh += flow.importedWh;
                batch.exportWh += flow.exportedWh;
                batch.ratedWh += word.slotLimitWh();
            }
            ++batch.readCount;
        }
        word = word.withRegisters(flow.importWh, flow.exportWh, slot).withLane(slot, Lane.wrap(0));
        ExchangeStorage.load().words[meter] = word;
        emit IExchangeEvents.ReadingSettled(meter, word, line);
    }

    /// @dev imbalance = metered net - position; traded energy at the clearing price, imbalance at the backstop.
    function _dueForSlot(
        Batch memory batch,
        MeterWord word,
        Flow memory flow
    ) private pure returns (GridLeg.Due memory due) {
        unchecked {
            Lane lane = word.lane(batch.slot);
            uint256 positionWh = lane.energyWh();
            uint256 takenWh = flow.importedWh; // what the meter took, and what it sold
            uint256 givenWh = flow.exportedWh; // what the meter gave, and what it bought
            uint256 localWh;
            if (lane.isSold()) {
                takenWh += positionWh;
                due.proceeds = positionWh * batch.clearingPrice;
            }
            // Without a bond nothing stands behind an export beyond what was sold: it is not paid.
            if (givenWh > takenWh && !word.has(MeterWordLib.FLAG_BONDED)) givenWh = takenWh;
            if (lane.isOpen() && !lane.isSold()) {
                givenWh += positionWh;
                localWh = positionWh < flow.importedWh ? positionWh : flow.importedWh;
            }
            if (takenWh > givenWh) due.burn = (takenWh - givenWh) * batch.importPrice;
            else due.mint = (givenWh - takenWh) * batch.exportPrice;
            due.network = localWh * batch.networkLocalPrice + (flow.importedWh - localWh) * batch.networkGridPrice;
            due.levy = flow.importedWh * batch.levyPrice;
        }
    }

    /// @dev A gap reading settles every lane up to its slot exactly as closing would, then its whole register
    /// difference gross, import at the cap price and export at the floor price, so that silence never pays.
    function _settleGap(
        Batch memory batch,
        address meter,
        MeterWord word,
        Flow memory flow
    ) private returns (bytes4 problem) {
        ZoneLimits storage limits = ExchangeStorage.load().zones[batch.zone].limits;
        SettlementLine line;
        if (!word.has(MeterWordLib.FLAG_FEEDER)) {
            GridLeg.Due memory due;
            due.burn = flow.importedWh * limits.capPrice;
            due.network = flow.importedWh * batch.networkGridPrice;
            due.levy = flow.importedWh * batch.levyPrice;
            if (word.has(MeterWordLib.FLAG_BONDED)) due.mint = flow.exportedWh * limits.floorPrice;
            if (word.balanceTicks() + due.mint > MeterWordLib.BALANCE_CEILING) {
                return IExchangeErrors.BalanceOverflow.selector;
            }
            uint256 first = word.lastSlot() + 1;
            for (uint256 slot = first; slot <= batch.slot && slot < first + 2; ++slot) {
                if (!word.lane(slot).isOpen()) continue;
                SlotRecord storage record = SlotRecords.existing(batch.zone, slot);
                word = settleUnread(batch.ledger, meter, slot, word, record);
                ZoneMoney.payWork(record, batch.zone, slot, 1);
            }
            (word, line) = GridLeg.apply_(batch.ledger, meter, batch.slot, word, due);
            if (flow.importedWh != 0) _watchDeposit(meter, batch.slot, word, limits.capPrice);
        }
        word = word.withRegisters(flow.importWh, flow.exportWh, batch.slot);
        ExchangeStorage.load().words[meter] = word;
        emit IExchangeEvents.ReadingSettled(meter, word, line);
    }

    /// @notice Settle an open position as if nothing had flowed: a seller has delivered nothing, a buyer used nothing.
    /// @dev Shared by closing and gap readings. Does not store the word.
    function settleUnread(
        GridLeg.Ledger memory ledger,
        address meter,
        uint256 slot,
        MeterWord word,
        SlotRecord storage record
    ) internal returns (MeterWord) {
        Lane lane = word.lane(slot);
        uint256 positionWh = lane.energyWh();
        GridLeg.Due memory due;
        if (lane.isSold()) {
            due.proceeds = positionWh * record.clearingPrice;
            due.burn = positionWh * record.importPrice;
        } else {
            due.mint = positionWh * record.exportPrice;
        }
        SettlementLine line;
        (word, line) = GridLeg.apply_(ledger, meter, slot, word, due);
        word = word.withLane(slot, Lane.wrap(0));
        emit IExchangeEvents.PositionClosed(meter, uint32(slot), word, line);
        return word;
    }

    /// @dev Importing meters keep a deposit of one slot at rated power; below it the grid operator is asked to act.
    function _watchDeposit(address meter, uint256 slot, MeterWord word, uint256 price) private {
        uint256 deposit = word.slotLimitWh() * price;
        if (word.balanceTicks() < deposit) {
            emit IExchangeEvents.DisconnectionRequested(meter, uint32(slot), word.balanceTicks(), deposit);
        }
    }

    /// @dev Write the batch's sums to the record, pay for the work, move the money.
    function _finish(Batch memory batch, SlotRecord storage record) private {
        if (batch.readCount != 0) {
            record.readCount += uint16(batch.readCount);
            record.importWh += uint48(batch.importWh);
            record.exportWh += uint48(batch.exportWh);
            record.readRatedWh += uint48(batch.ratedWh);
            if (batch.feederRead) {
                record.feederWh = int56(batch.feederWh);
                record.status |= SlotRecords.STATUS_FEEDER_READ;
            }
        }
        if (batch.settledLanes != 0) ZoneMoney.payWork(record, batch.zone, batch.slot, batch.settledLanes);
        ZoneMoney.accrue(batch.zone, batch.slot, batch.ledger.network, batch.ledger.levy, 0, 0);
        GridLeg.finish(batch.ledger);
    }
}
