// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ReadingLeaf} from "../energy/types/ExchangeTypes.sol";
import {CertificateIssue} from "./CertificateIssue.sol";
import {Cancellation, MatchPolicy} from "./CertificateTypes.sol";
import {ICertificateJobs} from "./ICertificateSources.sol";
import {IEnergyCertificates} from "./IEnergyCertificates.sol";

/// @notice The end of certificates: cancelled for somebody, and matched with metered consumption.
abstract contract CertificateCancelling is CertificateIssue {
    /// @notice The training jobs whose energy is matched.
    ICertificateJobs public immutable jobs;

    /// @inheritdoc IEnergyCertificates
    uint256 public cancellationCount;
    mapping(uint256 cancellation => Cancellation) private _cancellations;
    /// @inheritdoc IEnergyCertificates
    mapping(uint256 job => mapping(uint32 slot => uint256 amountWh)) public matchedAt;

    constructor(ICertificateJobs jobs_) {
        jobs = jobs_;
    }

    /// @inheritdoc IEnergyCertificates
    function cancel(
        address holder,
        uint256 id,
        uint256 amountWh,
        address beneficiary,
        string calldata purpose
    ) external returns (uint256 cancellation) {
        if (beneficiary == address(0)) revert BadParameter("beneficiary", 0);
        if (bytes(purpose).length > MAX_PURPOSE_BYTES) revert PurposeTooLong(bytes(purpose).length);
        return _cancel(holder, id, amountWh, beneficiary, 0, purpose);
    }

    /// @inheritdoc IEnergyCertificates
    function claim(
        uint256 cancellation,
        ReadingLeaf calldata leaf,
        bytes32 root,
        bytes32[] calldata proof,
        uint256 amountWh,
        MatchPolicy policy
    ) external {
        Cancellation storage held = _cancellations[cancellation];
        address owner = exchange.siteInfo(exchange.meterConfig(leaf.meter).site).owner;
        if (msg.sender != held.beneficiary || msg.sender != owner) revert NotEntitled(msg.sender);
        _requireNoGap(leaf);
        uint256 leftWh = held.amountWh - held.claimedWh;
        if (amountWh > leftWh) revert NotCancelled(cancellation, amountWh, leftWh);
        _requireMatch(held.id, leaf.zone, leaf.slot, policy);
        held.claimedWh += uint64(amountWh);
        exchange.drawEvidence(leaf, root, proof, amountWh);
        emit CancellationClaimed(cancellation, leaf.meter, leaf.slot, amountWh, policy);
    }

    /// @inheritdoc IEnergyCertificates
    function cancelForJob(
        address holder,
        uint256 id,
        uint256 amountWh,
        uint256 job,
        uint32 slot,
        MatchPolicy policy
    ) external returns (uint256 cancellation) {
        (address requester, uint16 zone, uint256 provedWh) = jobs.energyAt(job, slot);
        uint256 matchedWh = matchedAt[job][slot];
        if (amountWh > provedWh - matchedWh) revert NotConsumed(job, slot, amountWh, provedWh - matchedWh);
        _requireMatch(id, zone, slot, policy);
        matchedWh += amountWh;
        matchedAt[job][slot] = matchedWh;
        cancellation = _cancel(holder, id, amountWh, requester, amountWh, "");
        emit JobMatched(job, slot, id, cancellation, amountWh, matchedWh, policy);
    }

    /// @inheritdoc IEnergyCertificates
    function cancellationInfo(uint256 cancellation) external view returns (Cancellation memory) {
        return _cancellations[cancellation];
    }

    function _cancel(
        address holder,
        uint256 id,
        uint256 amountWh,
        address beneficiary,
        uint256 claimedWh,
        string memory purpose
    ) private returns (uint256 cancellation) {
        _retire(holder, id, amountWh);
        cancellation = ++cancellationCount;
        // An id that was issued has 56 bits, and an amount that was burned fits as its sum does.
        _cancellations[cancellation] = Cancellation({
            beneficiary: beneficiary,
            amountWh: uint64(amountWh),
            claimedWh: uint64(claimedWh),
            id: uint64(id)
        });
        emit CertificatesCancelled(cancellation, id, beneficiary, holder, amountWh, purpose);
    }
}
