// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {MatchPolicy} from "./CertificateTypes.sol";

/// @notice What happens to certificates besides the `Transfer` of ERC-6909. One unit is one Wh; `id` holds zone, slot and
/// source (`CertificateId`).
interface ICertificateEvents {
    /// @notice Certificates were issued to the owner of a producer's site.
    event CertificatesIssued(uint256 indexed id, address indexed meter, address indexed to, uint256 amountWh);
    /// @notice Certificates were cancelled because their energy went into a storage device; `chargedWh` so
    /// far.
    event StorageCharged(
        address indexed meter,
        uint32 indexed slot,
        uint256 indexed id,
        address holder,
        uint256 amountWh,
        uint256 chargedWh
    );
    /// @notice Certificates were issued anew for what a storage device gave back; `issuedWh` so far, at the efficiency of its
    /// round trips.
    event StorageDischarged(
        address indexed meter,
        uint32 indexed slot,
        address indexed to,
        uint256 amountWh,
        uint256 issuedWh,
        uint256 efficiencyPpm
    );
    /// @notice Certificates were cancelled for somebody. `purpose` is the holder's word, and nothing but data.
    event CertificatesCancelled(
        uint256 indexed cancellation,
        uint256 indexed id,
        address indexed beneficiary,
        address holder,
        uint256 amountWh,
        string purpose
    );
    /// @notice A part of a cancellation was matched with metered consumption.
    event CancellationClaimed(
        uint256 indexed cancellation,
        address indexed meter,
        uint32 indexed slot,
        uint256 amountWh,
        MatchPolicy policy
    );
    /// @notice Certificates were cancelled against the proved energy of a training job; `matchedWh` of the job's slot is
    /// matched now.
    event JobMatched(
        uint256 indexed job,
        uint32 indexed slot,
        uint256 indexed id,
        uint256 cancellation,
        uint256 amountWh,
        uint256 matchedWh,
        MatchPolicy policy
    );
    /// @notice Certificates are suspended through a slot; one that is over ends a suspension.
    event CertificatesSuspended(uint256 indexed id, uint32 throughSlot, address by);
    /// @notice Certificates of slots from `fromSlot` on live for this many slots.
    event LifetimeSet(uint32 fromSlot, uint32 lifetimeSlots);
    /// @notice Whether production of `neighbour` may be matched with consumption of `zone`.
    event NeighbourSet(uint16 indexed zone, uint16 indexed neighbour, bool allowed);
}
