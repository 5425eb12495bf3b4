// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice How near the production that a certificate stands for must be to the consumption that it is matched with. The
/// order is part of the ABI: append only.
enum MatchPolicy {
    Slot, // same zone, same market slot
    Hour, // same zone, same clock hour (UTC)
    Neighbour // same clock hour, in the same zone or one that governance names as its neighbour
}

/// @notice All certificates of one zone, slot and source: they are alike.
struct Lot {
    uint64 issuedWh;
    uint64 cancelledWh;
    uint32 suspendedThrough; // last slot in which they neither move nor are cancelled, 0 = never suspended
    bool inspected; // an inspector has suspended them; only governance does it again
}

/// @notice Certificates that were cancelled for somebody. Two words.
struct Cancellation {
    // word 1
    address beneficiary;
    uint64 amountWh;
    // word 2
    uint64 claimedWh; // matched with metered consumption
    uint64 id; // the certificates' token id
}

/// @notice Certified energy in a storage device.
struct StoredEnergy {
    uint64 chargedWh; // certificates cancelled against its charging so far
    uint64 issuedWh; // certificates issued for its discharging so far
    uint32 throughSlot; // newest slot that was charged or discharged
}
