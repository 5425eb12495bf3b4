// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice A redemption that waits, or whose payment was refused and waits to be collected.
struct Redemption {
    // word 1
    address seller; // who gave the credits and may cancel or collect; zero where nothing waits
    bool refused; // the payment was tried and is set aside
    // word 2
    address to; // who is paid
    // word 3
    uint128 amount; // credits, base units
    uint128 payment; // payment token base units, fixed at the request
}

/// @notice First in, first out, each entry under a number that counts up from 1 and is never used again.
/// @dev Entries that were cancelled leave a hole that the head passes over.
library RedemptionQueue {
    struct Queue {
        // word 1
        uint64 passed; // entries up to this number are paid, cancelled or set aside
        uint64 last; // the newest entry's number
        uint128 amount; // credits of all entries that wait for their turn
        mapping(uint256 id => Redemption) entries;
    }

    function push(Queue storage queue, Redemption memory entry) internal returns (uint256 id) {
        id = ++queue.last;
        queue.amount += entry.amount;
        queue.entries[id] = entry;
    }
}
