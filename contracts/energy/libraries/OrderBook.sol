// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ExchangeStorage} from "../ExchangeStorage.sol";
import {IExchangeErrors} from "../interfaces/IExchangeErrors.sol";
import {IExchangeEvents} from "../interfaces/IExchangeEvents.sol";
import {ClearingRule, PlacedOrder, SlotRecord} from "../types/ExchangeTypes.sol";
import {LaneLib, MeterWord, MeterWordLib} from "../types/MeterWord.sol";
import {OrderRow, OrderRowLib, OrderRows} from "../types/OrderRow.sol";
import {PackedLib} from "../types/Packed.sol";
import {Clock} from "./Clock.sol";
import {MarketMessages} from "./MarketMessages.sol";
import {MeterSet, MeterSetLib} from "./MeterSet.sol";
import {SignedMessage, SignedMessageLib} from "./SignedMessage.sol";
import {SlotRecords} from "./SlotRecords.sol";
import {TierFees} from "./TierFees.sol";
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

    /// @dev The least `s` of a signature that has a smaller twin, see `SignedMessage`.
    uint256 private constant S_END = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1;
    /// @dev A cell of `MeterSet` is taken if its word is not below this.
    uint256 private constant CELL_TAKEN = 0x0001000000000000000000000000000000000000000000000000000000000000;
    /// @dev Bits of a meter's word that hold the balance and the tier, in place.
    uint256 private constant BALANCE_BITS = 0x0000000000ffffffffffffffc000000000000000000000000000000000000000;
    uint256 private constant TIER_BITS = 0x0000007000000000000000000000000000000000000000000000000000000000;
    /// @dev Those of the balance and of the last read slot.
    uint256 private constant COVER_BITS = 0x0000000000ffffffffffffffc0000000000000ffffff00000000000000000000;
    /// @dev Bits of a row that an entry of the book brings.
    uint256 private constant TERMS_BITS = 0x00000000000000000000000000000000000000000000000000ffffffffffffff;

    /// @dev The fast path keeps what its loop needs at fixed places of memory, because an address that is a constant costs
    /// no stack and half the gas of a computed one. `_reserveWorkspace` takes them before anything else is allocated:
    ///
    /// ```
    ///  0x400  `SignedMessage` of an order; its energy lies at 0x560, its limit price at 0x580
    ///  0x5a0  offset behind which no whole signed entry is left
    ///  0x5c0  what a limit price or'ed exclusively with is a rank in its lowest 32 bits
    ///  0x5e0  the worst limit price within the tariff
    ///  0x600  a meter may trade if its word has these bits
    ///  0x620  like this
    ///  0x640  what a tick of a bid's worst case is with its fee, rounded up, in the place of a balance; zero for offers
    ///  0x660  free memory pointer while the recovery's input lies over it
    ///  0x680  mask of the `MeterSet`, and the address of its cells
    /// ```
    uint256 private constant WORKSPACE = 0x400;
    uint256 private constant BEYOND = 0x5a0;
    uint256 private constant FLIP = 0x5c0;
    uint256 private constant WORST_PRICE = 0x5e0;
    uint256 private constant READY_MASK = 0x600;
    uint256 private constant READY_BITS = 0x620;
    uint256 private constant COVER_FACTOR = 0x640;
    uint256 private constant FREE = 0x660;
    uint256 private constant CELL_MASK = 0x680;
    uint256 private constant CELLS = 0x6a0;
    uint256 private constant WORKSPACE_END = 0x6c0;
    // When the book is read, its place serves the filling: the first three members of `Fills`, and the lane.
    uint256 private constant COMMON = 0x400;
    uint256 private constant PRICE = 0x420;
    uint256 private constant FEE_PPM = 0x440;
    uint256 private constant FEE_TABLE = 0x460; // fee of every tier, see `TierFees`; zero until a buyer's tier needs it
    uint256 private constant LANE = 0x480; // with the side and no energy, in place
    uint256 private constant LANE_SHIFT = 0x4a0;
    uint256 private constant DISCOUNTS_SLOT = 0x4c0;
    uint256 private constant BONDED_BIT = MeterWordLib.FLAG_BONDED << 231;
    struct Book {
        bytes32 domain;
        uint256 zone;
        uint256 slot;
        uint256 importPrice;
        uint256 exportPrice;
        uint256 status; // of the record, as it was
        uint256 feePpm;
        uint256 placedCount; // entries in the slot's list of placed orders
        uint256 placedInBook;
        uint256 hashesAt; // memory: order hashes of the signed entries, bids then offers
        uint256 hashesEnd;
        uint256 listAt; // memory: two words an entry of the slot's list, its meter and whether the book has had it
        MeterSet meters; // meters in the book, and those whose signed orders are void
        SignedMessage signed; // fields zone, slot, side, energy, price
        SignedMessage delegated; // fields meter, zone, slot, side, energy, price
    }

    /// @dev Orders of a side that take part.
    struct BookSide {
        uint256 side;
        OrderRow first;
        OrderRow next; // behind the last row
        uint256 endWh; // energy of all rows
        uint256 placed; // rows of orders placed on chain
    }

    /// @dev Where the reading of a side stands, and what an order is compared with.
    struct Cursor {
        uint256 offset;
        uint256 end;
        uint256 index;
        uint256 lastKey; // rank << 224 | order hash >> 32 of the entry before
        bytes32 lastHash;
        uint256 flip; // turns a limit price into a rank that rises along the strict order
        uint256 leastKey; // keys of limit prices within the tariff are greater
        uint256 readyMask; // a meter may trade if its word has these bits as in `readyBits`
        uint256 readyBits;
    }

    /// @dev What the filling of a side's orders shares, and what it sums up.
    struct Fills {
        uint256 common; // part of the event that all orders of the side share
        uint256 price; // what a bought Wh costs; zero for sellers
        uint256 feePpm; // what a buyer of tier 0 pays
        uint256 feeTicks;
        uint256 positions;
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
        SignedMessage signed = _reserveWorkspace(domain);
        SlotRecord storage record = SlotRecords.open(zone, slot);
        Book memory book = _newBook(domain, zone, slot, record, signed, (bidEntries.length + offerEntries.length) / 72);
        bool signedToo = _checkWindow(record, book.status, slot);
        uint256 placed = _markPlaced(book);
        BookSide memory bids = _readSide(book, MarketMessages.BID, bidEntries, placed);
        BookSide memory offers = _readSide(book, MarketMessages.OFFER, offerEntries, placed);
        if (book.placedInBook != placed) revert IExchangeErrors.PlacedOrderMissing(book.placedInBook, placed);
        uint256 orders = _signedOf(book) + placed;
        if (orders > MAX_ORDERS) revert IExchangeErrors.TooManyOrders(orders, MAX_ORDERS);
        {
            bytes32 given = bookHash(book.hashesAt, book.hashesEnd);
            bytes32 committed = signedToo ? record.bookHash : bytes32(0);
            if (given != committed) revert IExchangeErrors.BookNotCommitted(given, committed);
        }

        UniformPriceAuction.Result memory result = UniformPriceAuction.clear(
            book.status & SlotRecords.STATUS_SBBA != 0 ? ClearingRule.Sbba : ClearingRule.Midpoint,
            _rowsOf(bids),
            _rowsOf(offers)
        );
        Totals memory totals;
        _fillSide(book, bids, result.bids, result.price, totals);
        _fillSide(book, offers, result.offers, result.price, totals);
        _finish(book, record, signedToo, result, totals);
    }

    /// @notice Hash of the signed orders of a book: keccak256 over their order hashes, bids then offers, each in strict
    /// order; zero for no orders.
    /// @param from Memory address of the first hash, `to` behind the last one.
    function bookHash(uint256 from, uint256 to) internal pure returns (bytes32 result) {
        if (from == to) return 0;
        assembly ("memory-safe") {
            result := keccak256(from, sub(to, from))
        }
    }

    function _signedOf(Book memory book) private pure returns (uint256) {
        unchecked {
            return (book.hashesEnd - book.hashesAt) / 0x20;
        }
    }

    /// @dev Who may clear when. Returns whether the committed book clears, or the placed orders alone.
    function _checkWindow(
        SlotRecord storage record,
        uint256 status,
        uint256 slot
    ) private view returns (bool signedToo) {
        if (status & SlotRecords.STATUS_CLEARED != 0) revert IExchangeErrors.AlreadyCleared(slot);
        uint256 start = Clock.startOf(slot);
        uint256 from;
        unchecked {
            // A slot of a record starts long after the epoch.
            from = start - Clock.COMMIT_END;
            if (status & SlotRecords.STATUS_COMMITTED != 0) {
                signedToo = block.timestamp < start - Clock.COMMITTED_END;
                if (signedToo) {
                    bool matcher = msg.sender == record.matcher;
                    from = start - (matcher ? Clock.GATE_CLOSURE : Clock.MATCHER_END);
                }
            }
        }
        if (block.timestamp < from || block.timestamp >= start) revert IExchangeErrors.OutsideWindow(slot, from, start);
    }

    /// @dev Take the fast path's fixed places, see `WORKSPACE`. Whether they are free depends on the compiler alone.
    function _reserveWorkspace(bytes32 domain) private pure returns (SignedMessage signed) {
        uint256 free;
        assembly ("memory-safe") {
            free := mload(0x40)
            mstore(0x40, WORKSPACE)
        }
        assert(free <= WORKSPACE);
        signed = SignedMessageLib.create(domain, MarketMessages.ORDER_TYPEHASH, 5);
        // The fast path writes only the bytes of an energy that can differ from zero.
        signed.set(3, 0);
        assembly ("memory-safe") {
            mstore(0x40, WORKSPACE_END)
        }
    }

    function _newBook(
        bytes32 domain,
        uint256 zone,
        uint256 slot,
        SlotRecord storage record,
        SignedMessage signed,
        uint256 signedMost
    ) private view returns (Book memory book) {
        book.domain = domain;
        book.zone = zone;
        book.slot = slot;
        book.importPrice = record.importPrice;
        book.exportPrice = record.exportPrice;
        book.status = record.status;
        book.feePpm = record.feePpm;
        book.placedCount = record.placedCount;
        MeterSet meters;
        unchecked {
            book.hashesAt = _allocate(32 * signedMost);
            book.hashesEnd = book.hashesAt;
            meters = MeterSetLib.create(signedMost + book.placedCount);
        }
        book.meters = meters;
        assembly ("memory-safe") {
            mstore(CELL_MASK, mload(meters))
            mstore(CELLS, add(meters, 0x20))
        }
        book.signed = signed;
        signed.set(0, zone);
        signed.set(1, slot);
        book.delegated = SignedMessageLib.create(domain, MarketMessages.DELEGATED_ORDER_TYPEHASH, 6);
        book.delegated.set(1, zone);
        book.delegated.set(2, slot);
    }

    /// @dev Memory that is written before it is read, so that nothing is cleared.
    function _allocate(uint256 size) private pure returns (uint256 from) {
        assembly ("memory-safe") {
            from := mload(0x40)
            mstore(0x40, add(from, size))
        }
    }

    /// @dev Note the meters whose signed orders are void. Returns how many placed orders are live.
    function _markPlaced(Book memory book) private view returns (uint256 live) {
        uint256 row = _allocate(0x40 * book.placedCount);
        book.listAt = row;
        for (uint256 i = 0; i < book.placedCount; ++i) {
            PlacedOrder storage order = _placedAt(book, i);
            address meter = order.meter;
            assembly ("memory-safe") {
                mstore(row, shl(96, meter))
                mstore(add(row, 0x20), 0)
            }
            book.meters.add(meter, row);
            row += 0x40;
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
        result.side = side;
        result.first = OrderRowLib.allocate(entries.length / 72 + placed);
        result.next = result.first;
        book.signed.set(2, side);
        book.delegated.set(3, side);
        Cursor memory cursor = _newCursor(book, side, entries);
        while (cursor.offset < cursor.end) {
            _readRun(book, result, cursor);
            if (cursor.offset >= cursor.end) break;
            (uint256 next, uint256 price, bytes32 hash) = _readEntry(book, result, cursor);
            if (next > cursor.end) revert IExchangeErrors.BadBatchLength(entries.length);
            uint256 rank = price ^ cursor.flip;
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
        unchecked {
            cursor.end = offset + entries.length;
        }
        uint256 flip = isBid ? type(uint32).max : 0;
        cursor.flip = flip;
        uint256 best = isBid ? book.importPrice : book.exportPrice;
        uint256 worst = isBid ? book.exportPrice : book.importPrice;
        cursor.leastKey = (best ^ flip) << 224;
        (cursor.readyMask, cursor.readyBits) = MeterWordLib.tradingPattern(book.zone, book.slot - 2, !isBid);
        uint256 mask = cursor.readyMask;
        uint256 bits = cursor.readyBits;
        uint256 beyond;
        uint256 coverFactor;
        unchecked {
            beyond = cursor.end - 71;
            if (isBid) {
                // A bid's cost with its fee, rounded up, in the place of a balance.
                coverFactor = (((ZoneMoney.PPM + book.feePpm) << 158) + ZoneMoney.PPM - 1) / ZoneMoney.PPM;
            }
        }
        assembly ("memory-safe") {
            mstore(BEYOND, beyond)
            mstore(FLIP, flip)
            mstore(WORST_PRICE, worst)
            mstore(READY_MASK, mask)
            mstore(READY_BITS, bits)
            mstore(COVER_FACTOR, coverFactor)
        }
    }

    /// @dev Read the run of entries at the cursor about which nothing is special: signed by a device key, in strict
    /// order, from a meter that takes part. It stops before the first other one, having changed nothing for it, and
    /// leaves that entry to the plain path below, which does the same with reasons and reverts.
    // One loop that stays in one piece: cutting it would cost gas for every order.
    // solhint-disable-next-line function-max-lines
    function _readRun(Book memory book, BookSide memory side, Cursor memory cursor) private view {
        bytes32 wordsSlot = ExchangeStorage.wordsSlot();
        uint256 offset = cursor.offset;
        uint256 hashAt = book.hashesEnd;
        OrderRow row = side.next;
        uint256 endWh = side.endWh << 56;
        // Limit prices better than the tariff's best are special, as the entries out of order are.
        uint256 lastKey = cursor.lastKey < cursor.leastKey ? cursor.leastKey : cursor.lastKey;
        assembly ("memory-safe") {
            mstore(FREE, mload(0x40))
            // A check that fails makes `plain` zero; what was written by then is written again for the next entry.
            for {} lt(offset, mload(BEYOND)) {} {
                // kind (zero here) | energyWh | limitPrice, as a row has them
                let terms := shr(192, calldataload(offset))
                let energyWh := shr(32, terms)
                endWh := add(endWh, shl(56, energyWh))

                // EIP-712 digest, as `SignedMessage` has it. The price's bytes that run over from the energy's word are
                // written right after.
                mstore(0x564, terms)
                let need := and(terms, 0xffffffff)
                mstore(0x580, need)
                need := mul(mul(energyWh, need), mload(COVER_FACTOR))
                mstore(0x4c0, keccak256(0x4e0, 0xc0))
                mstore(0x00, keccak256(0x49e, 0x42))

                // Signer. Where nobody is recovered, 27 or 28 stays in its place, which is no meter.
                let plain
                {
                    let vs := calldataload(add(offset, 40))
                    mstore(0x20, add(shr(255, vs), 27))
                    mstore(0x40, calldataload(add(offset, 8)))
                    vs := and(vs, 0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff)
                    mstore(0x60, vs)
                    plain := lt(vs, S_END)
                }
                pop(staticcall(gas(), 1, 0x00, 0x80, 0x20, 0x20))

                // Order hash and strict order, which starts within the tariff; `_returnBeyond` sees to where it ends.
                {
                    let hash := keccak256(0x00, 0x40)
                    mstore(hashAt, hash)
                    hash := or(shl(224, xor(terms, mload(FLIP))), shr(32, hash))
                    plain := and(plain, gt(hash, lastKey))
                    lastKey := hash
                }
                mstore(row, or(or(shl(96, mload(0x20)), endWh), terms))

                // The meter's word: may it trade, and is the order within its bounds
                {
                    mstore(0x40, wordsSlot)
                    let word := keccak256(0x20, 0x40)
                    mstore(add(row, 0x40), word)
                    word := sload(word)
                    mstore(add(row, 0x20), word)
                    // No energy wraps around, and an entry of another kind has too much: neither is plain.
                    plain := and(
                        plain,
                        lt(sub(energyWh, 1), shl(and(shr(240, word), 15), add(256, and(shr(232, word), 0xf0))))
                    )
                    // The last slot, which is never zero, stands below the balance, so that what is just covered passes.
                    plain := and(plain, lt(need, and(word, COVER_BITS)))
                    plain := and(plain, eq(and(word, mload(READY_MASK)), mload(READY_BITS)))
                }

                // A meter is in the book once; see `MeterSet`.
                {
                    let cell := add(and(mload(0x20), mload(CELL_MASK)), mload(CELLS))
                    let held := mload(cell)
                    if iszero(and(plain, lt(held, CELL_TAKEN))) {
                        for {} and(plain, iszero(lt(held, CELL_TAKEN))) {} {
                            plain := iszero(eq(shr(96, mload(shl(5, shr(240, held)))), mload(0x20)))
                            cell := add(and(add(sub(cell, mload(CELLS)), 2), mload(CELL_MASK)), mload(CELLS))
                            held := mload(cell)
                        }
                        if iszero(plain) {
                            break
                        }
                    }
                    mstore(cell, or(held, shl(235, row)))
                }
                offset := add(offset, 72)
                hashAt := add(hashAt, 0x20)
                row := add(row, 0x60)
            }
            mstore(0x40, mload(FREE))
            mstore(0x60, 0)
        }
        if (OrderRow.unwrap(row) == OrderRow.unwrap(side.next)) return;
        (row, offset, hashAt) = _returnBeyond(book, side, cursor.flip, row, offset, hashAt);
        unchecked {
            uint256 read = (hashAt - book.hashesEnd) >> 5;
            if (read == 0) return;
            bytes32 lastHash;
            assembly ("memory-safe") {
                lastHash := mload(sub(hashAt, 0x20))
            }
            OrderRow last = OrderRow.wrap(OrderRow.unwrap(row) - OrderRowLib.BYTES);
            cursor.index += read;
            cursor.offset = offset;
            cursor.lastHash = lastHash;
            cursor.lastKey = ((last.limitPrice() ^ cursor.flip) << 224) | (uint256(lastHash) >> 32);
            side.next = row;
            side.endWh = last.endWh();
            book.hashesEnd = hashAt;
        }
    }

    /// @dev Limit prices worse than the tariff's worst end a run that is in strict order: take these entries out of it
    /// again and leave them, and all after them, to the plain path.
    /// @param row Behind the run's last row; `offset` and `hashAt` belong to the entry after it.
    function _returnBeyond(
        Book memory book,
        BookSide memory side,
        uint256 flip,
        OrderRow row,
        uint256 offset,
        uint256 hashAt
    ) private pure returns (OrderRow, uint256, uint256) {
        unchecked {
            uint256 worstRank;
            assembly ("memory-safe") {
                worstRank := xor(mload(WORST_PRICE), flip)
            }
            while (OrderRow.unwrap(row) != OrderRow.unwrap(side.next)) {
                OrderRow last = OrderRow.wrap(OrderRow.unwrap(row) - OrderRowLib.BYTES);
                // All 32 bits that the entry has for it.
                if (((last.terms() & type(uint32).max) ^ flip) <= worstRank) break;
                row = last;
                offset -= 72;
                hashAt -= 0x20;
                book.meters.removeLast(last.meter());
                assembly ("memory-safe") {
                    mstore(BEYOND, offset)
                }
            }
            return (row, offset, hashAt);
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

        uint256 seen = book.meters.find(meter);
        if (seen == 0) _addMeter(book, meter);
        else if (!_isListed(book, seen)) revert IExchangeErrors.MeterTwice(meter);
        else problem = IExchangeErrors.OrderSuperseded.selector;
        MeterWord word = ExchangeStorage.load().words[meter];
        if (problem == 0) problem = _checkOrder(book, cursor, word, energyWh, price, side.side == MarketMessages.BID);
        if (problem != 0) {
            emit IExchangeEvents.OrderSkipped(meter, uint16(book.zone), uint32(book.slot), problem);
        } else {
            _push(side, (energyWh << 32) | price, meter, word);
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
        if (_takeListed(book, placedIndex)) revert IExchangeErrors.MeterTwice(order.meter);
        ++book.placedInBook;
        MeterWord word = ExchangeStorage.load().words[order.meter];
        if (MeterWord.unwrap(word) & cursor.readyMask == cursor.readyBits) {
            ++side.placed;
            _push(side, (uint256(order.energyWh) << 32) | OrderRowLib.PLACED | price, order.meter, word);
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
        uint256 price,
        bool isBid
    ) private pure returns (bytes4) {
        if (MeterWord.unwrap(word) & cursor.readyMask != cursor.readyBits) return _notReady(book, word);
        if (energyWh > word.slotLimitWh()) return IExchangeErrors.OrderBeyondRatedPower.selector;
        if (price < book.exportPrice || price > book.importPrice) return IExchangeErrors.LimitOutsideTariff.selector;
        if (isBid) {
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
        Fills memory fills;
        fills.common = PackedLib.packFillCommon(book.zone, book.slot, side.side);
        if (side.side == MarketMessages.BID && price != 0) {
            fills.price = price;
            fills.feePpm = book.feePpm;
        }
        uint256 lane = MeterWord.unwrap(MeterWord.wrap(0).withLane(book.slot, LaneLib.make(side.side, 0)));
        uint256 laneShift = MeterWordLib.laneShift(book.slot);
        bytes32 discountsSlot = TierFees.storageSlot();
        assembly ("memory-safe") {
            mcopy(COMMON, fills, 0x60)
            mstore(FEE_TABLE, 0)
            mstore(LANE, lane)
            mstore(LANE_SHIFT, laneShift)
            mstore(DISCOUNTS_SLOT, discountsSlot)
        }
        OrderRow row = side.first;
        while (OrderRow.unwrap(row) != OrderRow.unwrap(side.next)) {
            OrderRow upTo = side.placed == 0 ? side.next : _nextPlaced(row, side.next);
            _fillRun(side, part, fills, row, upTo);
            if (OrderRow.unwrap(upTo) == OrderRow.unwrap(side.next)) break;
            _fillPlaced(book, side, part, fills, upTo, totals);
            row = OrderRow.wrap(OrderRow.unwrap(upTo) + OrderRowLib.BYTES);
        }
        unchecked {
            totals.feeTicks += fills.feeTicks;
            totals.positions += fills.positions;
        }
    }

    /// @dev The first row from `row` on that was placed on chain, or `end`.
    function _nextPlaced(OrderRow row, OrderRow end) private pure returns (OrderRow) {
        while (OrderRow.unwrap(row) != OrderRow.unwrap(end) && !row.isPlaced()) {
            row = OrderRow.wrap(OrderRow.unwrap(row) + OrderRowLib.BYTES);
        }
        return row;
    }

    /// @dev Fill the signed orders from `row` to `upTo`. The plain twin of each step is `UniformPriceAuction.fill`,
    /// `feeUp`, `MeterWord.withPosition` and `PackedLib.packFill`.
    // Three loops that stay in one piece: whole orders, those that share, and those that trade nothing.
    // solhint-disable-next-line function-max-lines
    function _fillRun(
        BookSide memory side,
        UniformPriceAuction.Side memory part,
        Fills memory fills,
        OrderRow row,
        OrderRow upTo
    ) private {
        bytes32 topic = IExchangeEvents.OrderCleared.selector;
        OrderRow wholeEnd = _lesser(upTo, side.first, part.groupStart);
        OrderRow groupEnd = _lesser(upTo, side.first, part.groupEnd);
        uint256 fees;
        uint256 positions;
        assembly ("memory-safe") {
            // The fee of a meter's tier, from a table that the first one fills, as `TierFees` does it.
            function tierFee(word_) -> feePpm {
                let table := mload(FEE_TABLE)
                if iszero(table) {
                    let discounts := sload(mload(DISCOUNTS_SLOT))
                    // Nobody looks the lowest tier up: its lane says that the table is filled.
                    table := 1
                    for {
                        let shift := 32
                    } lt(shift, 256) {
                        shift := add(shift, 32)
                    } {
                        let kept := sub(1000000, and(shr(shift, discounts), 0xffffffff))
                        table := or(table, shl(shift, div(mul(mload(FEE_PPM), kept), 1000000)))
                    }
                    mstore(FEE_TABLE, table)
                }
                feePpm := and(shr(and(shr(223, word_), 0xe0), table), 0xffffffff)
            }
            if lt(row, wholeEnd) {
                positions := div(sub(wholeEnd, row), 0x60)
            }
            switch mload(PRICE)
            // Sellers pay nothing; their price is zero here.
            case 0 {
                for {} lt(row, wholeEnd) {} {
                    let head := mload(row)
                    let fill := and(shr(32, head), 0xffffff)
                    // The lane is empty.
                    let word := or(mload(add(row, 0x20)), or(mload(LANE), shl(mload(LANE_SHIFT), fill)))
                    sstore(mload(add(row, 0x40)), word)
                    fill := or(or(shl(58, fill), shl(82, and(head, TERMS_BITS))), mload(COMMON))
                    mstore(0x00, or(fill, and(word, BALANCE_BITS)))
                    log2(0x00, 0x20, topic, shr(96, head))
                    row := add(row, 0x60)
                }
            }
            default {
                for {} lt(row, wholeEnd) {} {
                    let head := mload(row)
                    let fill := and(shr(32, head), 0xffffff)
                    let word := mload(add(row, 0x20))
                    let fee := mload(FEE_PPM)
                    if and(word, TIER_BITS) {
                        fee := tierFee(word)
                    }
                    let cost := mul(fill, mload(PRICE))
                    fee := div(add(mul(cost, fee), 999999), 1000000)
                    fees := add(fees, fee)
                    // The balance is large enough, so the subtraction stays within its field.
                    word := sub(word, shl(158, add(cost, fee)))
                    word := or(word, or(mload(LANE), shl(mload(LANE_SHIFT), fill)))
                    sstore(mload(add(row, 0x40)), word)
                    fill := or(or(shl(58, fill), shl(82, and(head, TERMS_BITS))), or(fee, mload(COMMON)))
                    mstore(0x00, or(fill, and(word, BALANCE_BITS)))
                    log2(0x00, 0x20, topic, shr(96, head))
                    row := add(row, 0x60)
                }
            }
            if lt(row, groupEnd) {
                // Members of the part, by their place.
                let aheadWh := mload(add(part, 0x40))
                let groupWh := mload(add(part, 0x60))
                let volumeWh := mload(add(part, 0x80))
                // What the group's orders up to the one at hand get.
                let through := sub(and(shr(56, mload(row)), 0xffffffffff), and(shr(32, mload(row)), 0xffffff))
                through := div(mul(sub(through, aheadWh), volumeWh), groupWh)
                for {} lt(row, groupEnd) {} {
                    let head := mload(row)
                    let word := mload(add(row, 0x20))
                    let fill := through
                    through := div(mul(sub(and(shr(56, head), 0xffffffffff), aheadWh), volumeWh), groupWh)
                    fill := sub(through, fill)
                    // Writing the word of the rare order that gets nothing changes nothing.
                    let cost := lt(0, fill)
                    positions := add(positions, cost)
                    word := or(word, or(mul(cost, mload(LANE)), shl(mload(LANE_SHIFT), fill)))
                    cost := mload(PRICE)
                    if cost {
                        cost := mul(fill, cost)
                        let fee := mload(FEE_PPM)
                        if and(word, TIER_BITS) {
                            fee := tierFee(word)
                        }
                        fee := div(add(mul(cost, fee), 999999), 1000000)
                        fees := add(fees, fee)
                        word := sub(word, shl(158, add(cost, fee)))
                        cost := fee
                    }
                    sstore(mload(add(row, 0x40)), word)
                    fill := or(or(shl(58, fill), shl(82, and(head, TERMS_BITS))), or(cost, mload(COMMON)))
                    mstore(0x00, or(fill, and(word, BALANCE_BITS)))
                    log2(0x00, 0x20, topic, shr(96, head))
                    row := add(row, 0x60)
                }
            }
            for {} lt(row, upTo) {} {
                let head := mload(row)
                mstore(
                    0x00,
                    or(or(and(mload(add(row, 0x20)), BALANCE_BITS), mload(COMMON)), shl(82, and(head, TERMS_BITS)))
                )
                log2(0x00, 0x20, topic, shr(96, head))
                row := add(row, 0x60)
            }
        }
        unchecked {
            fills.feeTicks += fees;
            fills.positions += positions;
        }
    }

    /// @dev `row`, or row `index` from `first` on if that comes earlier.
    function _lesser(OrderRow row, OrderRow first, uint256 index) private pure returns (OrderRow) {
        unchecked {
            uint256 other = OrderRow.unwrap(first) + OrderRowLib.BYTES * index;
            return OrderRow.unwrap(row) < other ? row : OrderRow.wrap(other);
        }
    }

    /// @dev Fill an order that was placed on chain: its lock comes back first.
    function _fillPlaced(
        Book memory book,
        BookSide memory side,
        UniformPriceAuction.Side memory part,
        Fills memory fills,
        OrderRow row,
        Totals memory totals
    ) private {
        uint256 index = (OrderRow.unwrap(row) - OrderRow.unwrap(side.first)) / OrderRowLib.BYTES;
        uint256 filledWh = UniformPriceAuction.fill(part, index, row);
        MeterWord word = row.word();
        uint256 balance = word.balanceTicks() + _releaseLock(book, side.side, row, filledWh, totals);
        uint256 fee;
        if (filledWh != 0) {
            uint256 cost = filledWh * fills.price;
            fee = feeUp(cost, TierFees.feePpmOf(fills.feePpm, word.tier()));
            balance -= cost + fee;
            fills.feeTicks += fee;
            ++fills.positions;
            word = word.withPosition(book.slot, LaneLib.make(side.side, filledWh), balance);
        } else {
            word = word.withBalance(balance);
        }
        ExchangeStorage.load().words[row.meter()] = word;
        emit IExchangeEvents.OrderCleared(
            row.meter(),
            PackedLib.packFill(fills.common, row.terms(), filledWh, fee, balance)
        );
    }

    /// @dev What a placed order gets back before its fill is paid: its worst case, and the fee for placing if it trades.
    function _releaseLock(
        Book memory book,
        uint256 side,
        OrderRow row,
        uint256 filledWh,
        Totals memory totals
    ) private pure returns (uint256 ticks) {
        if (side == MarketMessages.BID) ticks = _bidLock(book, row.energyWh(), row.limitPrice());
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
        bool signedToo,
        UniformPriceAuction.Result memory result,
        Totals memory totals
    ) private {
        uint256 fees = totals.feeTicks;
        uint256 work;
        uint256 season;
        uint256 later;
        uint256 status = book.status | SlotRecords.STATUS_CLEARED | SlotRecords.STATUS_RELEASED;
        if (signedToo) status |= SlotRecords.STATUS_BOOK_CLEARED;
        unchecked {
            // The shares sum to less than a million, and a fee is below 2^58.
            work = (fees * ZoneMoney.WORK_SHARE_PPM) / ZoneMoney.PPM;
            season = (fees * ZoneMoney.SEASON_SHARE_PPM) / ZoneMoney.PPM;
            later = work / 2;
            SlotRecords.setCleared(record, status, result.price, totals.positions, result.volumeWh, later);
            ZoneMoney.accrue(book.zone, book.slot, 0, 0, fees - work - season, season + totals.seasonTicks);
            if (work != later) ZoneMoney.payWorker(book.zone, book.slot, work - later);
        }
        emit IExchangeEvents.SlotCleared(
            uint16(book.zone),
            uint32(book.slot),
            uint24(result.price),
            uint40(result.volumeWh),
            uint16(totals.positions),
            uint64(fees),
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

    function _rowsOf(BookSide memory side) private pure returns (OrderRows memory rows) {
        unchecked {
            rows.first = side.first;
            rows.count = (OrderRow.unwrap(side.next) - OrderRow.unwrap(side.first)) / OrderRowLib.BYTES;
        }
    }

    /// @dev The side's area has room for every entry of its calldata.
    function _push(BookSide memory side, uint256 terms, address meter, MeterWord word) private pure {
        OrderRow row = side.next;
        side.endWh += (terms >> 32) & 0xffffff;
        row.write(meter, terms, side.endWh, word, _wordSlot(meter));
        side.next = OrderRow.wrap(OrderRow.unwrap(row) + OrderRowLib.BYTES);
    }

    /// @dev Where the meter's word is stored, as Solidity places the entry of a mapping.
    function _wordSlot(address meter) private pure returns (bytes32) {
        return keccak256(abi.encode(meter, ExchangeStorage.wordsSlot()));
    }

    /// @dev The area has room for every signed entry of the calldata.
    function _pushHash(Book memory book, bytes32 hash) private pure {
        uint256 end = book.hashesEnd;
        assembly ("memory-safe") {
            mstore(end, hash)
        }
        book.hashesEnd = end + 0x20;
    }

    /// @dev The meter is in the book, whether its order takes part or not.
    function _addMeter(Book memory book, address meter) private pure {
        uint256 row = _allocate(0x20);
        assembly ("memory-safe") {
            mstore(row, shl(96, meter))
        }
        book.meters.add(meter, row);
    }

    /// @dev Whether a row of the set of meters is one of the slot's list.
    function _isListed(Book memory book, uint256 row) private pure returns (bool) {
        return row >= book.listAt && row < book.listAt + 0x40 * book.placedCount;
    }

    /// @dev Mark an entry of the slot's list as being in the book; returns whether it was before.
    function _takeListed(Book memory book, uint256 index) private pure returns (bool before) {
        uint256 marked = book.listAt + 0x40 * index + 0x20;
        assembly ("memory-safe") {
            before := mload(marked)
            mstore(marked, 1)
        }
    }
}
