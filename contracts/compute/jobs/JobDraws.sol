// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IJobErrors} from "../IJobErrors.sol";
import {IJobEvents} from "../IJobEvents.sol";
import {DrawKind, JobState, RandomnessSource, ScoreSeat} from "../JobTypes.sol";
import {JobStorage} from "./JobStorage.sol";

/// @notice Draws of evaluators from those who have a place and no seat in the round. Randomness is all salts that the
/// job's parties revealed, mixed with that of a block which was to come when the draw was armed. Scores are equal to the
/// last digit, so a draw is for liveness; who might bend one gains no say over what the scores are.
library JobDraws {
    using JobStorage for JobStorage.Job;

    uint256 private constant BLOCKS_AHEAD = 2;
    /// @dev Blocks for which a draw can be made: as long as the EVM knows a block's hash.
    uint256 private constant REACH = 256;

    /// @notice Let a draw wait for its block.
    function arm(uint256 id, JobStorage.Job storage job, DrawKind kind) internal {
        job.draw = kind;
        job.drawBlock = uint64(block.number + BLOCKS_AHEAD);
        JobStorage.move(id, job, JobState.Draw, 0);
        emit IJobEvents.DrawArmed(id, job.round, kind, job.drawBlock);
    }

    /// @notice Draw, once the block is there; arm again where it is out of reach.
    function draw(uint256 id, JobStorage.Job storage job) internal {
        uint256 drawBlock = job.drawBlock;
        if (block.number <= drawBlock) revert IJobErrors.DrawPending(id, drawBlock);
        if (block.number > drawBlock + REACH) return arm(id, job, job.draw);
        JobStorage.Round storage round = job.current();
        bytes32 seed = keccak256(abi.encode(_randomness(drawBlock), job.entropy, id, job.round, job.draw));
        (address[] memory eligible, uint256 count) = _eligible(job, round);
        uint256 wanted = _wanted(job, round, count);
        for (uint256 i = 0; i < wanted; ++i) {
            uint256 pick = i + (uint256(keccak256(abi.encode(seed, i))) % (count - i));
            address evaluator = eligible[pick];
            eligible[pick] = eligible[i];
            ScoreSeat storage seat = round.scoreSeats.push();
            seat.evaluator = evaluator;
            seat.kind = job.draw;
            round.scoreSeatOf[evaluator] = round.scoreSeats.length;
            emit IJobEvents.EvaluatorDrawn(id, job.round, evaluator, job.draw);
        }
        JobStorage.move(id, job, JobState.ScoreCommit, job.terms.scoreCommitSeconds);
    }

    function _eligible(
        JobStorage.Job storage job,
        JobStorage.Round storage round
    ) private view returns (address[] memory eligible, uint256 count) {
        uint256 length = job.evaluators.length;
        eligible = new address[](length);
        for (uint256 i = 0; i < length; ++i) {
            address provider = job.evaluators[i].provider;
            bool party = provider == round.challenger || provider == round.rival;
            if (round.scoreSeatOf[provider] == 0 && !party) eligible[count++] = provider;
        }
    }

    /// @dev A round opens with twice the evaluators and two, and none of them leaves before it ends but who was drawn: that
    /// is enough for a first draw and a redraw, and with the challenger away one is left for the panel at least. Where a rival is
    /// away too there may be none, and no decision.
    function _wanted(
        JobStorage.Job storage job,
        JobStorage.Round storage round,
        uint256 count
    ) private view returns (uint256 wanted) {
        if (job.draw == DrawKind.Panel) return _panel(job, count);
        wanted = job.terms.evaluators;
        if (job.draw == DrawKind.Redraw) {
            for (uint256 i = 0; i < round.scoreSeats.length; ++i) {
                if (!round.scoreSeats[i].silent) --wanted;
            }
        }
    }

    /// @dev Twice the evaluators and one, an odd number of those left at most.
    function _panel(JobStorage.Job storage job, uint256 count) private view returns (uint256) {
        uint256 most = 2 * uint256(job.terms.evaluators) + 1;
        if (count >= most) return most;
        return count % 2 == 0 && count != 0 ? count - 1 : count;
    }

    function _randomness(uint256 drawBlock) private view returns (uint256) {
        if (JobStorage.load().randomness == RandomnessSource.PrevRandao) return block.prevrandao;
        return uint256(blockhash(drawBlock));
    }
}
