// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IJobErrors} from "../../IJobErrors.sol";
import {IJobEvents} from "../../IJobEvents.sol";
import {JobState} from "../../JobTypes.sol";
import {DifferencePart, Leaf, MeasuredCase, MeasurementPrograms, ScoreTable} from "../../MeasurementTypes.sol";
import {ChunkTree} from "../../reproducible/ChunkTree.sol";
import {ReproducibleState} from "../../reproducible/ReproducibleTypes.sol";
import {JobCalls} from "../JobCalls.sol";
import {JobEscrow} from "../JobEscrow.sol";
import {JobStorage} from "../JobStorage.sol";
import {CaseProofs} from "./CaseProofs.sol";
import {MeasuredCases} from "./MeasuredCases.sol";
import {ScoreRules} from "./ScoreRules.sol";
import {StringNodes} from "./StringNodes.sol";
import {TableDifference} from "./TableDifference.sol";
import {UpdateLayout} from "./UpdateLayout.sol";

/// @notice Challenges of a standing result by another one. Both come with the table that they follow from; the first difference of the two
/// tables is one number or one byte string, and a reproducible job decides who is right about it.
library JobVerdicts {
    using JobStorage for JobStorage.Job;
    using JobStorage for JobStorage.Round;

    function challenge(
        uint256 id,
        MeasurementPrograms calldata programs,
        ScoreTable calldata table,
        bytes32 aggregateRoot
    ) external {
        JobStorage.Job storage job = JobStorage.inTime(id, JobState.Challenge);
        JobStorage.Round storage round = job.current();
        _requirePrograms(id, job, programs);
        if (round.isMissing(round.standing)) revert IJobErrors.SliceMissing(id);
        if (aggregateRoot == 0) revert IJobErrors.BadTable("aggregateRoot", 0);
        int64[] memory scores = ScoreRules.scoresOf(
            MeasuredCases.ruleOf(programs),
            MeasuredCases.hashesOf(round, programs),
            table
        );
        bytes32 result = JobStorage.resultHash(id, job.round, scores, aggregateRoot);
        if (result == round.standing) revert IJobErrors.SameResult(id, result);
        round.keepResult(result, scores, aggregateRoot);
        MeasuredCase storage held = round.measured;
        held.challenger = msg.sender;
        held.result = result;
        held.table = keccak256(abi.encode(table));
        emit IJobEvents.MeasuredChallenge(id, job.round, msg.sender, result, scores, aggregateRoot, table);
        JobStorage.move(id, job, JobState.Measuring, job.terms.scoreCommitSeconds);
        JobStorage.load().providers.lockStake(msg.sender, job.terms.evaluatorBondTicks);
    }

    function answer(
        uint256 id,
        MeasurementPrograms calldata programs,
        ScoreTable calldata rival,
        ScoreTable calldata table
    ) external {
        JobStorage.Job storage job = JobStorage.inTime(id, JobState.Measuring);
        JobStorage.Round storage round = job.current();
        MeasuredCase storage held = round.measured;
        if (held.answerer != address(0)) revert IJobErrors.NotAsked(id);
        _requirePrograms(id, job, programs);
        if (!_mayAnswer(round)) revert IJobErrors.NotSeated(id, job.round, msg.sender);
        if (keccak256(abi.encode(rival)) != held.table) revert IJobErrors.ForeignTable(id);
        bytes32 given = JobStorage.resultHash(
            id,
            job.round,
            ScoreRules.scoresOf(MeasuredCases.ruleOf(programs), MeasuredCases.hashesOf(round, programs), table),
            round.results[round.standing].aggregateRoot
        );
        if (given != round.standing) revert IJobErrors.ForeignResult(given, round.standing);
        held.answerer = msg.sender;
        (DifferencePart part, uint256 position) = TableDifference.first(rival, table);
        (held.part, held.position) = (part, uint16(position));
        JobStorage.move(id, job, JobState.Measuring, job.terms.scoreCommitSeconds);
        MeasuredCases.ask(job, round, programs, rival, table);
        emit IJobEvents.MeasuredAnswer(
            id,
            job.round,
            msg.sender,
            part,
            position,
            held.measured,
            held.challengerProves,
            table
        );
    }

    function showString(uint256 id, uint256 group, bytes32[] calldata nodes, bytes32[] calldata siblings) external {
        JobStorage.Job storage job = JobStorage.inTime(id, JobState.Measuring);
        MeasuredCase storage held = job.current().measured;
        bool open =
            CaseProofs.isOfBytes(held.part) && group == held.shown && group < StringNodes.groups(held.sizeBytes);
        // Whoever may dispute the claim sees them before there is one.
        if (!open || JobStorage.load().reproducible.jobInfo(held.measured).state != ReproducibleState.Posted) {
            revert IJobErrors.NotAsked(id);
        }
        if (msg.sender != (held.challengerProves ? held.challenger : held.answerer)) {
            revert IJobErrors.NotSeated(id, job.round, msg.sender);
        }
        if (!StringNodes.areOf(held.root, held.sizeBytes, group, nodes, siblings)) revert IJobErrors.BadOpening(id);
        ++held.shown;
        emit IJobEvents.StringShown(id, job.round, group, nodes);
    }

    function proveUnreadable(
        uint256 id,
        MeasurementPrograms calldata programs,
        uint256 part,
        Leaf[] calldata leaves
    ) external {
        JobStorage.Job storage job = JobStorage.inTime(id, JobState.Measuring);
        MeasuredCase storage held = job.current().measured;
        if (held.part != DifferencePart.Readable) revert IJobErrors.NotAsked(id);
        _requirePrograms(id, job, programs);
        if (!UpdateLayout.isUnreadable(programs, held.root, part, leaves)) {
            revert IJobErrors.UpdateReadable(id, held.position);
        }
        _decide(id, job, held.challengerProves);
    }

    function conclude(uint256 id, bytes32[] calldata tensors, Leaf calldata leaf) external {
        JobStorage.Job storage job = JobStorage.inState(id, JobState.Measuring);
        MeasuredCase storage held = job.current().measured;
        uint256 measured = held.measured;
        if (measured == 0) revert IJobErrors.NotAsked(id);
        JobStorage.Layout storage $ = JobStorage.load();
        if ($.reproducible.jobInfo(measured).state != ReproducibleState.Done) {
            revert IJobErrors.CaseOpen(id, measured);
        }
        bool whole = tensors.length == $.reproducible.termsOf(measured).program.stateTensors;
        if (!whole || ChunkTree.rootOfLeaves(tensors) != $.reproducible.claimInfo(measured, 0).endState) {
            revert IJobErrors.BadOpening(id);
        }
        _decide(id, job, CaseProofs.isRight(id, held, tensors, leaf) == held.challengerProves);
    }

    /// @notice Decide for want of what somebody had to do in time, or by how the reproducible job ended.
    function advance(uint256 id) external {
        JobStorage.Job storage job = JobStorage.load().jobs[id];
        MeasuredCase storage held = job.current().measured;
        ReproducibleState state = ReproducibleState.Posted;
        if (held.measured != 0) state = JobStorage.load().reproducible.jobInfo(held.measured).state;
        if (state == ReproducibleState.Training) revert IJobErrors.CaseOpen(id, held.measured);
        if (state == ReproducibleState.Done && !held.opening) {
            held.opening = true;
            return JobStorage.move(id, job, JobState.Measuring, job.terms.scoreRevealSeconds);
        }
        // The other side has taken the job back.
        if (state == ReproducibleState.Cancelled) return _decide(id, job, held.challengerProves);
        bool waits = state == ReproducibleState.Posted || state == ReproducibleState.Done;
        if (waits && block.timestamp < job.deadline) revert IJobErrors.WindowOpen(id, job.deadline);
        _decide(id, job, !held.challengerProves);
    }

    // ---- What follows

    /// @dev Half of the bond that is lost is the winner's. Whichever result stands has all its time anew, so that no challenge for show
    /// ends the time for an honest one.
    function _decide(uint256 id, JobStorage.Job storage job, bool challengerRight) private {
        JobStorage.Round storage round = job.current();
        MeasuredCase memory held = round.measured;
        delete round.measured;
        address winner = held.answerer;
        address loser = held.challenger;
        if (challengerRight) {
            (winner, loser) = (held.challenger, round.rival);
            (round.rival, round.standing) = (held.challenger, held.result);
        }
        emit IJobEvents.MeasuredVerdict(id, job.round, winner, round.standing);
        if (challengerRight) emit IJobEvents.ResultStands(id, job.round, held.result, 0);
        JobStorage.move(id, job, JobState.Challenge, job.terms.challengeSeconds);
        if (loser == address(0)) return;
        uint256 bond = job.terms.evaluatorBondTicks;
        JobEscrow.reward(id, job, winner, JobCalls.cut(id, job.round, loser, bond, bond / 2));
    }

    /// @dev A rival answers for its result alone, since its bond does; for that of evaluators any of them.
    function _mayAnswer(JobStorage.Round storage round) private view returns (bool) {
        if (round.rival != address(0)) return msg.sender == round.rival;
        uint256 seat = round.scoreSeatOf[msg.sender];
        return seat != 0 && round.scoreSeats[seat - 1].result == round.standing;
    }

    function _requirePrograms(
        uint256 id,
        JobStorage.Job storage job,
        MeasurementPrograms calldata programs
    ) private view {
        bytes32 hash = keccak256(abi.encode(programs));
        if (hash != job.terms.measurement) revert IJobErrors.ForeignPrograms(id, hash);
    }
}
