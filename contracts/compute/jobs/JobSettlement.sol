// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IJobErrors} from "../IJobErrors.sol";
import {IJobEvents} from "../IJobEvents.sol";
import {JobState, JobTerms, RoundOutcome, ScoreSeat, Seat, UpdateStatus, DrawKind} from "../JobTypes.sol";
import {JobCalls} from "./JobCalls.sol";
import {JobEscrow} from "./JobEscrow.sol";
import {JobPlaces} from "./JobPlaces.sol";
import {JobScoring} from "./JobScoring.sol";
import {JobStorage} from "./JobStorage.sol";

/// @notice How a round and a job end: what each gets, who loses a bond, and what goes back. Shares are rounded down; what
/// is left over goes back to the requester.
library JobSettlement {
    using JobStorage for JobStorage.Job;

    /// @notice What valid updates of a round without a result share of its pool.
    uint256 internal constant VOID_SHARE_PPM = 100_000;
    uint256 private constant NEUTRAL_PPM = 500_000;
    /// @dev Of a bond that is lost in a dispute, three quarters are a reward: two of them for a challenger that was right.
    uint256 private constant REWARD_QUARTERS = 3;

    /// @notice Pay a round by the result that stands. The one without an aggregate says that the slice was not to be had:
    /// that is as if the requester had not named it.
    function settle(uint256 id) external {
        JobStorage.Job storage job = JobStorage.load().jobs[id];
        JobStorage.Round storage round = job.current();
        bytes32 aggregate = round.results[round.standing].aggregateRoot;
        (uint256 paid, bool scored) = aggregate == 0
            ? (_payEqually(id, job, round, job.terms.poolTicks), false)
            : _payUpdates(id, job, round);
        uint256 fees = _payEvaluators(id, job, round);
        _settleDispute(id, job, round);
        JobEscrow.refund(id, job, uint256(job.terms.poolTicks) + job.terms.feeTicks - paid - fees);
        if (aggregate == 0) return _endUnvalidated(id, job, round);
        if (scored) {
            job.modelRoot = aggregate;
            // An update that equals a model is stale; a root that somebody trained keeps its place.
            if (!job.roots[aggregate].known) {
                job.roots[aggregate] = JobStorage.RootUse({known: true, model: true, round: job.round, seat: 0});
            }
            ++job.receipt.roundsSettled;
        }
        _endRound(id, job, round, scored ? RoundOutcome.Settled : RoundOutcome.Unscored);
    }

    /// @notice End a round that has no valid update, or no result: valid updates share a tenth of the pool, the rest goes
    /// back.
    function voidRound(uint256 id) external {
        JobStorage.Job storage job = JobStorage.load().jobs[id];
        JobStorage.Round storage round = job.current();
        uint256 share = (uint256(job.terms.poolTicks) * VOID_SHARE_PPM) / JobStorage.PPM;
        uint256 paid = _payEqually(id, job, round, share);
        JobEscrow.refund(id, job, uint256(job.terms.poolTicks) + job.terms.feeTicks - paid);
        _endRound(id, job, round, RoundOutcome.Void);
    }

    /// @notice End the round and the job of a requester that did not name the validation slice in time: valid updates
    /// share the whole pool.
    function unvalidated(uint256 id) external {
        JobStorage.Job storage job = JobStorage.load().jobs[id];
        if (block.timestamp < job.deadline) revert IJobErrors.WindowOpen(id, job.deadline);
        JobStorage.Round storage round = job.current();
        uint256 paid = _payEqually(id, job, round, job.terms.poolTicks);
        JobEscrow.refund(id, job, uint256(job.terms.poolTicks) + job.terms.feeTicks - paid);
        _endUnvalidated(id, job, round);
    }

    /// @notice End a job that has waited too long.
    function endWaiting(uint256 id) external {
        JobStorage.Job storage job = JobStorage.load().jobs[id];
        if (block.timestamp < job.deadline) revert IJobErrors.WindowOpen(id, job.deadline);
        _end(id, job);
    }

    /// @notice End a waiting job for its requester.
    function cancel(uint256 id) external {
        JobStorage.Job storage job = JobStorage.inState(id, JobState.Waiting);
        if (msg.sender != job.requester) revert IJobErrors.NotRequester(id, msg.sender);
        _end(id, job);
    }

    // ---- Pay

    /// @dev Pool times score over the sum of positive scores, at most the site's cap.
    function _payUpdates(
        uint256 id,
        JobStorage.Job storage job,
        JobStorage.Round storage round
    ) private returns (uint256 paid, bool scored) {
        (uint256[] memory scores, uint256 sum, uint256 revealed) = _scores(round);
        if (sum == 0) return (0, false);
        scored = true;
        uint256 pool = job.terms.poolTicks;
        uint256 cap = (pool * job.terms.siteCapPpm) / JobStorage.PPM;
        uint256[] memory paidBySeat = new uint256[](scores.length);
        for (uint256 i = 0; i < scores.length; ++i) {
            Seat storage seat = round.seats[i];
            if (seat.status < UpdateStatus.Valid) continue;
            uint256 contribution = (NEUTRAL_PPM * scores[i] * revealed) / sum;
            JobCalls.note(
                id,
                seat.site,
                contribution > JobStorage.PPM ? JobStorage.PPM : contribution,
                JobCalls.NO_SAMPLE
            );
            if (scores[i] == 0) continue;
            uint256 left = cap;
            for (uint256 k = 0; k < i; ++k) {
                if (round.seats[k].site == seat.site) left -= paidBySeat[k];
            }
            uint256 amount = (pool * scores[i]) / sum;
            if (amount > left) amount = left;
            paidBySeat[i] = amount;
            paid += amount;
            _payUpdate(id, job, seat, int64(uint64(scores[i])), amount);
        }
    }

    /// @dev Scores that count: of valid updates, negative ones as zero. `revealed` counts copies and
    /// stale ones too.
    function _scores(
        JobStorage.Round storage round
    ) private view returns (uint256[] memory scores, uint256 sum, uint256 revealed) {
        int64[] memory given = round.results[round.standing].scores;
        scores = new uint256[](given.length);
        for (uint256 i = 0; i < given.length; ++i) {
            UpdateStatus status = round.seats[i].status;
            if (status >= UpdateStatus.Valid) ++revealed;
            if (status != UpdateStatus.Valid || given[i] <= 0) continue;
            scores[i] = uint256(int256(given[i]));
            sum += scores[i];
        }
    }

    function _payUpdate(
        uint256 id,
        JobStorage.Job storage job,
        Seat storage seat,
        int64 score,
        uint256 amount
    ) private {
        if (amount == 0) return;
        JobTerms storage terms = job.terms;
        ++job.receipt.updatesPaid;
        job.receipt.tokens += terms.tokens;
        job.receipt.steps += terms.steps;
        job.receipt.paidTicks += uint64(amount);
        JobEscrow.assign(job, seat.provider, amount);
        emit IJobEvents.UpdatePaid(id, job.round, seat.provider, seat.site, score, amount);
    }

    function _payEqually(
        uint256 id,
        JobStorage.Job storage job,
        JobStorage.Round storage round,
        uint256 pool
    ) private returns (uint256 paid) {
        uint256 valid;
        for (uint256 i = 0; i < round.seats.length; ++i) {
            if (round.seats[i].status == UpdateStatus.Valid) ++valid;
        }
        if (valid == 0) return 0;
        for (uint256 i = 0; i < round.seats.length; ++i) {
            if (round.seats[i].status == UpdateStatus.Valid) _payUpdate(id, job, round.seats[i], 0, pool / valid);
        }
        return (pool / valid) * valid;
    }

    /// @dev The fee is shared by whose result stands.
    function _payEvaluators(
        uint256 id,
        JobStorage.Job storage job,
        JobStorage.Round storage round
    ) private returns (uint256 paid) {
        address[] memory right = _right(round);
        uint256 share = uint256(job.terms.feeTicks) / right.length;
        if (share == 0) return 0;
        for (uint256 i = 0; i < right.length; ++i) {
            JobEscrow.assign(job, right[i], share);
            paid += share;
            emit IJobEvents.EvaluatorPaid(id, job.round, right[i], share);
        }
        job.receipt.feeTicks += uint64(paid);
    }

    /// @dev Who revealed the result that stands, and the rival whose it is if it did not.
    function _right(JobStorage.Round storage round) private view returns (address[] memory right) {
        uint256 seats = round.scoreSeats.length;
        right = new address[](seats + 1);
        uint256 count;
        address rival = round.rival;
        for (uint256 i = 0; i < seats; ++i) {
            ScoreSeat storage seat = round.scoreSeats[i];
            if (seat.result != round.standing) continue;
            right[count++] = seat.evaluator;
            if (seat.evaluator == rival) rival = address(0);
        }
        if (rival != address(0)) right[count++] = rival;
        assembly ("memory-safe") {
            mstore(right, count)
        }
    }

    // ---- Bonds

    /// @dev Who revealed another result than the one that stands loses its bond, and so does a challenger that was wrong.
    /// Where a panel decided, or a rival's result stands, three quarters of that are shared out; otherwise all of it goes to the
    /// season pool.
    function _settleDispute(uint256 id, JobStorage.Job storage job, JobStorage.Round storage round) private {
        bool decided = (job.draw == DrawKind.Panel && !round.split) || round.rival != address(0);
        address challenger = round.challenger;
        uint64 bond = job.terms.evaluatorBondTicks;
        uint256 reward = decided ? (uint256(bond) * REWARD_QUARTERS) / 4 : 0;
        uint256 purse;
        for (uint256 i = 0; i < round.scoreSeats.length; ++i) {
            ScoreSeat storage seat = round.scoreSeats[i];
            if (seat.result == 0 || seat.result == round.standing) continue;
            // A panel that came to no decision has no losers of its own.
            if (seat.kind == DrawKind.Panel && round.split) continue;
            purse += JobScoring.expel(id, job, seat.evaluator, reward);
        }
        if (challenger != address(0) && round.first == round.standing) {
            purse += JobCalls.cut(id, job.round, challenger, bond, reward);
        } else {
            // No challenger of a panel is left where a rival's result stands.
            address right = challenger == address(0) ? round.rival : challenger;
            if (right != address(0)) {
                uint256 share = (purse * 2) / REWARD_QUARTERS;
                purse -= share;
                JobEscrow.reward(id, job, right, share);
                JobCalls.release(id, right, bond);
            }
        }
        _share(id, job, round, purse);
    }

    function _share(uint256 id, JobStorage.Job storage job, JobStorage.Round storage round, uint256 purse) private {
        if (purse == 0) return;
        address[] memory right = _right(round);
        uint256 share = purse / right.length;
        for (uint256 i = 0; i < right.length; ++i) JobEscrow.reward(id, job, right[i], share);
        JobEscrow.reward(id, job, job.requester, purse - share * right.length);
    }

    // ---- Ends

    function _endUnvalidated(uint256 id, JobStorage.Job storage job, JobStorage.Round storage round) private {
        round.outcome = RoundOutcome.Unvalidated;
        emit IJobEvents.RoundEnded(id, job.round, RoundOutcome.Unvalidated, job.modelRoot);
        _end(id, job);
    }

    /// @dev A worker without a revealed update leaves its place free for others.
    function _endRound(
        uint256 id,
        JobStorage.Job storage job,
        JobStorage.Round storage round,
        RoundOutcome outcome
    ) private {
        round.outcome = outcome;
        emit IJobEvents.RoundEnded(id, job.round, outcome, job.modelRoot);
        if (job.round == job.terms.rounds) return _end(id, job);
        for (uint256 i = round.seats.length; i > 0; --i) {
            if (round.seats[i - 1].status < UpdateStatus.Valid) JobPlaces.removePlace(id, job, false, i - 1);
        }
        JobPlaces.wait_(id, job);
    }

    function _end(uint256 id, JobStorage.Job storage job) private {
        bool queued = job.state == JobState.Waiting;
        JobEscrow.refund(id, job, job.heldTicks);
        JobStorage.move(id, job, JobState.Ended, 0);
        emit IJobEvents.JobEnded(id, job.receipt);
        if (queued) JobCalls.queue(id, job, 0);
        for (uint256 i = job.workers.length; i > 0; --i) JobPlaces.removePlace(id, job, false, i - 1);
        for (uint256 i = job.evaluators.length; i > 0; --i) JobPlaces.removePlace(id, job, true, i - 1);
    }
}
