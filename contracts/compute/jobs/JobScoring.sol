// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IJobErrors} from "../IJobErrors.sol";
import {IJobEvents} from "../IJobEvents.sol";
import {DrawKind, JobState, Place, ScoreSeat} from "../JobTypes.sol";
import {JobCalls} from "./JobCalls.sol";
import {JobDraws} from "./JobDraws.sol";
import {JobPlaces} from "./JobPlaces.sol";
import {JobStorage} from "./JobStorage.sol";

/// @notice The second half of a round: evaluators are drawn, commit to scores, reveal them, and may be challenged.
library JobScoring {
    using JobStorage for JobStorage.Job;
    using JobStorage for JobStorage.Round;

    /// @notice What a round needs after its scores were revealed.
    enum Next {
        Wait, // nothing: a draw or the time for challenges
        Settle,
        Void
    }

    function draw(uint256 id) external {
        JobDraws.draw(id, JobStorage.load().jobs[id]);
    }

    function commit(uint256 id, bytes32 commitment) external {
        JobStorage.Job storage job = JobStorage.inTime(id, JobState.ScoreCommit);
        ScoreSeat storage seat = _seat(id, job);
        if (commitment == 0) revert IJobErrors.BadTerm("commitment", 0);
        if (seat.commitment != 0) revert IJobErrors.AlreadyCommitted(id, job.round, msg.sender);
        seat.commitment = commitment;
        emit IJobEvents.ScoresCommitted(id, job.round, msg.sender, commitment);
    }

    function endCommit(uint256 id) external {
        JobStorage.Job storage job = JobStorage.load().jobs[id];
        JobStorage.Round storage round = job.current();
        bool waiting;
        for (uint256 i = 0; i < round.scoreSeats.length; ++i) {
            ScoreSeat storage seat = round.scoreSeats[i];
            waiting = waiting || (seat.kind == job.draw && seat.commitment == 0);
        }
        if (waiting && block.timestamp < job.deadline) revert IJobErrors.WindowOpen(id, job.deadline);
        JobStorage.move(id, job, JobState.ScoreReveal, job.terms.scoreRevealSeconds);
    }

    function reveal(uint256 id, int64[] calldata scores, bytes32 aggregateRoot, bytes32 salt) external {
        JobStorage.Job storage job = JobStorage.inTime(id, JobState.ScoreReveal);
        JobStorage.Round storage round = job.current();
        ScoreSeat storage seat = _seat(id, job);
        uint256 expectedScores = aggregateRoot == 0 ? 0 : round.seats.length;
        if (scores.length != expectedScores) revert IJobErrors.ScoreCount(scores.length, expectedScores);
        bytes32 result = JobStorage.resultHash(id, job.round, scores, aggregateRoot);
        bytes32 expected = JobStorage.commitment(id, job.round, msg.sender, result, salt);
        if (seat.result != 0 || seat.commitment != expected) {
            revert IJobErrors.CommitmentMismatch(id, job.round, msg.sender);
        }
        seat.result = result;
        round.keepResult(result, scores, aggregateRoot);
        job.entropy = keccak256(abi.encode(job.entropy, salt));
        emit IJobEvents.ScoresRevealed(id, job.round, msg.sender, result, scores, aggregateRoot);
    }

    function endReveal(uint256 id) external returns (Next) {
        JobStorage.Job storage job = JobStorage.load().jobs[id];
        JobStorage.Round storage round = job.current();
        DrawKind kind = job.draw;
        if (block.timestamp < job.deadline && _mayReveal(round, kind)) revert IJobErrors.WindowOpen(id, job.deadline);
        uint256 revealed = _cutSilent(id, job, round);
        if (kind == DrawKind.Panel) {
            return job.terms.measurement == 0 ? _decide(id, job, round) : _decideSlice(id, job, round);
        }
        // Half of the group could not outvote the rest: once, others take the seats of the silent.
        if (kind == DrawKind.First && 2 * revealed < job.terms.evaluators) {
            JobDraws.arm(id, job, DrawKind.Redraw);
            return Next.Wait;
        }
        if (revealed == 0) return Next.Void;
        (bytes32 result, uint256 votes, bool tie) = _tally(round, false, 0);
        // Where results are measured, a tie needs no panel: who finds that the wrong one stands challenges it.
        if (tie && job.terms.measurement == 0) {
            JobDraws.arm(id, job, DrawKind.Panel);
            return Next.Wait;
        }
        round.standing = result;
        emit IJobEvents.ResultStands(id, job.round, result, votes);
        JobStorage.move(id, job, JobState.Challenge, job.terms.challengeSeconds);
        return Next.Wait;
    }

    function challenge(uint256 id) external {
        JobStorage.Job storage job = JobStorage.inTime(id, JobState.Challenge);
        JobStorage.Round storage round = job.current();
        // Only there a round goes on after a panel.
        if (job.draw == DrawKind.Panel) revert IJobErrors.PanelHeard(id, job.round);
        // Who challenges does not judge.
        round.challenger = msg.sender;
        emit IJobEvents.ResultChallenged(id, job.round, msg.sender, round.standing);
        JobDraws.arm(id, job, DrawKind.Panel);
        JobStorage.load().providers.lockStake(msg.sender, job.terms.evaluatorBondTicks);
    }

    function endChallenge(uint256 id) external view {
        JobStorage.Job storage job = JobStorage.load().jobs[id];
        if (block.timestamp < job.deadline) revert IJobErrors.WindowOpen(id, job.deadline);
    }

    /// @dev What decides a dispute: the panel's majority. Where it is silent or splits, what stood before stands, and
    /// where nothing did, the round is void.
    function _decide(uint256 id, JobStorage.Job storage job, JobStorage.Round storage round) private returns (Next) {
        (bytes32 result, uint256 votes, bool tie) = _tally(round, true, 0);
        round.first = round.standing;
        bool decided = votes != 0 && !tie;
        round.split = !decided;
        if (round.challenger != address(0)) {
            emit IJobEvents.ChallengeDecided(id, job.round, round.challenger, decided ? result : bytes32(0));
            // No decision, no loser: the bond is given back.
            if (!decided) {
                JobCalls.release(id, round.challenger, job.terms.evaluatorBondTicks);
                round.challenger = address(0);
            }
        }
        if (decided) {
            round.standing = result;
            emit IJobEvents.ResultStands(id, job.round, result, votes);
        }
        return round.standing == 0 ? Next.Void : Next.Settle;
    }

    /// @dev Where results are measured, a panel decides only whether the slice was to be had. If it was not, that stands. Else a result
    /// with scores stands, which has its time to be challenged anew: no panel is a way round a measurement.
    function _decideSlice(
        uint256 id,
        JobStorage.Job storage job,
        JobStorage.Round storage round
    ) private returns (Next) {
        (bytes32 missing, uint256 without, uint256 with_) = _opinions(round);
        bytes32 before = round.standing;
        round.first = before;
        round.split = without == with_;
        bool overturned = !round.split && round.isMissing(before) != (without > with_);
        if (overturned) {
            (bytes32 result, uint256 votes) = (missing, without);
            if (without < with_) (result, votes, ) = _tally(round, true, before);
            round.standing = result;
            emit IJobEvents.ResultStands(id, job.round, result, votes);
            if (round.rival != address(0)) JobCalls.cut(id, job.round, round.rival, job.terms.evaluatorBondTicks, 0);
            round.rival = address(0);
        }
        emit IJobEvents.ChallengeDecided(id, job.round, round.challenger, round.split ? bytes32(0) : round.standing);
        bool settles = round.isMissing(round.standing);
        if (!round.split && settles) return Next.Settle;
        // The dispute is over, but the round may go on.
        if (round.split || overturned) JobCalls.release(id, round.challenger, job.terms.evaluatorBondTicks);
        else JobCalls.cut(id, job.round, round.challenger, job.terms.evaluatorBondTicks, 0);
        round.challenger = address(0);
        if (settles) return Next.Settle;
        JobStorage.move(id, job, JobState.Challenge, job.terms.challengeSeconds);
        return Next.Wait;
    }

    /// @dev How many of the panel found that the slice was not to be had, by which result, and how many did have it.
    function _opinions(
        JobStorage.Round storage round
    ) private view returns (bytes32 missing, uint256 without, uint256 with_) {
        for (uint256 i = 0; i < round.scoreSeats.length; ++i) {
            ScoreSeat storage seat = round.scoreSeats[i];
            if (seat.kind != DrawKind.Panel || seat.result == 0) continue;
            if (round.isMissing(seat.result)) (missing, without) = (seat.result, without + 1);
            else ++with_;
        }
    }

    /// @dev Whether somebody of the group still may reveal.
    function _mayReveal(JobStorage.Round storage round, DrawKind kind) private view returns (bool) {
        for (uint256 i = 0; i < round.scoreSeats.length; ++i) {
            ScoreSeat storage seat = round.scoreSeats[i];
            if (seat.kind == kind && seat.commitment != 0 && seat.result == 0) return true;
        }
        return false;
    }

    /// @dev Who was silent loses bond and place.
    /// @return revealed How many of all drawn so far did reveal.
    function _cutSilent(
        uint256 id,
        JobStorage.Job storage job,
        JobStorage.Round storage round
    ) private returns (uint256 revealed) {
        for (uint256 i = 0; i < round.scoreSeats.length; ++i) {
            ScoreSeat storage seat = round.scoreSeats[i];
            if (seat.result != 0) ++revealed;
            else if (!seat.silent) {
                seat.silent = true;
                expel(id, job, seat.evaluator, 0);
            }
        }
    }

    /// @notice Cut an evaluator's whole bond and free its place.
    /// @return receivedTicks Part of the bond that came in as a reward for others.
    function expel(
        uint256 id,
        JobStorage.Job storage job,
        address evaluator,
        uint256 rewardTicks
    ) internal returns (uint256 receivedTicks) {
        uint256 index = JobPlaces.indexOf(job.evaluators, evaluator);
        Place storage place = job.evaluators[index];
        uint256 bond = place.bondTicks;
        place.bondTicks = 0;
        receivedTicks = JobCalls.cut(id, job.round, evaluator, bond, rewardTicks);
        JobPlaces.removePlace(id, job, true, index);
    }

    /// @dev The result that most revealed, of the panel or of all before it, other than `except`.
    function _tally(
        JobStorage.Round storage round,
        bool panel,
        bytes32 except
    ) private view returns (bytes32 best, uint256 votes, bool tie) {
        uint256 count = round.scoreSeats.length;
        for (uint256 i = 0; i < count; ++i) {
            ScoreSeat storage seat = round.scoreSeats[i];
            bytes32 result = seat.result;
            bool counts = result != 0 && result != except && (seat.kind == DrawKind.Panel) == panel;
            if (!counts || result == best) continue;
            uint256 same;
            for (uint256 k = i; k < count; ++k) {
                ScoreSeat storage other = round.scoreSeats[k];
                if (other.result == result && (other.kind == DrawKind.Panel) == panel) ++same;
            }
            if (same > votes) (best, votes, tie) = (result, same, false);
            else if (same == votes) tie = true;
        }
    }

    function _seat(uint256 id, JobStorage.Job storage job) private view returns (ScoreSeat storage seat) {
        JobStorage.Round storage round = job.current();
        uint256 index = round.scoreSeatOf[msg.sender];
        if (index == 0 || round.scoreSeats[index - 1].kind != job.draw) {
            revert IJobErrors.NotSeated(id, job.round, msg.sender);
        }
        return round.scoreSeats[index - 1];
    }
}
