// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {IJobErrors} from "../IJobErrors.sol";
import {IJobEvents} from "../IJobEvents.sol";
import {DrawKind, JobState, JobTerms, Place, Seat, UpdateStatus} from "../JobTypes.sol";
import {JobCalls} from "./JobCalls.sol";
import {JobDraws} from "./JobDraws.sol";
import {JobStorage} from "./JobStorage.sol";

/// @notice The first half of a round: it opens, workers commit and reveal, the requester names the validation slice.
library JobRounds {
    using JobStorage for JobStorage.Job;

    uint256 private constant SLOT_SECONDS = 900;
    /// @dev Part of its bond that a worker loses which commits and does not reveal.
    uint256 private constant NO_REVEAL_PART = 4;

    function open(uint256 id) external {
        JobStorage.Job storage job = JobStorage.inTime(id, JobState.Waiting);
        JobTerms storage terms = job.terms;
        uint256 workers = job.workers.length;
        // With twice the evaluators and two, a panel has more members than the group that it judges.
        if (workers < terms.minWorkers || job.evaluators.length < 2 * uint256(terms.evaluators) + 2) {
            revert IJobErrors.TooFewPlaces(id, workers, job.evaluators.length);
        }
        uint32 slot = uint32(block.timestamp / SLOT_SECONDS);
        (uint24 price, , int32 scarcity) = JobStorage.load().exchange.tariffAt(terms.zone, slot);
        if (price > terms.maxImportPrice || scarcity > terms.maxScarcityPpm) {
            revert IJobErrors.PolicyUnmet(id, slot, price, scarcity);
        }
        ++job.round;
        JobStorage.Round storage round = job.current();
        round.openSlot = slot;
        address[] memory seated = new address[](workers);
        for (uint256 i = 0; i < workers; ++i) {
            Place storage place = job.workers[i];
            seated[i] = place.provider;
            Seat storage seat = round.seats.push();
            seat.provider = place.provider;
            seat.site = place.site;
            seat.meter = place.meter;
            round.seatOf[place.provider] = i + 1;
        }
        emit IJobEvents.RoundOpened(id, job.round, slot, price, scarcity, job.modelRoot, seated);
        JobStorage.move(id, job, JobState.Commit, terms.commitSeconds);
        JobCalls.queue(id, job, 0);
    }

    function commit(uint256 id, bytes32 commitment) external {
        JobStorage.Job storage job = JobStorage.inTime(id, JobState.Commit);
        JobStorage.Round storage round = job.current();
        Seat storage seat = _seat(id, job, round);
        if (commitment == 0) revert IJobErrors.BadTerm("commitment", 0);
        if (seat.commitment != 0) revert IJobErrors.AlreadyCommitted(id, job.round, msg.sender);
        seat.commitment = commitment;
        seat.status = UpdateStatus.Committed;
        seat.commitOrder = ++round.commits;
        emit IJobEvents.UpdateCommitted(id, job.round, msg.sender, commitment);
    }

    function endCommit(uint256 id) external {
        JobStorage.Job storage job = JobStorage.load().jobs[id];
        JobStorage.Round storage round = job.current();
        _requireOver(id, job, round.commits == round.seats.length);
        uint256 end = block.timestamp < job.deadline ? block.timestamp : job.deadline - 1;
        round.trainedSlot = uint32(end / SLOT_SECONDS);
        JobStorage.move(id, job, JobState.Reveal, job.terms.revealSeconds);
    }

    function reveal(uint256 id, bytes32 updateRoot, bytes32 salt, uint256 sizeBytes) external {
        JobStorage.Job storage job = JobStorage.inTime(id, JobState.Reveal);
        JobStorage.Round storage round = job.current();
        Seat storage seat = _seat(id, job, round);
        if (sizeBytes == 0 || sizeBytes > job.terms.maxUpdateBytes) {
            revert IJobErrors.UpdateSize(sizeBytes, job.terms.maxUpdateBytes);
        }
        bytes32 expected = JobStorage.commitment(id, job.round, msg.sender, updateRoot, salt);
        if (seat.status != UpdateStatus.Committed || seat.commitment != expected) {
            revert IJobErrors.CommitmentMismatch(id, job.round, msg.sender);
        }
        seat.updateRoot = updateRoot;
        seat.sizeBytes = uint32(sizeBytes);
        seat.status = _originality(id, job, round, seat, updateRoot);
        job.entropy = keccak256(abi.encode(job.entropy, salt));
        emit IJobEvents.UpdateRevealed(id, job.round, msg.sender, updateRoot, sizeBytes, seat.status);
    }

    /// @return valid Whether any update counts.
    function endReveal(uint256 id) external returns (bool valid) {
        JobStorage.Job storage job = JobStorage.load().jobs[id];
        JobStorage.Round storage round = job.current();
        uint256 seats = round.seats.length;
        bool waiting;
        for (uint256 i = 0; i < seats; ++i) waiting = waiting || round.seats[i].status == UpdateStatus.Committed;
        _requireOver(id, job, !waiting);
        for (uint256 i = 0; i < seats; ++i) {
            Seat storage seat = round.seats[i];
            if (seat.status == UpdateStatus.Valid) valid = true;
            if (seat.status != UpdateStatus.Committed) continue;
            // Seats and places are in the same order while the round runs.
            uint64 loss = job.workers[i].bondTicks / uint64(NO_REVEAL_PART);
            job.workers[i].bondTicks -= loss;
            JobCalls.cut(id, job.round, seat.provider, loss, 0);
        }
        if (valid) JobStorage.move(id, job, JobState.Validation, job.terms.validationSeconds);
    }

    function revealValidation(uint256 id, bytes32 sliceHash, bytes32[] calldata proof) external {
        JobStorage.Job storage job = JobStorage.inTime(id, JobState.Validation);
        if (msg.sender != job.requester) revert IJobErrors.NotRequester(id, msg.sender);
        if (!MerkleProof.verifyCalldata(proof, job.terms.validationRoot, validationLeaf(job.round, sliceHash))) {
            revert IJobErrors.ForeignSlice(id, job.round, sliceHash);
        }
        job.current().validation = sliceHash;
        emit IJobEvents.ValidationRevealed(id, job.round, sliceHash);
        JobDraws.arm(id, job, DrawKind.First);
    }

    function validationLeaf(uint256 round, bytes32 sliceHash) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(round, sliceHash))));
    }

    /// @dev The worker that committed first keeps a root; roots of earlier rounds, updates and models alike, are nobody's.
    function _originality(
        uint256 id,
        JobStorage.Job storage job,
        JobStorage.Round storage round,
        Seat storage seat,
        bytes32 root
    ) private returns (UpdateStatus) {
        JobStorage.RootUse storage use = job.roots[root];
        if (use.known) {
            if (use.model || use.round != job.round) return UpdateStatus.Stale;
            Seat storage other = round.seats[use.seat];
            if (other.commitOrder < seat.commitOrder) return UpdateStatus.Copy;
            other.status = UpdateStatus.Copy;
            emit IJobEvents.UpdateDemoted(id, job.round, other.provider, UpdateStatus.Copy);
        }
        uint256 index = round.seatOf[msg.sender] - 1;
        job.roots[root] = JobStorage.RootUse({known: true, model: false, round: job.round, seat: uint8(index)});
        return UpdateStatus.Valid;
    }

    function _seat(
        uint256 id,
        JobStorage.Job storage job,
        JobStorage.Round storage round
    ) private view returns (Seat storage) {
        uint256 index = round.seatOf[msg.sender];
        if (index == 0) revert IJobErrors.NotSeated(id, job.round, msg.sender);
        return round.seats[index - 1];
    }

    function _requireOver(uint256 id, JobStorage.Job storage job, bool complete) private view {
        if (block.timestamp < job.deadline && !complete) revert IJobErrors.WindowOpen(id, job.deadline);
    }
}
