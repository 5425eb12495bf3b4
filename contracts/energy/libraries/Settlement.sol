// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ExchangeStorage} from "../ExchangeStorage.sol";
import {IExchangeErrors} from "../interfaces/IExchangeErrors.sol";
import {IExchangeEvents} from "../interfaces/IExchangeEvents.sol";
import {SlotRecord, Zone, ZoneLimits, ZoneTerms} from "../types/ExchangeTypes.sol";
import {Lane, MeterWord, MeterWordLib} from "../types/MeterWord.sol";
import {SettlementLine} from "../types/Packed.sol";
import {Clock} from "./Clock.sol";
import {CompactSignature} from "./CompactSignature.sol";
import {GridLeg} from "./GridLeg.sol";
import {ItemError} from "./ItemError.sol";
import {MarketMessages} from "./MarketMessages.sol";
import {ReadingTree} from "./ReadingTree.sol";
import {SignedMessage, SignedMessageLib} from "./SignedMessage.sol";
import {SlotRecords} from "./SlotRecords.sol";
import {StoragePhysics} from "./StoragePhysics.sol";
import {ZoneMoney} from "./ZoneMoney.sol";

/// @notice Settles signed readings, each alone: who complies is never hurt by who does not.
library Settlement {
    /// @notice Bytes of a reading in a batch: import register (5), export register (5), signature (64, EIP-2098).
    uint256 internal constant READING_BYTES = 74;
    uint256 private constant GAP = 1;
    /// @dev Half the order of secp256k1, see `SignedMessage`.
    uint256 private constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;
    /// @dev `MeterWordLib.BALANCE_CEILING` as a literal, which assembly needs.
    uint256 private constant BALANCE_CEILING = 0x3efffffffffffff;

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

    /// @dev Where the settling of a batch stands, and what the ordinary readings of a run share.
    struct Run {
        uint256 offset;
        uint256 end;
        uint256 index;
        uint256 settled;
        bytes32[] leaves;
        SignedMessage message; // fields zone, slot, import register, export register
        uint256 leaf; // memory of a leaf: meter, zone, slot, imported, exported, flags
        uint256 readyMask; // an ordinary meter's word has these bits as in `readyBits`
        uint256 readyBits;
        uint256 keptMask; // what a reading leaves as it is: flags, class, zone and the other lane
        uint256 laneShift;
        uint256 importPrice;
        uint256 exportPrice;
        uint256 clearingPrice;
        uint256 networkLocalPrice;
        uint256 networkGridPrice;
        uint256 levyPrice;
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

        Run memory run = _newRun(batch, record, length / READING_BYTES);
        {
            uint256 offset;
            assembly ("memory-safe") {
                offset := readings.offset
            }
            run.offset = offset;
            run.end = offset + length;
        }
        while (run.offset < run.end) {
            if (!(batch.early || batch.late)) _settleRun(batch, run);
            if (run.offset == run.end) break;
            (bytes32 leaf, bytes4 problem, address meter) = _reading(batch, run);
            if (problem == 0) {
                run.leaves[run.settled++] = leaf;
            } else if (single) {
                ItemError.raise(problem, meter, slot);
            } else {
                emit IExchangeEvents.ReadingSkipped(meter, uint16(zone), uint32(slot), problem);
            }
            run.offset += READING_BYTES;
            ++run.index;
        }
        uint256 settled = run.settled;

        if (settled == 0) return 0;
        root = ReadingTree.root(run.leaves, settled);
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

    function _newRun(
        Batch memory batch,
        SlotRecord storage record,
        uint256 readings
    ) private view returns (Run memory run) {
        run.leaves = new bytes32[](readings);
        run.message = SignedMessageLib.create(batch.domain, MarketMessages.READING_TYPEHASH, 4);
        run.message.set(0, batch.zone);
        run.message.set(1, batch.slot);
        uint256[6] memory leaf = [uint256(0), batch.zone, batch.slot, 0, 0, 0];
        uint256 leafAt;
        assembly ("memory-safe") {
            leafAt := leaf
        }
        run.leaf = leafAt;
        (run.readyMask, run.readyBits, run.keptMask) = MeterWordLib.readingPattern(batch.zone, batch.slot);
        run.laneShift = MeterWordLib.laneShift(batch.slot);
        if (batch.early || batch.late) return run;
        run.importPrice = record.importPrice;
        run.exportPrice = record.exportPrice;
        run.clearingPrice = record.clearingPrice;
        run.networkLocalPrice = record.networkLocalPrice;
        run.networkGridPrice = record.networkGridPrice;
        run.levyPrice = record.levyPrice;
    }

    /// @dev Settle the run of readings from `run.offset` on about which nothing is special: of the slot after the last
    /// one, within bounds, from a meter that is neither feeder nor storage nor suspended nor indebted, that can pay what
    /// it owes and whose export can be minted. It stops before the first other one, having changed nothing for it, and
    /// leaves that reading to the plain path below, which does the same with every exception.
    // One loop that stays in one piece: cutting it would cost gas for every reading.
    // solhint-disable-next-line function-max-lines
    function _settleRun(Batch memory batch, Run memory run) private {
        bytes32 wordsSlot = ExchangeStorage.wordsSlot();
        bytes32 topic = IExchangeEvents.ReadingSettled.selector;
        uint256 mintable = batch.ledger.mintable;
        uint256 lines; // sum of the readings' settlement lines, field by field
        uint256 flows; // sums: imported << 160 | exported << 80 | slot limits
        uint256 lanes;
        uint256 offset = run.offset;
        uint256 leafAt;
        assembly ("memory-safe") {
            // Members of the run, by their place.
            function member(base, place) -> value {
                value := mload(add(base, shl(5, place)))
            }
            let message := member(run, 5)
            leafAt := add(member(run, 4), add(0x20, shl(5, member(run, 3))))
            for {
                let end := member(run, 1)
            } lt(offset, end) {
                offset := add(offset, 74)
            } {
                let importWh
                let exportWh
                {
                    let head := calldataload(offset)
                    importWh := shr(216, head)
                    exportWh := and(shr(176, head), 0xffffffffff)
                }

                // EIP-712 digest and signer, as `SignedMessage` does it
                mstore(add(message, 0x140), importWh)
                mstore(add(message, 0x160), exportWh)
                mstore(add(message, 0xc0), keccak256(add(message, 0xe0), 0xa0))
                mstore(message, keccak256(add(message, 0x9e), 0x42))
                let special
                {
                    let vs := calldataload(add(offset, 42))
                    let s := shr(1, shl(1, vs))
                    special := gt(s, HALF_ORDER)
                    mstore(add(message, 0x20), add(shr(255, vs), 27))
                    mstore(add(message, 0x40), calldataload(add(offset, 10)))
                    mstore(add(message, 0x60), s)
                }
                pop(staticcall(gas(), 1, message, 0x80, 0x00, 0x20))
                special := or(special, iszero(returndatasize()))

                // The meter's word; `place` is where it is stored
                mstore(0x20, wordsSlot)
                let place := keccak256(0x00, 0x40)
                let word := sload(place)
                special := or(special, xor(and(word, member(run, 7)), member(run, 8)))

                // What has flowed; a register that went down wraps around and is far beyond the limit
                let importedWh := sub(importWh, and(word, 0xffffffffff))
                let exportedWh := sub(exportWh, and(shr(40, word), 0xffffffffff))
                let limitWh
                {
                    let class := shr(236, word)
                    limitWh := shl(add(4, and(shr(4, class), 15)), add(16, and(class, 15)))
                }
                special := or(special, or(gt(importedWh, limitWh), gt(exportedWh, limitWh)))

                // Imbalance = metered net - traded position, see `_dueForSlot`
                let available := and(shr(158, word), 0x3ffffffffffffff)
                let owed
                let line
                {
                    let lane := and(shr(member(run, 10), word), 0x7ffffff)
                    let soldWh := mul(shr(26, lane), and(lane, 0x1ffffff))
                    let boughtWh := mul(and(shr(25, lane), 1), and(lane, 0x1ffffff))
                    let takenWh := add(importedWh, soldWh)
                    // Export that no bond stands behind
                    special := or(special, and(gt(exportedWh, takenWh), iszero(and(shr(231, word), 4))))
                    available := add(available, mul(soldWh, member(run, 13)))
                    let givenWh := add(exportedWh, boughtWh)
                    switch gt(takenWh, givenWh)
                    case 1 {
                        owed := mul(sub(takenWh, givenWh), member(run, 11))
                        if gt(soldWh, exportedWh) {
                            let undeliveredWh := sub(soldWh, exportedWh)
                            owed := add(owed, mul(undeliveredWh, sub(member(run, 15), member(run, 14))))
                        }
                        line := shl(128, owed)
                    }
                    default {
                        let minted := mul(sub(givenWh, takenWh), member(run, 12))
                        special := or(special, gt(minted, mintable))
                        available := add(available, minted)
                        line := shl(192, minted)
                    }
                    let localWh := importedWh
                    if lt(boughtWh, localWh) {
                        localWh := boughtWh
                    }
                    let network := add(mul(localWh, member(run, 14)), mul(sub(importedWh, localWh), member(run, 15)))
                    let levy := mul(importedWh, member(run, 16))
                    owed := add(owed, add(network, levy))
                    line := or(line, or(shl(64, network), levy))
                    // Reliability, see `MeterWordLib.withDelivery`; only what was traded moves it.
                    if lane {
                        let positionWh := and(lane, 0x1ffffff)
                        let meteredWh := xor(importedWh, mul(xor(importedWh, exportedWh), shr(26, lane)))
                        let deliveredWh := xor(meteredWh, mul(xor(meteredWh, positionWh), lt(positionWh, meteredWh)))
                        let most := sub(add(positionWh, meteredWh), deliveredWh)
                        if lt(shl(4, most), limitWh) {
                            most := shr(4, limitWh)
                        }
                        let pull := sub(mul(deliveredWh, 0xfff), mul(positionWh, and(shr(216, word), 0xfff)))
                        word := add(word, shl(216, sdiv(pull, shl(5, most))))
                    }
                    lane := iszero(iszero(lane))
                    // What cannot be paid, held or is near the deposit is for the plain path.
                    special := or(special, or(gt(owed, available), gt(available, BALANCE_CEILING)))
                    let low := lt(sub(available, owed), mul(limitWh, member(run, 11)))
                    special := or(special, mul(low, importedWh))
                    if special {
                        break
                    }
                    lanes := add(lanes, lane)
                }
                mintable := sub(add(mintable, and(shr(128, line), 0xffffffffffffffff)), shr(192, line))
                lines := add(lines, line)
                flows := add(flows, or(or(shl(160, importedWh), shl(80, exportedWh)), limitWh))

                // Leaf of the batch's tree
                let meter := mload(0x00)
                {
                    let leaf := member(run, 6)
                    mstore(leaf, meter)
                    mstore(add(leaf, 0x60), importedWh)
                    mstore(add(leaf, 0x80), exportedWh)
                    mstore(leafAt, keccak256(leaf, 0xc0))
                    leafAt := add(leafAt, 0x20)
                }

                word := or(
                    and(word, member(run, 9)),
                    or(shl(158, sub(available, owed)), or(shl(40, exportWh), importWh))
                )
                word := or(word, shl(80, mload(add(message, 0x120))))
                sstore(place, word)
                mstore(0x00, word)
                mstore(0x20, line)
                log2(0x00, 0x40, topic, meter)
            }
        }
        _addRun(batch, run, offset, lines, flows, lanes);
    }

    /// @dev Take the sums of a run over into the batch.
    function _addRun(
        Batch memory batch,
        Run memory run,
        uint256 offset,
        uint256 lines,
        uint256 flows,
        uint256 lanes
    ) private pure {
        unchecked {
            uint256 readings = (offset - run.offset) / READING_BYTES;
            uint256 minted = lines >> 192;
            uint256 burned = (lines >> 128) & type(uint64).max;
            batch.ledger.minted += minted;
            batch.ledger.burned += burned;
            batch.ledger.mintable = batch.ledger.mintable + burned - minted;
            batch.ledger.network += (lines >> 64) & type(uint64).max;
            batch.ledger.levy += lines & type(uint64).max;
            batch.importWh += flows >> 160;
            batch.exportWh += (flows >> 80) & type(uint80).max;
            batch.ratedWh += flows & type(uint80).max;
            batch.settledLanes += lanes;
            batch.readCount += readings;
            run.offset = offset;
            run.index += readings;
            run.settled += readings;
        }
    }

    /// @dev Settle the reading at `run.offset`. A non-zero `problem` means that nothing has changed.
    function _reading(
        Batch memory batch,
        Run memory run
    ) private returns (bytes32 leaf, bytes4 problem, address meter) {
        uint256 importWh;
        uint256 exportWh;
        uint256 offset = run.offset;
        assembly ("memory-safe") {
            let head := calldataload(offset)
            importWh := shr(216, head)
            exportWh := and(shr(176, head), 0xffffffffff)
        }
        uint256 slot = batch.slot;
        meter = CompactSignature.recover(
            MarketMessages.digest(batch.domain, MarketMessages.readingStruct(batch.zone, slot, importWh, exportWh)),
            offset + 10,
            run.index
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
        if (!word.has(MeterWordLib.FLAG_STORAGE)) return 0;
        bool beyond = StoragePhysics.exceeded(ExchangeStorage.load().configs[meter], importWh, exportWh);
        return beyond ? IExchangeErrors.StorageBeyondCapacity.selector : bytes4(0);
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
                Lane lane = word.lane(slot);
                if (lane.isOpen()) {
                    ++batch.settledLanes;
                    word = word.withDelivery(lane.energyWh(), lane.isSold() ? flow.exportedWh : flow.importedWh);
                }
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
            if (lane.isSold() && positionWh > flow.exportedWh) {
                // Its buyer pays the local network charge for energy that never was local; the seller owes the rest, or
                // selling nothing to an accomplice would pay.
                uint256 undeliveredWh = positionWh - flow.exportedWh;
                due.burn += undeliveredWh * (batch.networkGridPrice - batch.networkLocalPrice);
            }
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
        SettlementLine line;
        if (!word.has(MeterWordLib.FLAG_FEEDER)) {
            GridLeg.Due memory due = _dueForGap(batch, word, flow);
            if (word.balanceTicks() + due.mint > MeterWordLib.BALANCE_CEILING) {
                return IExchangeErrors.BalanceOverflow.selector;
            }
            word = _closeLanes(batch, meter, word);
            (word, line) = GridLeg.apply_(batch.ledger, meter, batch.slot, word, due);
            if (flow.importedWh != 0) _watchDeposit(meter, batch.slot, word, _limits(batch).capPrice);
        }
        word = word.withRegisters(flow.importWh, flow.exportWh, batch.slot);
        ExchangeStorage.load().words[meter] = word;
        emit IExchangeEvents.ReadingSettled(meter, word, line);
    }

    /// @dev The register difference gross, import at the cap price and export at the floor price.
    function _dueForGap(
        Batch memory batch,
        MeterWord word,
        Flow memory flow
    ) private view returns (GridLeg.Due memory due) {
        ZoneLimits storage limits = _limits(batch);
        due.burn = flow.importedWh * limits.capPrice;
        due.network = flow.importedWh * batch.networkGridPrice;
        due.levy = flow.importedWh * batch.levyPrice;
        if (word.has(MeterWordLib.FLAG_BONDED)) due.mint = flow.exportedWh * limits.floorPrice;
    }

    function _limits(Batch memory batch) private view returns (ZoneLimits storage) {
        return ExchangeStorage.load().zones[batch.zone].limits;
    }

    /// @dev Settle what a meter has open up to the slot of its gap reading.
    function _closeLanes(Batch memory batch, address meter, MeterWord word) private returns (MeterWord) {
        uint256 first = word.lastSlot() + 1;
        for (uint256 slot = first; slot <= batch.slot && slot < first + 2; ++slot) {
            if (!word.lane(slot).isOpen()) continue;
            SlotRecord storage record = SlotRecords.existing(batch.zone, slot);
            word = settleUnread(batch.ledger, meter, slot, word, record);
            ZoneMoney.payWork(record, batch.zone, slot, 1);
        }
        return word;
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
            uint256 undeliveredPrice = record.networkGridPrice - record.networkLocalPrice;
            due.burn = positionWh * (record.importPrice + undeliveredPrice);
        } else {
            due.mint = positionWh * record.exportPrice;
        }
        SettlementLine line;
        (word, line) = GridLeg.apply_(ledger, meter, slot, word.withDelivery(positionWh, 0), due);
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
            record.readRatedWh += uint40(batch.ratedWh);
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
