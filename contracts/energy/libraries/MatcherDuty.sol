// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ExchangeStorage} from "../ExchangeStorage.sol";
import {IExchangeErrors} from "../interfaces/IExchangeErrors.sol";
import {IExchangeEvents} from "../interfaces/IExchangeEvents.sol";
import {PlacedOrder, ReceiptedOrder, SlotRecord} from "../types/ExchangeTypes.sol";
import {Clock} from "./Clock.sol";
import {CompactSignature} from "./CompactSignature.sol";
import {MarketMessages} from "./MarketMessages.sol";
import {SlotRecords} from "./SlotRecords.sol";
import {TokenMoves} from "./TokenMoves.sol";
import {ZoneMoney} from "./ZoneMoney.sol";

/// @notice The matcher's bond and what it is cut for: a committed book that nobody cleared, and a receipted order that
/// is not in the committed book. Both are proven on chain, once.
library MatcherDuty {
    uint256 private constant PPM = 1e6;
    /// @notice What a proven fault costs.
    uint256 internal constant PENALTY_TICKS = 20e9;
    /// @notice Share of it for whoever proves it; the rest goes to the season pool.
    uint256 internal constant REPORTER_PPM = 500_000;
    /// @notice A bond stays liable for this many slots after it was asked back: longer than any proof is possible.
    uint256 internal constant UNLOCK_SLOTS = 2 * Clock.RING;

    function post(address matcher, uint256 amountTicks) external {
        if (amountTicks == 0 || amountTicks > type(uint48).max) {
            revert IExchangeErrors.BadParameter("amountTicks", amountTicks);
        }
        TokenMoves.pull(msg.sender, amountTicks);
        ExchangeStorage.MatcherBond storage bond = ExchangeStorage.load().matcherBonds[matcher];
        bond.ticks += uint64(amountTicks);
        emit IExchangeEvents.MatcherBondChanged(matcher, int256(amountTicks), bond.ticks);
    }

    function requestUnlock() external {
        ExchangeStorage.MatcherBond storage bond = ExchangeStorage.load().matcherBonds[msg.sender];
        if (bond.ticks == 0) revert IExchangeErrors.NothingToPay();
        bond.unlockSlot = uint24(Clock.slotNow() + UNLOCK_SLOTS);
        emit IExchangeEvents.MatcherUnlockRequested(msg.sender, bond.unlockSlot);
    }

    function collect(address to) external {
        ExchangeStorage.MatcherBond storage bond = ExchangeStorage.load().matcherBonds[msg.sender];
        uint256 amount = bond.ticks;
        if (amount == 0 || bond.unlockSlot == 0) revert IExchangeErrors.NothingToPay();
        if (Clock.slotNow() < bond.unlockSlot) revert IExchangeErrors.NotMature(bond.unlockSlot, Clock.slotNow());
        delete ExchangeStorage.load().matcherBonds[msg.sender];
        emit IExchangeEvents.MatcherBondChanged(msg.sender, -int256(amount), 0);
        TokenMoves.push(to, amount);
    }

    /// @notice The committed book of a slot that has started was never cleared.
    function reportUncleared(uint256 zone, uint256 slot) external {
        SlotRecord storage record = SlotRecords.existing(zone, slot);
        uint256 status = record.status;
        if (status & SlotRecords.STATUS_DEFAULT_PUNISHED != 0) {
            revert IExchangeErrors.AlreadyPenalised(bytes32(uint256(record.slot)));
        }
        bool stood = status & SlotRecords.STATUS_COMMITTED != 0 && block.timestamp >= Clock.startOf(slot);
        if (!stood || status & SlotRecords.STATUS_BOOK_CLEARED != 0) revert IExchangeErrors.NothingProven();
        record.status |= SlotRecords.STATUS_DEFAULT_PUNISHED;
        _penalise(record.matcher, zone, slot, keccak256(abi.encode("uncleared", zone, slot)));
    }

    /// @notice A receipted order is missing from the committed book, or no book was committed at all.
    /// @param order The order; `orderSignature` by device key or delegate, `receipt` by the matcher (64 bytes each).
    /// @param book All order hashes of the committed book; empty where none was committed.
    function reportMissing(
        bytes32 domain,
        ReceiptedOrder calldata order,
        bytes calldata orderSignature,
        bytes calldata receipt,
        bytes32[] calldata book
    ) external {
        SlotRecord storage record = SlotRecords.existing(order.zone, order.slot);
        if (block.timestamp < Clock.startOf(order.slot) - Clock.COMMIT_END) revert IExchangeErrors.NothingProven();
        bytes32 digest = MarketMessages.digest(
            domain,
            order.delegated
                ? MarketMessages.delegatedOrderStruct(
                    order.meter,
                    order.zone,
                    order.slot,
                    order.side,
                    order.energyWh,
                    order.limitPrice
                )
                : MarketMessages.orderStruct(order.zone, order.slot, order.side, order.energyWh, order.limitPrice)
        );
        address signer = _signer(digest, orderSignature);
        address expected = order.delegated ? ExchangeStorage.load().configs[order.meter].delegate : order.meter;
        if (signer != expected) revert IExchangeErrors.InvalidConsent(expected);
        bytes32 orderHash = MarketMessages.orderHash(digest, order.meter);
        address matcher = _signer(
            MarketMessages.digest(domain, MarketMessages.receiptStruct(order.zone, order.slot, orderHash)),
            receipt
        );
        if (matcher != SlotRecords.matcherAt(SlotRecords.zoneOf(order.zone), order.slot)) {
            revert IExchangeErrors.InvalidConsent(matcher);
        }
        if (_inBook(record, book, orderHash) || _superseded(record, order)) revert IExchangeErrors.NothingProven();
        bytes32 fault = keccak256(abi.encode("missing", orderHash));
        if (ExchangeStorage.load().penalised[fault]) revert IExchangeErrors.AlreadyPenalised(fault);
        ExchangeStorage.load().penalised[fault] = true;
        _penalise(matcher, order.zone, order.slot, fault);
    }

    function _signer(bytes32 digest, bytes calldata signature) private view returns (address) {
        if (signature.length != 64) revert IExchangeErrors.BadBatchLength(signature.length);
        uint256 offset;
        assembly ("memory-safe") {
            offset := signature.offset
        }
        return CompactSignature.recover(digest, offset, 0);
    }

    /// @dev `book` must be the committed one; then search it.
    function _inBook(
        SlotRecord storage record,
        bytes32[] calldata book,
        bytes32 orderHash
    ) private view returns (bool) {
        bytes32 given = book.length == 0 ? bytes32(0) : keccak256(abi.encodePacked(book));
        if (given != record.bookHash) revert IExchangeErrors.BookNotCommitted(given, record.bookHash);
        for (uint256 i = 0; i < book.length; ++i) {
            if (book[i] == orderHash) return true;
        }
        return false;
    }

    /// @dev Whether the meter placed or cancelled on chain, which voids the receipt.
    function _superseded(SlotRecord storage record, ReceiptedOrder calldata order) private view returns (bool) {
        PlacedOrder[64] storage list = ExchangeStorage.load().placed[order.zone][order.slot % Clock.RING];
        uint256 count = record.placedCount;
        for (uint256 i = 0; i < count; ++i) {
            if (list[i].meter == order.meter) return true;
        }
        return false;
    }

    function _penalise(address matcher, uint256 zone, uint256 slot, bytes32 fault) private {
        ExchangeStorage.MatcherBond storage bond = ExchangeStorage.load().matcherBonds[matcher];
        uint256 cut = bond.ticks < PENALTY_TICKS ? bond.ticks : PENALTY_TICKS;
        bond.ticks -= uint64(cut);
        uint256 reward = (cut * REPORTER_PPM) / PPM;
        ExchangeStorage.load().earned[msg.sender] += reward;
        ZoneMoney.accrue(zone, slot, 0, 0, 0, cut - reward);
        emit IExchangeEvents.MatcherPenalised(matcher, uint16(zone), uint32(slot), fault, cut, msg.sender, reward);
    }
}
