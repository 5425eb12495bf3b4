// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ExchangeStorage} from "../ExchangeStorage.sol";
import {IExchangeErrors} from "../interfaces/IExchangeErrors.sol";
import {IExchangeEvents} from "../interfaces/IExchangeEvents.sol";
import {ClearingRule, PlacedOrder, SlotRecord} from "../types/ExchangeTypes.sol";
import {LaneLib, MeterWord, MeterWordLib} from "../types/MeterWord.sol";
import {PackedLib} from "../types/Packed.sol";
import {Clock} from "./Clock.sol";
import {MarketMessages} from "./MarketMessages.sol";
import {SignedMessage, SignedMessageLib} from "./SignedMessage.sol";
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

    /// @dev A placed order among `BookSide.orders`.
    uint256 private constant PLACED = 1 << 48;

    struct Book {
        bytes32 domain;
        uint256 zone;
        uint256 slot;
        uint256 importPrice;
        uint256 exportPrice;
        uint256 feePpm;
        uint256 placedCount; // entries in the slot's list of placed orders
        uint256 placedInBook;
        bytes32[] signedHashes; // order hashes of the signed entries, bids then offers
        uint256 signedCount;
        SignedMessage signed; // fields zone, slot, side, energy, price
        SignedMessage delegated; // fields meter, zone, slot, side, energy, price
    }

    /// @dev Orders of a side that take part: `orders[i] = PLACED? | price << 24 | energy` (see `UniformPriceAuction`).
    struct BookSide {
        uint256 side;
        uint256 count;
        uint256[] orders;
        uint256[] meters;
        uint256[] words;
        uint256 readyMask; // a meter may trade if its word has these bits as in `readyBits`
        uint256 readyBits;
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
        Book memory book = _newBook(domain, zone, slot, record);
        bool signedToo = _checkWindow(record, slot);
        uint256 placed = _markPlaced(book);
        book.signedHashes = new bytes32[]((bidEntries.length + offerEntries.length) / 72);
        BookSide memory bids = _readSide(book, MarketMessages.BID, bidEntries, placed);
        BookSide memory offers = _readSide(book, MarketMessages.OFFER, offerEntries, placed);
        if (book.placedInBook != placed) revert IExchangeErrors.PlacedOrderMissing(book.placedInBook, placed);
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

    function _newBook(
        bytes32 domain,
        uint256 zone,
        uint256 slot,
        SlotRecord storage record
    ) private view returns (Book memory book) {
        book.domain = domain;
        book.zone = zone;
        book.slot = slot;
        book.importPrice = record.importPrice;
        book.exportPrice = record.exportPrice;
        book.feePpm = record.feePpm;
        book.placedCount = record.placedCount;
        book.signed = SignedMessageLib.create(domain, MarketMessages.ORDER_TYPEHASH, 5);
        book.signed.set(0, zone);
        book.signed.set(1, slot);
        book.delegated = SignedMessageLib.create(domain, MarketMessages.DELEGATED_ORDER_TYPEHASH, 6);
        book.delegated.set(1, zone);
        book.delegated.set(2, slot);
    }

    /// @dev Mark the meters whose signed orders are void. Returns how many placed orders are live.
    function _markPlaced(Book memory book) private returns (uint256 live) {
        for (uint256 i = 0; i < book.placedCount; ++i) {
            PlacedOrder storage order = _placedAt(book, i);
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
        result.meters = new uint256[](most);
        result.words = new uint256[](most);
        (result.readyMask, result.readyBits) = MeterWordLib.tradingPattern(
            book.zone,
            book.slot - 2,
            side == MarketMessages.OFFER
        );
        book.signed.set(2, side);
        book.delegated.set(3, side);
        uint256 offset;
        uint256 end;
        assembly ("memory-safe") {
            offset := entries.offset
            end := add(offset, entries.length)
        }
        // The rank rises along the strict order: by the price (complemented for bids), then by the order hash.
        uint256 flip = side == MarketMessages.BID ? type(uint32).max : 0;
        uint256 lastRank;
        bytes32 lastHash;
        for (uint256 index; offset < end; ) {
            uint256 rank;
            bytes32 hash;
            (offset, rank, hash) = _readEntry(book, result, offset, index);
            if (offset > end) revert IExchangeErrors.BadBatchLength(entries.length);
            unchecked {
                rank = 1 + (rank ^ flip);
                if (rank <= lastRank && (rank < lastRank || hash <= lastHash)) {
                    revert IExchangeErrors.UnsortedBook(side, index);
                }
                lastRank = rank;
                lastHash = hash;
                ++index;
            }
        }
    }

    /// @dev Decode the entry at `offset`, and add it to the side if it takes part. What is wrong by its bytes reverts.
    /// @return next Offset behind the entry; its limit price and order hash, for the strict order.
    function _readEntry(
        Book memory book,
        BookSide memory side,
        uint256 offset,
        uint256 index
    ) private returns (uint256 next, uint256 price, bytes32 hash) {
        uint256 head;
        assembly ("memory-safe") {
            head := calldataload(offset)
        }
        uint256 kind = head >> 248;
        if (kind == KIND_PLACED) return _readPlaced(book, side, offset, (head >> 240) & 0xff);
        uint256 energyWh = (head >> 224) & 0xffffff;
        price = (head >> 192) & 0xffffffff;
        if (energyWh == 0) revert IExchangeErrors.ZeroEnergy(index);
        bytes4 problem;
        address meter;
        if (kind == KIND_SIGNED) {
            SignedMessage message = book.signed;
            message.set(3, energyWh);
            message.set(4, price);
            hash = message.digest(5);
            unchecked {
                meter = message.recover(offset + 8, index);
                next = offset + 72;
            }
        } else {
            if (kind > KIND_DELEGATED) revert IExchangeErrors.UnknownEntryKind(index, kind);
            (problem, meter, hash) = _recoverDelegated(book, offset, index, energyWh, price);
            next = offset + 92;
        }
        hash = MarketMessages.orderHash(hash, meter);
        _pushHash(book, hash);

        bytes32 key = _markKey(book, meter);
        uint256 mark = _mark(key);
        if (mark == 0) _setMark(key, MARK_IN_BOOK);
        else if (mark == MARK_IN_BOOK) revert IExchangeErrors.MeterTwice(meter);
        else problem = IExchangeErrors.OrderSuperseded.selector;
        MeterWord word = ExchangeStorage.load().words[meter];
        if (problem == 0) problem = _checkOrder(book, side, word, energyWh, price);
        if (problem != 0) {
            emit IExchangeEvents.OrderSkipped(meter, uint16(book.zone), uint32(book.slot), problem);
        } else {
            _push(side, (price << 24) | energyWh, meter, word);
        }
    }

    /// @dev Signer and digest of a delegated order; the owner must name that delegate now.
    function _recoverDelegated(
        Book memory book,
        uint256 offset,
        uint256 index,
        uint256 energyWh,
        uint256 price
    ) private view returns (bytes4 problem, address meter, bytes32 digest) {
        assembly ("memory-safe") {
            meter := shr(96, calldataload(add(offset, 72)))
        }
        SignedMessage message = book.delegated;
        message.set(0, uint160(meter));
        message.set(4, energyWh);
        message.set(5, price);
        digest = message.digest(6);
        if (message.recover(offset + 8, index) != ExchangeStorage.load().configs[meter].delegate) {
            problem = IExchangeErrors.NotDelegate.selector;
        }
    }

    /// @dev The entry of an order placed on chain. It was checked when it was placed, all but what may have changed.
    function _readPlaced(
        Book memory book,
        BookSide memory side,
        uint256 offset,
        uint256 placedIndex
    ) private returns (uint256 next, uint256 price, bytes32 hash) {
        if (placedIndex >= book.placedCount) revert IExchangeErrors.NoPlacedOrder(placedIndex);
        PlacedOrder memory order = _placedAt(book, placedIndex);
        if (order.energyWh == 0 || order.side != side.side) revert IExchangeErrors.NoPlacedOrder(placedIndex);
        price = order.limitPrice;
        hash = MarketMessages.orderHash(
            MarketMessages.digest(
                book.domain,
                MarketMessages.orderStruct(book.zone, book.slot, side.side, order.energyWh, price)
            ),
            order.meter
        );
        bytes32 key = _markKey(book, order.meter);
        if (_mark(key) == MARK_PLACED_IN_BOOK) revert IExchangeErrors.MeterTwice(order.meter);
        _setMark(key, MARK_PLACED_IN_BOOK);
        ++book.placedInBook;
        MeterWord word = ExchangeStorage.load().words[order.meter];
        if (MeterWord.unwrap(word) & side.readyMask == side.readyBits) {
            _push(side, PLACED | (price << 24) | order.energyWh, order.meter, word);
        } else {
            bytes4 problem = _notReady(book, word);
            emit IExchangeEvents.OrderSkipped(order.meter, uint16(book.zone), uint32(book.slot), problem);
            _refund(book, side.side, order, word);
        }
        next = offset + 2;
    }

    /// @dev Whether a signed order takes part: whatever depends on state is a problem of this order alone.
    function _checkOrder(
        Book memory book,
        BookSide memory side,
        MeterWord word,
        uint256 energyWh,
        uint256 price
    ) private pure returns (bytes4) {
        if (MeterWord.unwrap(word) & side.readyMask != side.readyBits) return _notReady(book, word);
        if (energyWh > word.slotLimitWh()) return IExchangeErrors.OrderBeyondRatedPower.selector;
        if (price < book.exportPrice || price > book.importPrice) return IExchangeErrors.LimitOutsideTariff.selector;
        if (side.side == MarketMessages.BID) {
            unchecked {
                // Energy and price are below 2^24 here.
                uint256 cost = energyWh * price;
                if (cost + feeUp(cost, book.feePpm) > word.balanceTicks()) {
                    return IExchangeErrors.InsufficientBalance.selector;
                }
            }
        }
        return 0;
    }

    /// @dev The reason why a meter's word does not have the trading pattern.
    function _notReady(Book memory book, MeterWord word) private pure returns (bytes4) {
        if (!word.isMeter()) return IExchangeErrors.UnknownMeter.selector;
        if (word.zone() != book.zone) return IExchangeErrors.WrongZone.selector;
        if (word.has(MeterWordLib.FLAG_SUSPENDED)) return IExchangeErrors.MeterSuspended.selector;
        if (word.has(MeterWordLib.FLAG_INDEBTED)) return IExchangeErrors.MeterIndebted.selector;
        if (word.has(MeterWordLib.FLAG_FEEDER)) return IExchangeErrors.FeederCannotTrade.selector;
        if (word.lastSlot() + 2 != book.slot) return IExchangeErrors.MeterUnread.selector;
        return IExchangeErrors.MeterNotBonded.selector;
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
        // What is the same in every event of the side.
        uint256 common = PackedLib.packFillCommon(book.zone, book.slot, side.side);
        uint256 before;
        for (uint256 i; i < side.count; ) {
            // Bounds: energies and prices are below 2^24, so a cost is below 2^48 and a fee not above it.
            unchecked {
                uint256 order = _at(side.orders, i);
                MeterWord word = MeterWord.wrap(_at(side.words, i));
                address meter = address(uint160(_at(side.meters, i)));
                uint256 energyWh = order & 0xffffff;
                uint256 filledWh = UniformPriceAuction.fill(part, i, energyWh, before);
                if (i >= part.groupStart) before += energyWh;
                uint256 balance = word.balanceTicks();
                uint256 fee;
                if (order & PLACED != 0) balance += _releaseLock(book, isBid, order, filledWh, totals);
                if (filledWh != 0) {
                    if (isBid) {
                        uint256 cost = filledWh * price;
                        fee = feeUp(cost, book.feePpm);
                        balance -= cost + fee;
                        totals.feeTicks += fee;
                    }
                    ++totals.positions;
                    word = word.withPosition(book.slot, LaneLib.make(side.side, filledWh), balance);
                    ExchangeStorage.load().words[meter] = word;
                } else if (order & PLACED != 0) {
                    ExchangeStorage.load().words[meter] = word.withBalance(balance);
                }
                emit IExchangeEvents.OrderCleared(meter, PackedLib.packFill(common, order, filledWh, fee, balance));
                ++i;
            }
        }
    }

    /// @dev What a placed order gets back before its fill is paid: its worst case, and the fee for placing if it trades.
    function _releaseLock(
        Book memory book,
        bool isBid,
        uint256 order,
        uint256 filledWh,
        Totals memory totals
    ) private pure returns (uint256 ticks) {
        if (isBid) ticks = _bidLock(book, order & 0xffffff, (order >> 24) & 0xffffff);
        if (filledWh != 0) ticks += ZoneMoney.PLACEMENT_FEE_TICKS;
        else totals.seasonTicks += ZoneMoney.PLACEMENT_FEE_TICKS;
    }

    /// @dev A placed order that is skipped gets its lock back; the placement fee stays.
    function _refund(Book memory book, uint256 side, PlacedOrder memory order, MeterWord word) private {
        if (side == MarketMessages.BID) {
            word = word.withBalance(word.balanceTicks() + _bidLock(book, order.energyWh, order.limitPrice));
            ExchangeStorage.load().words[order.meter] = word;
        }
        emit IExchangeEvents.PlacedOrderReleased(
            order.meter,
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

    /// @dev Worst case of a bid: its energy at its limit price, and the fee.
    function _bidLock(Book memory book, uint256 energyWh, uint256 limitPrice) private pure returns (uint256) {
        uint256 cost = energyWh * limitPrice;
        return cost + feeUp(cost, book.feePpm);
    }

    function _placedAt(Book memory book, uint256 index) private view returns (PlacedOrder storage) {
        return ExchangeStorage.load().placed[book.zone][book.slot % Clock.RING][index];
    }

    /// @dev The side's arrays have room for every entry of its calldata.
    function _push(BookSide memory side, uint256 order, address meter, MeterWord word) private pure {
        uint256 count = side.count;
        uint256[] memory orders = side.orders;
        uint256[] memory meters = side.meters;
        uint256[] memory words = side.words;
        assembly ("memory-safe") {
            let place := add(0x20, shl(5, count))
            mstore(add(orders, place), order)
            mstore(add(meters, place), meter)
            mstore(add(words, place), word)
        }
        unchecked {
            side.count = count + 1;
        }
    }

    /// @dev The array has room for every signed entry of the calldata.
    function _pushHash(Book memory book, bytes32 hash) private pure {
        uint256 count = book.signedCount;
        bytes32[] memory hashes = book.signedHashes;
        assembly ("memory-safe") {
            mstore(add(add(hashes, 0x20), shl(5, count)), hash)
        }
        unchecked {
            book.signedCount = count + 1;
        }
    }

    /// @dev Every caller's index is below the side's count.
    function _at(uint256[] memory values, uint256 index) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := mload(add(add(values, 0x20), shl(5, index)))
        }
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
