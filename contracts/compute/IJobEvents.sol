// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {DrawKind, JobReceipt, JobState, JobTerms, RoundOutcome, UpdateStatus} from "./JobTypes.sol";
import {DifferencePart, ScoreTable} from "./MeasurementTypes.sol";

/// @notice What `TrainingJobs` tells. Amounts are ticks.
interface IJobEvents {
    /// @notice A job was posted and its whole budget escrowed.
    event JobPosted(uint256 indexed job, address indexed requester, bytes32 indexed specHash, JobTerms terms);
    /// @notice The job is in a state from now on; `deadline` (unix seconds) is when anybody may move it on.
    event JobMoved(uint256 indexed job, uint256 indexed round, JobState state, uint256 deadline);
    /// @notice A provider took a place; its bond is locked.
    event PlaceTaken(uint256 indexed job, address indexed provider, uint32 indexed site, bool evaluator, uint32 rank);
    /// @notice A provider's place is free; `releasedTicks` of its bond were given free.
    event PlaceLeft(uint256 indexed job, address indexed provider, bool evaluator, uint256 releasedTicks);
    /// @notice A round opened; workers train from `modelRoot`, in the order of their seats.
    event RoundOpened(
        uint256 indexed job,
        uint256 indexed round,
        uint32 slot,
        uint24 importPrice,
        int32 scarcityPpm,
        bytes32 modelRoot,
        address[] workers
    );
    /// @notice A worker committed to its update.
    event UpdateCommitted(uint256 indexed job, uint256 indexed round, address indexed worker, bytes32 commitment);
    /// @notice A worker opened its commitment.
    event UpdateRevealed(
        uint256 indexed job,
        uint256 indexed round,
        address indexed worker,
        bytes32 updateRoot,
        uint256 sizeBytes,
        UpdateStatus status
    );
    /// @notice An update that was revealed before turned out to be a copy of an earlier commitment.
    event UpdateDemoted(uint256 indexed job, uint256 indexed round, address indexed worker, UpdateStatus status);
    /// @notice The requester named the round's validation slice.
    event ValidationRevealed(uint256 indexed job, uint256 indexed round, bytes32 sliceHash);
    /// @notice A draw waits for a block, because it is new or because the last block's randomness is out of reach.
    event DrawArmed(uint256 indexed job, uint256 indexed round, DrawKind kind, uint256 drawBlock);
    /// @notice An evaluator was drawn.
    event EvaluatorDrawn(uint256 indexed job, uint256 indexed round, address indexed evaluator, DrawKind kind);
    /// @notice An evaluator committed to scores and aggregate.
    event ScoresCommitted(uint256 indexed job, uint256 indexed round, address indexed evaluator, bytes32 commitment);
    /// @notice An evaluator opened its commitment. Scores are micro-nats, in the order of the round's seats.
    event ScoresRevealed(
        uint256 indexed job,
        uint256 indexed round,
        address indexed evaluator,
        bytes32 result,
        int64[] scores,
        bytes32 aggregateRoot
    );
    /// @notice A result stands unless it is challenged in time.
    event ResultStands(uint256 indexed job, uint256 indexed round, bytes32 result, uint256 votes);
    /// @notice The standing result was challenged: a panel decides.
    event ResultChallenged(uint256 indexed job, uint256 indexed round, address indexed challenger, bytes32 result);
    /// @notice A challenge was decided; nobody is right where the panel kept silent.
    event ChallengeDecided(uint256 indexed job, uint256 indexed round, address indexed challenger, bytes32 result);
    /// @notice The standing result was challenged by another one and the table that it follows from.
    event MeasuredChallenge(
        uint256 indexed job,
        uint256 indexed round,
        address indexed challenger,
        bytes32 result,
        int64[] scores,
        bytes32 aggregateRoot,
        ScoreTable table
    );
    /// @notice Somebody answered with the table of the standing result, which differs first at `position` of `part`. `measured` is
    /// the reproducible job that decides, 0 where an update has to be shown to be unreadable.
    event MeasuredAnswer(
        uint256 indexed job,
        uint256 indexed round,
        address indexed answerer,
        DifferencePart part,
        uint256 position,
        uint256 measured,
        bool challengerProves,
        ScoreTable table
    );
    /// @notice Who has to prove that a root is that of a byte string has shown a group of the nodes right above its chunks.
    event StringShown(uint256 indexed job, uint256 indexed round, uint256 group, bytes32[] nodes);
    /// @notice A measured challenge was decided; `result` stands now.
    event MeasuredVerdict(uint256 indexed job, uint256 indexed round, address indexed winner, bytes32 result);
    /// @notice Stake of a provider was cut.
    event BondCut(uint256 indexed job, uint256 indexed round, address indexed provider, uint256 amountTicks);
    /// @notice A worker's update was paid.
    event UpdatePaid(
        uint256 indexed job,
        uint256 indexed round,
        address indexed worker,
        uint32 site,
        int64 score,
        uint256 amountTicks
    );
    /// @notice An evaluator was paid for the result that stood.
    event EvaluatorPaid(uint256 indexed job, uint256 indexed round, address indexed evaluator, uint256 amountTicks);
    /// @notice An account was rewarded from bonds that a dispute cost others.
    event RewardPaid(uint256 indexed job, uint256 indexed round, address indexed account, uint256 amountTicks);
    /// @notice Escrow went back to the requester.
    event Refunded(uint256 indexed job, uint256 indexed round, address indexed requester, uint256 amountTicks);
    /// @notice A round ended; the next one trains from `modelRoot`.
    event RoundEnded(uint256 indexed job, uint256 indexed round, RoundOutcome outcome, bytes32 modelRoot);
    /// @notice A job ended. Energy of its last rounds may still be proved and added to the receipt.
    event JobEnded(uint256 indexed job, JobReceipt receipt);
    /// @notice A worker proved energy of the round; `provedWh` is its sum, `co2Mg` that of this energy.
    event EnergyProved(
        uint256 indexed job,
        uint256 indexed round,
        address indexed worker,
        uint32 slot,
        uint256 energyWh,
        uint256 provedWh,
        int256 scarcityPpm,
        uint256 co2Mg
    );
    /// @notice An account was paid what was held for it.
    event Collected(address indexed account, address indexed to, uint256 amountTicks);
    /// @notice Carbon intensity of a zone's imported energy from a slot on.
    event CarbonIntensitySet(uint16 indexed zone, uint32 fromSlot, uint32 mgPerWh);
    /// @notice A contract that must not stop a job refused a call; the job went on without it.
    event CallRefused(uint256 indexed job, address indexed target, bytes4 selector, bytes reason);
}
