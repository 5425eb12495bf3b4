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
import {MeterSet, MeterSetLib} from "./MeterSet.sol";
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

    /// @dev What the set of meters knows of one.
    uint256 private constant MARK_IN_BOOK = 1;
    uint256 private constant MARK_SUPERSEDED = 2;
    uint256 private constant MARK_PLACED_IN_BOOK = 3;

    /// @dev Half the order of secp256k1, see `SignedMessage`.
    uint256 private constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;
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
        MeterSet meters; // meters in the book, and those whose signed orders are void
        SignedMessage signed; // fields zone, slot, side, energy, price
        SignedMessage delegated; // fields meter, zone, slot, side, energy, price
    }

    /// @dev Orders of a side that take part: `orders[i] = PLACED? | price << 24 | energy` (see `UniformPriceAuction`),
    /// `parties[2 i]` its meter and `parties[2 i + 1]` the meter's word.
    struct BookSide {
        uint256 side;
        uint256 count;
        uint256[] orders;
        uint256[] parties;
    }

    /// @dev Where the reading of a side stands, and what an order is compared with.
    struct Cursor {
        uint256 offset;
        uint256 end;
        uint256 index;
        uint256 lastKey; // rank << 224 | order hash >> 32 of the entry before
        uint256 flip; // turns a limit price into a rank that rises along the strict order
        uint256 readyMask; // a meter may trade if its word has these bits as in `readyBits`
        uint256 readyBits;
        uint256 exportPrice;
        uint256 bandEnd; // import price - export price + 1
        uint256 coverFactor; // a bid's cost times this must be covered by balance times 1e6; zero for offers
        MeterSet meters;
        bytes32 lastHash;
    }

    /// @dev Where the filling of a side stands.
    struct FillCursor {
        uint256 index;
        uint256 before; // energy of the rationed group ahead of the cursor
        uint256 feeTicks;
        uint256 positions;
        uint256 common; // part of the event that all orders share
        uint256 lane; // lane with the side and no energy, in place
        uint256 laneShift;
        uint256 price; // what a bought Wh costs; zero for sellers
        uint256 feePpm;
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
        uint256 signedMost = (bidEntries.length + offerEntries.length) / 72;
        Book memory book = _newBook(domain, zone, slot, record, signedMost);
        bool signedToo = _checkWindow(record, slot);
        uint256 placed = _markPlaced(book);
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
        SlotRecord storage record,
        uint256 signedMost
    ) private view returns (Book memory book) {
        book.domain = domain;
        book.zone = zone;
        book.slot = slot;
        book.importPrice = record.importPrice;
        book.exportPrice = record.exportPrice;
        book.feePpm = record.feePpm;
        book.placedCount = record.placedCount;
        book.signedHashes = new bytes32[](signedMost);
        book.meters = MeterSetLib.create(signedMost + book.placedCount);
        book.signed = SignedMessageLib.create(domain, MarketMessages.ORDER_TYPEHASH, 5);
        book.signed.set(0, zone);
        book.signed.set(1, slot);
        book.delegated = SignedMessageLib.create(domain, MarketMessages.DELEGATED_ORDER_TYPEHASH, 6);
        book.delegated.set(1, zone);
        book.delegated.set(2, slot);
    }

    /// @dev Mark the meters whose signed orders are void. Returns how many placed orders are live.
    function _markPlaced(Book memory book) private view returns (uint256 live) {
        for (uint256 i = 0; i < book.placedCount; ++i) {
            PlacedOrder storage order = _placedAt(book, i);
            book.meters.setMark(order.meter, MARK_SUPERSEDED);
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
        result.parties = new uint256[](2 * most);
        book.signed.set(2, side);
        book.delegated.set(3, side);
        Cursor memory cursor = _newCursor(book, side, entries);
        while (cursor.offset < cursor.end) {
            _readRun(book, result, cursor);
            if (cursor.offset >= cursor.end) break;
            (uint256 next, uint256 price, bytes32 hash) = _readEntry(book, result, cursor);
            if (next > cursor.end) revert IExchangeErrors.BadBatchLength(entries.length);
            uint256 rank = 1 + (price ^ cursor.flip);
            uint256 lastRank = cursor.lastKey >> 224;
            if (rank <= lastRank && (rank < lastRank || hash <= cursor.lastHash)) {
                revert IExchangeErrors.UnsortedBook(side, cursor.index);
            }
            cursor.offset = next;
            cursor.lastKey = (rank << 224) | (uint256(hash) >> 32);
            cursor.lastHash = hash;
            ++cursor.index;
        }
    }

    function _newCursor(
        Book memory book,
        uint256 side,
        bytes calldata entries
    ) private pure returns (Cursor memory cursor) {
        bool isBid = side == MarketMessages.BID;
        uint256 offset;
        assembly ("memory-safe") {
            offset := entries.offset
        }
        cursor.offset = offset;
        cursor.end = offset + entries.length;
        cursor.flip = isBid ? type(uint32).max : 0;
        (cursor.readyMask, cursor.readyBits) = MeterWordLib.tradingPattern(book.zone, book.slot - 2, !isBid);
        cursor.exportPrice = book.exportPrice;
        cursor.bandEnd = book.importPrice - book.exportPrice + 1;
        cursor.coverFactor = isBid ? ZoneMoney.PPM + book.feePpm : 0;
        cursor.meters = book.meters;
    }

    /// @dev Read the run of entries at the cursor about which nothing is special: signed by a device key, in strict
    /// order, from a meter that takes part. It stops before the first other one, having changed nothing for it, and
    /// leaves that entry to the plain path below, which does the same with reasons and reverts.
    // One loop that stays in one piece: cutting it would cost gas for every order.
    // solhint-disable-next-line function-max-lines
    function _readRun(Book memory book, BookSide memory side, Cursor memory cursor) private view {
        bytes32 wordsSlot = ExchangeStorage.wordsSlot();
        SignedMessage message = book.signed;
        uint256 offset = cursor.offset;
        uint256 hashAt;
        uint256 orderAt;
        uint256 partyAt;
        assembly ("memory-safe") {
            let count := mload(add(side, 0x20))
            orderAt := add(add(mload(add(side, 0x40)), 0x20), shl(5, count))
            partyAt := add(add(mload(add(side, 0x60)), 0x20), shl(6, count))
        }
        uint256 first = orderAt;
        {
            bytes32[] memory hashes = book.signedHashes;
            uint256 count = book.signedCount;
            assembly ("memory-safe") {
                hashAt := add(add(hashes, 0x20), shl(5, count))
            }
        }
        assembly ("memory-safe") {
            // Members of the cursor, by their place.
            function member(base, place) -> value {
                value := mload(add(base, shl(5, place)))
            }
            let last := sub(member(cursor, 1), 72)
            for {} iszero(sgt(offset, last)) {} {
                let head := calldataload(offset)
                let energyWh := shr(224, head)
                let price := and(shr(192, head), 0xffffffff)

                // EIP-712 digest and signer, as `SignedMessage` does it
                mstore(add(message, 0x160), energyWh)
                mstore(add(message, 0x180), price)
                mstore(add(message, 0xc0), keccak256(add(message, 0xe0), 0xc0))
                mstore(message, keccak256(add(message, 0x9e), 0x42))
                let special
                {
                    let vs := calldataload(add(offset, 40))
                    let s := shr(1, shl(1, vs))
                    special := gt(s, HALF_ORDER)
                    mstore(add(message, 0x20), add(shr(255, vs), 27))
                    mstore(add(message, 0x40), calldataload(add(offset, 8)))
                    mstore(add(message, 0x60), s)
                }
                pop(staticcall(gas(), 1, message, 0x80, 0x20, 0x20))
                special := or(special, iszero(returndatasize()))
                let meter := mload(0x20)

                // Order hash and strict order
                mstore(0x00, mload(message))
                mstore(hashAt, keccak256(0x00, 0x40))
                let key := or(shl(224, add(1, xor(price, member(cursor, 4)))), shr(32, mload(hashAt)))
                special := or(special, iszero(gt(key, member(cursor, 3))))

                // The meter's word: may it trade, is the order within its bounds and the slot's
                mstore(0x00, meter)
                mstore(0x20, wordsSlot)
                let word := sload(keccak256(0x00, 0x40))
                special := or(special, xor(and(word, member(cursor, 5)), member(cursor, 6)))
                {
                    // No energy wraps around, and an entry of another kind has too much: both are special.
                    let class := shr(236, word)
                    let limitWh := shl(add(4, and(shr(4, class), 15)), add(16, and(class, 15)))
                    special := or(special, iszero(lt(sub(energyWh, 1), limitWh)))
                }
                special := or(special, iszero(lt(sub(price, member(cursor, 7)), member(cursor, 8))))
                {
                    // cost + ceil(cost * fee / 1e6) <= balance, for whole numbers
                    let cover := mul(mul(energyWh, price), member(cursor, 9))
                    special := or(special, gt(cover, mul(and(shr(158, word), 0x3ffffffffffffff), 1000000)))
                }

                // A meter is in the book once. The set is a table in memory; see `MeterSet`.
                let set := member(cursor, 10)
                let mask := mload(set)
                set := add(set, 0x20)
                let cell := and(shl(5, meter), mask)
                let held := mload(add(set, cell))
                for {} held {} {
                    if eq(and(held, 0xffffffffffffffffffffffffffffffffffffffff), meter) {
                        special := 1
                        break
                    }
                    cell := and(add(cell, 0x20), mask)
                    held := mload(add(set, cell))
                }
                if special {
                    break
                }

                mstore(add(set, cell), or(meter, shl(160, MARK_IN_BOOK)))
                mstore(orderAt, or(shl(24, price), energyWh))
                mstore(partyAt, meter)
                mstore(add(partyAt, 0x20), word)
                mstore(add(cursor, 0x60), key)
                offset := add(offset, 72)
                hashAt := add(hashAt, 0x20)
                orderAt := add(orderAt, 0x20)
                partyAt := add(partyAt, 0x40)
            }
        }
        unchecked {
            uint256 read = (orderAt - first) >> 5;
            if (read == 0) return;
            side.count += read;
            book.signedCount += read;
            cursor.index += read;
            cursor.offset = offset;
            cursor.lastHash = book.signedHashes[book.signedCount - 1];
        }
    }

    /// @dev Decode the entry at `offset`, and add it to the side if it takes part. What is wrong by its bytes reverts.
    /// @return next Offset behind the entry; its limit price and order hash, for the strict order.
    function _readEntry(
        Book memory book,
        BookSide memory side,
        Cursor memory cursor
    ) private returns (uint256 next, uint256 price, bytes32 hash) {
        uint256 head;
        uint256 offset = cursor.offset;
        uint256 index = cursor.index;
        assembly ("memory-safe") {
            head := calldataload(offset)
        }
        uint256 kind = head >> 248;
        if (kind == KIND_PLACED) return _readPlaced(book, side, cursor, (head >> 240) & 0xff);
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

        uint256 mark = book.meters.mark(meter);
        if (mark == 0) book.meters.setMark(meter, MARK_IN_BOOK);
        else if (mark == MARK_IN_BOOK) revert IExchangeErrors.MeterTwice(meter);
        else problem = IExchangeErrors.OrderSuperseded.selector;
        MeterWord word = ExchangeStorage.load().words[meter];
        if (problem == 0) problem = _checkOrder(book, cursor, word, energyWh, price);
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
        Cursor memory cursor,
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
        if (book.meters.mark(order.meter) == MARK_PLACED_IN_BOOK) revert IExchangeErrors.MeterTwice(order.meter);
        book.meters.setMark(order.meter, MARK_PLACED_IN_BOOK);
        ++book.placedInBook;
        MeterWord word = ExchangeStorage.load().words[order.meter];
        if (MeterWord.unwrap(word) & cursor.readyMask == cursor.readyBits) {
            _push(side, PLACED | (price << 24) | order.energyWh, order.meter, word);
        } else {
            bytes4 problem = _notReady(book, word);
            emit IExchangeEvents.OrderSkipped(order.meter, uint16(book.zone), uint32(book.slot), problem);
            _refund(book, side.side, order, word);
        }
        next = cursor.offset + 2;
    }

    /// @dev Whether a signed order takes part: whatever depends on state is a problem of this order alone.
    function _checkOrder(
        Book memory book,
        Cursor memory cursor,
        MeterWord word,
        uint256 energyWh,
        uint256 price
    ) private pure returns (bytes4) {
        if (MeterWord.unwrap(word) & cursor.readyMask != cursor.readyBits) return _notReady(book, word);
        if (energyWh > word.slotLimitWh()) return IExchangeErrors.OrderBeyondRatedPower.selector;
        if (price < book.exportPrice || price > book.importPrice) return IExchangeErrors.LimitOutsideTariff.selector;
        if (cursor.coverFactor != 0) {
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
        FillCursor memory cursor;
        cursor.common = PackedLib.packFillCommon(book.zone, book.slot, side.side);
        cursor.lane = MeterWord.unwrap(MeterWord.wrap(0).withLane(book.slot, LaneLib.make(side.side, 0)));
        cursor.laneShift = MeterWordLib.laneShift(book.slot);
        cursor.price = isBid ? price : 0;
        cursor.feePpm = book.feePpm;
        while (cursor.index < side.count) {
            _fillRun(side, part, cursor);
            if (cursor.index == side.count) break;
            _fillPlaced(book, side, part, cursor, totals);
        }
        totals.feeTicks += cursor.feeTicks;
        totals.positions += cursor.positions;
    }

    /// @dev Fill signed orders from the cursor on, up to the next one that was placed on chain. The plain twin of each
    /// step is `UniformPriceAuction.fill`, `feeUp`, `MeterWord.withPosition` and `PackedLib.packFill`.
    function _fillRun(BookSide memory side, UniformPriceAuction.Side memory part, FillCursor memory cursor) private {
        bytes32 wordsSlot = ExchangeStorage.wordsSlot();
        bytes32 topic = IExchangeEvents.OrderCleared.selector;
        assembly ("memory-safe") {
            // Members of the cursor, by their place.
            function member(base, place) -> value {
                value := mload(add(base, shl(5, place)))
            }
            let orders := add(mload(add(side, 0x40)), 0x20)
            let orderAt := add(orders, shl(5, mload(cursor)))
            let partyAt := add(add(mload(add(side, 0x60)), 0x20), shl(6, mload(cursor)))
            let end := add(orders, shl(5, mload(add(side, 0x20))))
            let groupStart := add(orders, shl(5, mload(part)))
            let positions := 0
            let fees := 0
            for {} lt(orderAt, end) {} {
                let order := mload(orderAt)
                if shr(48, order) {
                    break
                }
                let filledWh := and(order, 0xffffff)
                if iszero(lt(orderAt, groupStart)) {
                    let before := member(cursor, 1)
                    let through := add(before, filledWh)
                    mstore(add(cursor, 0x20), through)
                    let groupWh := member(part, 2)
                    let volumeWh := member(part, 3)
                    if iszero(eq(groupWh, volumeWh)) {
                        filledWh := sub(div(mul(through, volumeWh), groupWh), div(mul(before, volumeWh), groupWh))
                    }
                    if iszero(lt(orderAt, add(orders, shl(5, member(part, 1))))) {
                        filledWh := 0
                    }
                }
                let word := mload(add(partyAt, 0x20))
                let held := and(shr(158, word), 0x3ffffffffffffff)
                let fill := or(member(cursor, 4), or(shl(140, order), shl(116, filledWh)))
                if filledWh {
                    // A seller's price is zero here: it pays nothing.
                    let cost := mul(filledWh, member(cursor, 7))
                    if cost {
                        let fee := div(add(mul(cost, member(cursor, 8)), 999999), 1000000)
                        cost := add(cost, fee)
                        fees := add(fees, fee)
                        fill := or(fill, shl(58, fee))
                        // The balance is large enough, so the subtraction stays within its field.
                        word := sub(word, shl(158, cost))
                        held := sub(held, cost)
                    }
                    word := or(word, or(member(cursor, 5), shl(member(cursor, 6), filledWh)))
                    mstore(0x00, mload(partyAt))
                    mstore(0x20, wordsSlot)
                    sstore(keccak256(0x00, 0x40), word)
                    positions := add(positions, 1)
                }
                mstore(0x00, or(fill, held))
                log2(0x00, 0x20, topic, mload(partyAt))
                orderAt := add(orderAt, 0x20)
                partyAt := add(partyAt, 0x40)
            }
            mstore(cursor, shr(5, sub(orderAt, orders)))
            mstore(add(cursor, 0x40), add(member(cursor, 2), fees))
            mstore(add(cursor, 0x60), add(member(cursor, 3), positions))
        }
    }

    /// @dev Fill the order at the cursor, which was placed on chain: its lock comes back first.
    function _fillPlaced(
        Book memory book,
        BookSide memory side,
        UniformPriceAuction.Side memory part,
        FillCursor memory cursor,
        Totals memory totals
    ) private {
        uint256 index = cursor.index++;
        uint256 order = side.orders[index];
        uint256 energyWh = order & 0xffffff;
        uint256 filledWh = UniformPriceAuction.fill(part, index, energyWh, cursor.before);
        if (index >= part.groupStart) cursor.before += energyWh;
        address meter = address(uint160(side.parties[2 * index]));
        MeterWord word = MeterWord.wrap(side.parties[2 * index + 1]);
        bool isBid = side.side == MarketMessages.BID;
        uint256 balance = word.balanceTicks() + _releaseLock(book, isBid, order, filledWh, totals);
        uint256 fee;
        if (filledWh != 0) {
            uint256 cost = filledWh * cursor.price;
            fee = feeUp(cost, cursor.feePpm);
            balance -= cost + fee;
            cursor.feeTicks += fee;
            ++cursor.positions;
            word = word.withPosition(book.slot, LaneLib.make(side.side, filledWh), balance);
        } else {
            word = word.withBalance(balance);
        }
        ExchangeStorage.load().words[meter] = word;
        emit IExchangeEvents.OrderCleared(meter, PackedLib.packFill(cursor.common, order, filledWh, fee, balance));
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
        ZoneMoney.accrue(book.zone, book.slot, 0, 0, totals.feeTicks - work - season, season + totals.seasonTicks);
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
        uint256 count = side.count++;
        side.orders[count] = order;
        side.parties[2 * count] = uint160(meter);
        side.parties[2 * count + 1] = MeterWord.unwrap(word);
    }

    /// @dev The array has room for every signed entry of the calldata.
    function _pushHash(Book memory book, bytes32 hash) private pure {
        book.signedHashes[book.signedCount++] = hash;
    }
}
