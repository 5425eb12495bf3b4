// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ExchangeStorage} from "../ExchangeStorage.sol";
import {IExchangeErrors} from "../interfaces/IExchangeErrors.sol";
import {IExchangeEvents} from "../interfaces/IExchangeEvents.sol";
import {ClearingRule, PlacedOrder, SlotRecord, Zone} from "../types/ExchangeTypes.sol";
import {LaneLib, MeterWord, MeterWordLib} from "../types/MeterWord.sol";
import {PackedLib} from "../types/Packed.sol";
import {Clock} from "./Clock.sol";
import {CompactSignature} from "./CompactSignature.sol";
import {ItemError} from "./ItemError.sol";
import {MarketMessages} from "./MarketMessages.sol";
import {SlotRecords} from "./SlotRecords.sol";
import {UniformPriceAuction} from "./UniformPriceAuction.sol";
import {ZoneMoney} from "./ZoneMoney.sol";

/// @notice Clears the committed book and the orders placed on chain.
///
/// A side of the book is a run of entries in strict order (bids by falling, offers by rising limit price; ties by
/// rising order hash). An entry begins with `kind (1 byte)`:
/// - `0`, signed by the device key: energyWh (3), limitPrice (4), signature (64, EIP-2098) = 72 bytes;
/// - `1`, signed by the delegate: energyWh (3), limitPrice (4), signature (64), meter (20) = 92 bytes;
/// - `2`, placed on chain: index in the slot's list (1) = 2 bytes.
library OrderBook {
    uint256 internal constant MAX_ORDERS = 1000;
    uint256 private constant KIND_SIGNED = 0;
    uint256 private constant KIND_DELEGATED = 1;
    uint256 private constant KIND_PLACED = 2;

    /// @dev Transient marks of a meter within one clearing.
    uint256 private constant MARK_IN_BOOK = 1;
    uint256 private constant MARK_SUPERSEDED = 2;
    uint256 private constant MARK_PLACED_IN_BOOK = 3;

    struct Book {
        bytes32 domain;
        uint256 zone;
        uint256 slot;
        uint256 importPrice;
        uint256 exportPrice;
        uint256 feePpm;
        uint256 ringIndex;
        bytes32[] signedHashes; // order hashes of the signed entries, bids then offers
        uint256 signedCount;
        uint256 placedCount;
    }

    /// @dev Orders of a side that take part. `orders[i] = kind << 56 | price << 24 | energy` (see
    /// `UniformPriceAuction`), with the index of a placed order above.
    struct BookSide {
        uint256 side;
        uint256 count;
        uint256[] orders;
        address[] meters;
        MeterWord[] words;
        uint256[] origins; // 0 = signed, 1 + index = placed
    }

    /// @dev Sums of one clearing.
    struct Totals {
        uint256 positions;
        uint256 feeTicks;
        uint256 seasonTicks;
    }

    /// @notice Clear a slot from its committed book and the orders placed on chain.
    function clear(
        bytes32 domain,
        uint256 zone,
        uint256 slot,
        bytes calldata bidEntries,
        bytes calldata offerEntries
    ) external {
        SlotRecord storage record = SlotRecords.open(zone, slot);
        Book memory book;
        book.domain = domain;
        book.zone = zone;
        book.slot = slot;
        book.importPrice = record.importPrice;
        book.exportPrice = record.exportPrice;
        book.feePpm = record.feePpm;
        book.ringIndex = slot % Clock.RING;
        bool signedToo = _checkWindow(record, slot);
        uint256 placed = _markPlaced(book, record.placedCount);

        uint256 most = bidEntries.length / 72 + offerEntries.length / 72;
        book.signedHashes = new bytes32[](most);
        BookSide memory bids = _readSide(book, MarketMessages.BID, bidEntries, placed);
        BookSide memory offers = _readSide(book, MarketMessages.OFFER, offerEntries, placed);
        if (book.placedCount != placed) revert IExchangeErrors.PlacedOrderMissing(book.placedCount, placed);
        if (book.signedCount + placed > MAX_ORDERS) {
            revert IExchangeErrors.TooManyOrders(book.signedCount + placed, MAX_ORDERS);
        }
        {
            bytes32 given = bookHash(book.signedHashes, book.signedCount);
            bytes32 committed = signedToo ? record.bookHash : bytes32(0);
            if (given != committed) revert IExchangeErrors.BookNotCommitted(given, committed);
            if (signedToo) record.status |= SlotRecords.STATUS_BOOK_CLEARED;
        }

        ClearingRule rule = record.status & SlotRecords.STATUS_SBBA != 0 ? ClearingRule.Sbba : ClearingRule.Midpoint;
        UniformPriceAuction.Result memory result = UniformPriceAuction.clear(
            rule,
            bids.orders,
            bids.count,
            offers.orders,
            offers.count
        );
        Totals memory totals;
        _fillSide(book, bids, result.bids, result.price, totals);
        _fillSide(book, offers, result.offers, result.price, totals);
        _finish(book, record, result, totals);
    }

    /// @notice Hash of the signed orders of a book: keccak256 over their order hashes, bids then offers, each in strict
    /// order; zero for no orders.
    function bookHash(bytes32[] memory hashes, uint256 count) internal pure returns (bytes32 result) {
        if (count == 0) return 0;
        assembly ("memory-safe") {
            result := keccak256(add(hashes, 0x20), shl(5, count))
        }
    }

    /// @dev Who may clear when. Returns whether the committed book clears, or the placed orders alone.
    function _checkWindow(SlotRecord storage record, uint256 slot) private view returns (bool signedToo) {
        uint256 status = record.status;
        if (status & SlotRecords.STATUS_CLEARED != 0) revert IExchangeErrors.AlreadyCleared(slot);
        uint256 start = Clock.startOf(slot);
        uint256 from = start - Clock.COMMIT_END;
        uint256 to = start;
        if (status & SlotRecords.STATUS_COMMITTED != 0) {
            signedToo = block.timestamp < start - Clock.COMMITTED_END;
            if (signedToo) {
                bool matcher = msg.sender == record.matcher;
                from = start - (matcher ? Clock.GATE_CLOSURE : Clock.MATCHER_END);
            }
        }
        if (block.timestamp < from || block.timestamp >= to) revert IExchangeErrors.OutsideWindow(slot, from, to);
    }

    /// @dev Mark the meters whose signed orders are void. Returns how many placed orders are live.
    function _markPlaced(Book memory book, uint256 entries) private returns (uint256 live) {
        for (uint256 i = 0; i < entries; ++i) {
            PlacedOrder storage order = ExchangeStorage.load().placed[book.zone][book.ringIndex][i];
            _setMark(_markKey(book, order.meter), MARK_SUPERSEDED);
            if (order.energyWh != 0) ++live;
        }
    }

    /// @dev Read one side: check bytes and order, decide who takes part.
    function _readSide(
        Book memory book,
        uint256 side,
        bytes calldata entries,
        uint256 placed
    ) private returns (BookSide memory result) {
        uint256 most = entries.length / 72 + placed;
        result.side = side;
        result.orders = new uint256[](most);
        result.meters = new address[](most);
        result.words = new MeterWord[](most);
        result.origins = new uint256[](most);
        uint256 offset;
        uint256 end;
        assembly ("memory-safe") {
            offset := entries.offset
            end := add(offset, entries.length)
        }
        // Rank rises along the strict order: the price (complemented for bids), then the order hash.
        uint256 lastRank;
        bytes32 lastHash;
        for (uint256 index = 0; offset < end; ++index) {
            Entry memory entry = _readEntry(book, side, offset, index);
            offset += entry.size;
            if (offset > end) revert IExchangeErrors.BadBatchLength(entries.length);
            unchecked {
                uint256 rank = 1 + (side == MarketMessages.BID ? type(uint32).max - entry.price : entry.price);
                if (rank < lastRank || (rank == lastRank && entry.hash <= lastHash)) {
                    revert IExchangeErrors.UnsortedBook(side, index);
                }
                lastRank = rank;
            }
            lastHash = entry.hash;
            (bytes4 problem, MeterWord word) = _admit(book, side, entry);
            if (problem != 0) {
                emit IExchangeEvents.OrderSkipped(entry.meter, uint16(book.zone), uint32(book.slot), problem);
                if (entry.kind == KIND_PLACED) _refund(book, side, entry);
                continue;
            }
            uint256 count = result.count++;
            result.orders[count] = (entry.price << 24) | entry.energyWh;
            result.meters[count] = entry.meter;
            result.words[count] = word;
            if (entry.kind == KIND_PLACED) result.origins[count] = 1 + entry.placedIndex;
        }
    }

    struct Entry {
        uint256 kind;
        uint256 size;
        uint256 energyWh;
        uint256 price;
        address meter;
        address signer;
        bytes32 hash;
        uint256 placedIndex;
    }

    /// @dev Decode the entry at `offset`. Everything here is wrong by its bytes alone, so it reverts.
    function _readEntry(
        Book memory book,
        uint256 side,
        uint256 offset,
        uint256 index
    ) private view returns (Entry memory entry) {
        uint256 head;
        assembly ("memory-safe") {
            head := calldataload(offset)
        }
        uint256 kind = head >> 248;
        entry.kind = kind;
        bytes32 digest;
        if (kind == KIND_PLACED) {
            entry.size = 2;
            entry.placedIndex = (head >> 240) & 0xff;
            PlacedOrder storage order = _placedAt(book, entry.placedIndex);
            if (order.energyWh == 0 || order.side != side) revert IExchangeErrors.NoPlacedOrder(entry.placedIndex);
            entry.meter = order.meter;
            entry.energyWh = order.energyWh;
            entry.price = order.limitPrice;
            digest = MarketMessages.digest(
                book.domain,
                MarketMessages.orderStruct(book.zone, book.slot, side, entry.energyWh, entry.price)
            );
        } else {
            if (kind > KIND_DELEGATED) revert IExchangeErrors.UnknownEntryKind(index, kind);
            uint256 energyWh = (head >> 224) & 0xffffff;
            uint256 price = (head >> 192) & 0xffffffff;
            if (energyWh == 0) revert IExchangeErrors.ZeroEnergy(index);
            entry.energyWh = energyWh;
            entry.price = price;
            bytes32 structHash;
            if (kind == KIND_SIGNED) {
                entry.size = 72;
                structHash = MarketMessages.orderStruct(book.zone, book.slot, side, energyWh, price);
            } else {
                entry.size = 92;
                address named;
                assembly ("memory-safe") {
                    named := shr(96, calldataload(add(offset, 72)))
                }
                entry.meter = named;
                structHash = MarketMessages.delegatedOrderStruct(named, book.zone, book.slot, side, energyWh, price);
            }
            digest = MarketMessages.digest(book.domain, structHash);
            entry.signer = CompactSignature.recover(digest, offset + 8, index);
            if (kind == KIND_SIGNED) entry.meter = entry.signer;
        }
        entry.hash = MarketMessages.orderHash(digest, entry.meter);
    }

    /// @dev Whether the order takes part. Whatever depends on state is a `problem`, which skips this order alone.
    function _admit(
        Book memory book,
        uint256 side,
        Entry memory entry
    ) private returns (bytes4 problem, MeterWord word) {
        address meter = entry.meter;
        bytes32 key = _markKey(book, meter);
        uint256 mark = _mark(key);
        word = ExchangeStorage.load().words[meter];
        if (entry.kind == KIND_PLACED) {
            if (mark == MARK_PLACED_IN_BOOK) revert IExchangeErrors.MeterTwice(meter);
            _setMark(key, MARK_PLACED_IN_BOOK);
            ++book.placedCount;
        } else {
            book.signedHashes[book.signedCount++] = entry.hash;
            if (mark == MARK_IN_BOOK) revert IExchangeErrors.MeterTwice(meter);
            if (mark != 0) return (IExchangeErrors.OrderSuperseded.selector, word);
            _setMark(key, MARK_IN_BOOK);
            if (entry.kind == KIND_DELEGATED && entry.signer != ExchangeStorage.load().configs[meter].delegate) {
                return (IExchangeErrors.NotDelegate.selector, word);
            }
        }
        problem = _checkMeter(word, book.zone, side);
        if (problem != 0) return (problem, word);
        unchecked {
            if (word.lastSlot() + 2 != book.slot) return (IExchangeErrors.MeterUnread.selector, word);
            if (entry.kind == KIND_PLACED) return (0, word);
            if (entry.energyWh > word.slotLimitWh()) return (IExchangeErrors.OrderBeyondRatedPower.selector, word);
            if (entry.price < book.exportPrice || entry.price > book.importPrice) {
                return (IExchangeErrors.LimitOutsideTariff.selector, word);
            }
            if (side == MarketMessages.BID) {
                uint256 cost = entry.energyWh * entry.price;
                if (cost + feeUp(cost, book.feePpm) > word.balanceTicks()) {
                    return (IExchangeErrors.InsufficientBalance.selector, word);
                }
            }
        }
    }

    /// @dev What must hold for a meter to trade, whenever its order was made.
    function _checkMeter(MeterWord word, uint256 zone, uint256 side) private pure returns (bytes4) {
        if (word.zone() != zone) {
            return word.isMeter() ? IExchangeErrors.WrongZone.selector : IExchangeErrors.UnknownMeter.selector;
        }
        uint256 flags = word.flags();
        // One comparison for the common case: nothing but a bond or storage.
        uint256 blocking = MeterWordLib.FLAG_SUSPENDED | MeterWordLib.FLAG_INDEBTED | MeterWordLib.FLAG_FEEDER;
        if (flags & blocking != 0) {
            if (flags & MeterWordLib.FLAG_SUSPENDED != 0) return IExchangeErrors.MeterSuspended.selector;
            if (flags & MeterWordLib.FLAG_INDEBTED != 0) return IExchangeErrors.MeterIndebted.selector;
            return IExchangeErrors.FeederCannotTrade.selector;
        }
        if (side == MarketMessages.OFFER && flags & MeterWordLib.FLAG_BONDED == 0) {
            return IExchangeErrors.MeterNotBonded.selector;
        }
        return 0;
    }

    /// @dev Give every order its part, write the positions and take the buyers' money.
    function _fillSide(
        Book memory book,
        BookSide memory side,
        UniformPriceAuction.Side memory part,
        uint256 price,
        Totals memory totals
    ) private {
        bool isBid = side.side == MarketMessages.BID;
        uint256 before;
        for (uint256 i = 0; i < side.count; ++i) {
            // Bounds: energies below 2^24, prices below 2^32, so a cost is below 2^56 and a fee not above it.
            unchecked {
                uint256 order = side.orders[i];
                uint256 energyWh = order & 0xffffff;
                uint256 filledWh = UniformPriceAuction.fill(part, i, energyWh, before);
                if (i >= part.groupStart) before += energyWh;
                MeterWord word = side.words[i];
                uint256 limitPrice = order >> 24;
                uint256 balance = word.balanceTicks();
                uint256 fee;
                if (side.origins[i] != 0) {
                    // The worst case was locked when the order was placed.
                    balance += _lock(book, isBid, energyWh, limitPrice);
                    if (filledWh != 0) balance += ZoneMoney.PLACEMENT_FEE_TICKS;
                    else totals.seasonTicks += ZoneMoney.PLACEMENT_FEE_TICKS;
                }
                if (filledWh != 0) {
                    if (isBid) {
                        uint256 cost = filledWh * price;
                        fee = feeUp(cost, book.feePpm);
                        balance -= cost + fee;
                        totals.feeTicks += fee;
                    }
                    word = word.withLane(book.slot, LaneLib.make(side.side, filledWh));
                    ++totals.positions;
                }
                word = word.withBalance(balance);
                if (filledWh != 0 || side.origins[i] != 0) ExchangeStorage.load().words[side.meters[i]] = word;
                emit IExchangeEvents.OrderCleared(
                    side.meters[i],
                    PackedLib.packFill(
                        book.zone,
                        book.slot,
                        side.side,
                        side.origins[i] != 0,
                        limitPrice,
                        energyWh,
                        filledWh,
                        fee,
                        balance
                    )
                );
            }
        }
    }

    /// @dev A placed order that is skipped gets its lock back; the placement fee stays.
    function _refund(Book memory book, uint256 side, Entry memory entry) private {
        MeterWord word = ExchangeStorage.load().words[entry.meter];
        uint256 lock = _lock(book, side == MarketMessages.BID, entry.energyWh, entry.price);
        word = word.withBalance(word.balanceTicks() + lock);
        ExchangeStorage.load().words[entry.meter] = word;
        emit IExchangeEvents.PlacedOrderReleased(
            entry.meter,
            uint16(book.zone),
            uint32(book.slot),
            MeterWord.unwrap(word)
        );
        ZoneMoney.accrue(book.zone, book.slot, 0, 0, 0, ZoneMoney.PLACEMENT_FEE_TICKS);
    }

    /// @dev Write the record; share the fee between worker, work still to do, season pool and fee account.
    function _finish(
        Book memory book,
        SlotRecord storage record,
        UniformPriceAuction.Result memory result,
        Totals memory totals
    ) private {
        uint256 work = (totals.feeTicks * ZoneMoney.WORK_SHARE_PPM) / ZoneMoney.PPM;
        uint256 season = (totals.feeTicks * ZoneMoney.SEASON_SHARE_PPM) / ZoneMoney.PPM;
        uint256 later = work / 2;
        record.status |= SlotRecords.STATUS_CLEARED | SlotRecords.STATUS_RELEASED;
        record.clearingPrice = uint24(result.price);
        record.openPositions = uint16(totals.positions);
        record.matchedWh = uint40(result.volumeWh);
        record.workTicks = uint56(later);
        ZoneMoney.accrue(
            book.zone,
            book.slot,
            0,
            0,
            totals.feeTicks - work - season,
            season + totals.seasonTicks
        );
        if (work != later) ZoneMoney.payWorker(book.zone, book.slot, work - later);
        emit IExchangeEvents.SlotCleared(
            uint16(book.zone),
            uint32(book.slot),
            uint24(result.price),
            uint40(result.volumeWh),
            uint16(totals.positions),
            uint64(totals.feeTicks),
            uint64(work)
        );
    }

    /// @notice Trading fee of a traded value, rounded up so that splitting an order never pays.
    function feeUp(uint256 valueTicks, uint256 feePpm) internal pure returns (uint256) {
        unchecked {
            return (valueTicks * feePpm + (ZoneMoney.PPM - 1)) / ZoneMoney.PPM;
        }
    }

    /// @dev What a placed order locked besides the placement fee: a buyer's worst case, nothing for a seller.
    function _lock(
        Book memory book,
        bool isBid,
        uint256 energyWh,
        uint256 limitPrice
    ) private pure returns (uint256) {
        if (!isBid) return 0;
        uint256 cost = energyWh * limitPrice;
        return cost + feeUp(cost, book.feePpm);
    }

    function _placedAt(Book memory book, uint256 index) private view returns (PlacedOrder storage) {
        if (index >= SlotRecords.entry(book.zone, book.slot).placedCount) revert IExchangeErrors.NoPlacedOrder(index);
        return ExchangeStorage.load().placed[book.zone][book.ringIndex][index];
    }

    /// @dev Marks live in transient storage under a key of this slot alone, so that two clearings in one transaction do
    /// not meet.
    function _markKey(Book memory book, address meter) private pure returns (bytes32) {
        return bytes32((book.zone << 192) | (book.slot << 160) | uint256(uint160(meter)));
    }

    function _mark(bytes32 key) private view returns (uint256 mark) {
        assembly ("memory-safe") {
            mark := tload(key)
        }
    }

    function _setMark(bytes32 key, uint256 mark) private {
        assembly ("memory-safe") {
            tstore(key, mark)
        }
    }
}
