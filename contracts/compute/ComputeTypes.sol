// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice Where a lease stands in its life. The order is part of the ABI: append only.
enum LeaseState {
    None,
    Waiting, // for capacity of its offer and a slot that its policy allows
    Active,
    Paused, // no slot from the pause on is paid
    Closed
}

/// @notice What a provider offers. Prices are ticks per accelerator-second.
struct Offer {
    // word 1
    address provider;
    uint32 accelerators;
    uint32 leasedAccelerators; // of leases that run or are paused
    bool open;
    // word 2
    uint64 price; // least that a lease may pay
    uint64 stakeTicks; // stands behind each lease
    uint48 minAcceleratorSeconds; // that a lease has to pay for in advance
    uint48 maxAcceleratorSeconds;
    uint16 powerW; // that an accelerator takes, as declared: what a waiting lease queues
}

/// @notice A lease. Amounts are ticks.
struct Lease {
    // word 1
    address requester;
    uint32 offer;
    uint32 accelerators;
    uint24 durationSlots;
    LeaseState state;
    // word 2
    uint64 escrowTicks; // what is left for use
    uint64 price; // ticks per accelerator-second
    uint24 maxImportPrice; // ticks per Wh
    int32 maxScarcityPpm;
    uint32 site; // of the requester, for its place among those who wait; 0 = none
    uint24 madeSlot;
    // word 3
    uint24 untilSlot; // last slot in which it waits
    uint24 firstSlot; // use counts from here
    uint24 endSlot; // and up to here
    uint24 lastUseSlot;
    uint24 activeSlot; // in which it last showed a sign of life
    uint24 pausedSlot;
    uint24 uses; // reported and not objected to
    uint24 settledUses; // paid to the provider
    uint24 acceptedUses; // beyond objection, whatever the time
    uint16 zone;
    // word 4
    uint64 stakeTicks; // what stands behind it
}

/// @notice Use of one slot that was reported. One word.
struct Use {
    uint64 payTicks;
    uint32 acceleratorSeconds;
    uint48 energyWh;
    uint24 slot;
    uint40 time; // of the report, unix seconds
}

/// @notice What a requester asks for.
struct LeaseRequest {
    uint32 offer;
    uint32 site; // whose owner asks; 0 = none, which has no rank
    uint32 accelerators;
    uint48 acceleratorSeconds; // paid for in advance
    uint64 price; // ticks per accelerator-second, at least the offer's
    uint24 maxImportPrice; // policy: only slots whose import price is at most this
    int32 maxScarcityPpm; // policy: and whose published scarcity is at most this
    uint24 durationSlots; // 1 to 2,688, from its start
    uint24 waitSlots; // 1 to 192, for its start
}
