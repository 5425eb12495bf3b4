// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC6909} from "@openzeppelin/contracts/interfaces/IERC6909.sol";
import {ReadingLeaf} from "../energy/types/ExchangeTypes.sol";
import {Cancellation, Lot, MatchPolicy, StoredEnergy} from "./CertificateTypes.sol";
import {ICertificateErrors} from "./ICertificateErrors.sol";
import {ICertificateEvents} from "./ICertificateEvents.sol";

/// @notice Granular certificates: proofs of origin of metered energy for one zone, market slot and source. A token of
/// ERC-6909 whose unit is one Wh. Words and life follow the EnergyTag granular certificate scheme: issue, transfer, cancel,
/// claim; storage cancels and re-issues.
///
/// Whoever is entitled may name operators (`setOperator`), who may do for them what they may.
///
/// Assumptions: meters say what flows, and the registrar attests that behind a producer's meter is the one source that is
/// registered. Certificates of other systems for the same energy are not known here.
interface IEnergyCertificates is IERC6909, ICertificateErrors, ICertificateEvents {
    // ---- Issue

    /// @notice Issue certificates for what a producer of one renewable source exported on balance in a slot, once the slot
    /// is closed and no flag on it stands. They go to the owner of the meter's site. Caller: that owner, or its operator.
    /// @return amountWh Export less import of the reading.
    /// @dev Errors: `NotCertifiable`, `NotEntitled`, `GapReading`, `SlotNotFinal`, `MeterWithheld`, `NothingToIssue`,
    /// `CertificateExpired`, and of the exchange `UnprovenReading`, `ReadingVoid`, `EvidenceUsed`.
    function issue(
        ReadingLeaf calldata leaf,
        bytes32 root,
        bytes32[] calldata proof
    ) external returns (uint256 amountWh);

    /// @notice Cancel the caller's certificates because their energy went into a storage device: import of its reading, drawn
    /// from the evidence ledger. Caller: the owner of the device's site, or its operator. In the order of slots.
    /// @param id Certificates of the owner, near enough to the reading for the policy.
    /// @dev Errors: as of `issue`, `NoMatch`, `OutOfOrder`, and those of the token.
    function charge(
        ReadingLeaf calldata leaf,
        bytes32 root,
        bytes32[] calldata proof,
        uint256 id,
        uint256 amountWh,
        MatchPolicy policy
    ) external;

    /// @notice Issue certificates of source Storage for what a storage device exported on balance in a slot after it was
    /// charged: in all at most what was cancelled for it times the efficiency of its round trips, which is what the device's
    /// registers say it gave of what it took, never above its registered best.
    /// @return amountWh What was issued.
    /// @dev Errors: as of `issue`, `OutOfOrder`.
    function discharge(
        ReadingLeaf calldata leaf,
        bytes32 root,
        bytes32[] calldata proof
    ) external returns (uint256 amountWh);

    // ---- Cancel

    /// @notice Cancel certificates for a beneficiary, for good. Caller: the holder, its operator, or whoever has its
    /// allowance.
    /// @param purpose What for, at most `MAX_PURPOSE_BYTES` bytes.
    /// @return cancellation Its number, from 1.
    /// @dev Errors: `BadParameter` for no energy or no beneficiary, `PurposeTooLong`, `CertificateExpired`,
    /// `CertificateSuspended`, and those of the token.
    function cancel(
        address holder,
        uint256 id,
        uint256 amountWh,
        address beneficiary,
        string calldata purpose
    ) external returns (uint256 cancellation);

    /// @notice Match a part of a cancellation with consumption of the beneficiary's meter, drawn from the evidence ledger.
    /// Caller: the beneficiary, who owns the meter's site.
    /// @dev Errors: `NotEntitled`, `GapReading`, `NotCancelled`, `NoMatch`, and of the exchange `UnprovenReading`,
    /// `ReadingVoid`, `EvidenceUsed`.
    function claim(
        uint256 cancellation,
        ReadingLeaf calldata leaf,
        bytes32 root,
        bytes32[] calldata proof,
        uint256 amountWh,
        MatchPolicy policy
    ) external;

    /// @notice Cancel certificates against energy that a training job's workers proved in a slot, which was drawn from the
    /// evidence ledger there. The beneficiary is the job's requester. Caller: as of `cancel`.
    /// @dev Errors: as of `cancel`, `NoMatch`, `NotConsumed`.
    function cancelForJob(
        address holder,
        uint256 id,
        uint256 amountWh,
        uint256 job,
        uint32 slot,
        MatchPolicy policy
    ) external returns (uint256 cancellation);

    // ---- Governance

    /// @notice Suspend certificates for `INSPECTION_SUSPENSION_SLOTS`, once. Role: INSPECTOR.
    /// @dev Errors: `SuspendedBefore`, `BadParameter` where none were issued.
    function suspend(uint256 id) external;

    /// @notice Suspend certificates through a slot, at most `MAX_SUSPENSION_SLOTS` from now; one that is over ends a
    /// suspension. Role: GOVERNOR.
    /// @dev Error: `BadParameter`.
    function setSuspension(uint256 id, uint32 throughSlot) external;

    /// @notice Set how long certificates of slots after the present one live. Role: GOVERNOR.
    /// @dev Error: `BadParameter` outside `MIN_LIFETIME_SLOTS` and `MAX_LIFETIME_SLOTS`.
    function setLifetime(uint32 lifetimeSlots) external;

    /// @notice Say whether production of `neighbour` may be matched with consumption of `zone`. Role: GOVERNOR.
    /// @dev Error: `BadParameter` for the zone itself.
    function setNeighbour(uint16 zone, uint16 neighbour, bool allowed) external;

    // ---- Views

    /// @notice Zone, slot and source (`EnergySource`) of certificates.
    function decode(uint256 id) external pure returns (uint16 zone, uint32 slot, uint8 source);

    /// @notice Token id of the certificates of a zone, slot and source (`EnergySource`).
    function encode(uint16 zone, uint32 slot, uint8 source) external pure returns (uint256 id);

    /// @notice What was issued and cancelled of one id; what is left is its supply.
    function lotInfo(uint256 id) external view returns (Lot memory);

    /// @notice Last slot in which certificates move or are cancelled.
    function expiresAfter(uint256 id) external view returns (uint256 slot);

    /// @notice A cancellation; its beneficiary is zero where there is none.
    function cancellationInfo(uint256 cancellation) external view returns (Cancellation memory);

    /// @notice How many cancellations there are; they are numbered from 1.
    function cancellationCount() external view returns (uint256);

    /// @notice Certified energy in a storage device.
    function storedIn(address meter) external view returns (StoredEnergy memory);

    /// @notice Energy of a job's slot that is matched with certificates.
    function matchedAt(uint256 job, uint32 slot) external view returns (uint256 amountWh);

    /// @notice Whether production of `neighbour` may be matched with consumption of `zone`.
    function isNeighbour(uint16 zone, uint16 neighbour) external view returns (bool);
}
