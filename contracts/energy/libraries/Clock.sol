// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice The timeline of a market slot. All times are unix seconds, slots count 900 s from the epoch.
library Clock {
    uint256 internal constant SLOT_SECONDS = 900;
    /// @notice The tariff is fixed and the gate opens this many slots before the slot.
    uint256 internal constant GATE_OPEN_SLOTS = 8;
    /// @notice Seconds before the slot starts: placing and cancelling end, the matcher may commit.
    uint256 internal constant GATE_CLOSURE = 600;
    /// @notice Seconds before the slot starts: committing ends.
    uint256 internal constant COMMIT_END = 480;
    /// @notice Seconds before the slot starts: from here anybody may clear the committed book.
    uint256 internal constant MATCHER_END = 300;
    /// @notice Seconds before the slot starts: from here only the orders placed on chain clear.
    uint256 internal constant COMMITTED_END = 120;
    /// @notice Readings are in time until this many slots after the slot's end.
    uint256 internal constant READING_SLOTS = 4;
    /// @notice A flag delays money until this many slots after the reading deadline.
    uint256 internal constant INSPECTION_SLOTS = 96;
    /// @notice Slot records live in a ring of this size: gate, reading and inspection windows fit with room to spare.
    uint256 internal constant RING = 128;

    function slotNow() internal view returns (uint256) {
        return block.timestamp / SLOT_SECONDS;
    }

    function startOf(uint256 slot) internal pure returns (uint256) {
        return slot * SLOT_SECONDS;
    }

    function gateOpen(uint256 slot) internal pure returns (uint256) {
        return (slot - GATE_OPEN_SLOTS) * SLOT_SECONDS;
    }

    function gateClosure(uint256 slot) internal pure returns (uint256) {
        return slot * SLOT_SECONDS - GATE_CLOSURE;
    }

    /// @notice The last moment (exclusive) for an in-time reading of the slot.
    function readingDeadline(uint256 slot) internal pure returns (uint256) {
        return (slot + 1 + READING_SLOTS) * SLOT_SECONDS;
    }

    /// @notice The moment from which a flag on the slot delays nothing any more.
    function inspectionDeadline(uint256 slot) internal pure returns (uint256) {
        return (slot + 1 + READING_SLOTS + INSPECTION_SLOTS) * SLOT_SECONDS;
    }

    /// @notice First slot whose gate is not open yet: what governance sets may hold from here.
    function firstUnopenedSlot() internal view returns (uint256) {
        return slotNow() + GATE_OPEN_SLOTS + 1;
    }
}
