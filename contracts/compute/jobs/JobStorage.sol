// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {IEnergyQueueLedger} from "../IEnergyQueueLedger.sol";
import {IJobErrors} from "../IJobErrors.sol";
import {IJobEvents} from "../IJobEvents.sol";
import {IProviders} from "../IProviders.sol";
import {
    DrawKind,
    JobReceipt,
    JobState,
    JobTerms,
    Place,
    RandomnessSource,
    RoundOutcome,
    ScoreSeat,
    Seat
} from "../JobTypes.sol";
import {MeasuredCase} from "../MeasurementTypes.sol";
import {IReproducibleJobs} from "../reproducible/IReproducibleJobs.sol";
import {IJobExchange, IJobReputation} from "./IJobSources.sol";

/// @notice The whole state of the jobs, in one place (ERC-7201), so that linked libraries work on it directly; and what
/// every verb checks first.
library JobStorage {
    /// @notice What evaluators found for a round, as it was revealed first.
    struct Result {
        bytes32 aggregateRoot;
        int64[] scores;
    }

    struct Round {
        // word 1
        address challenger;
        uint32 openSlot;
        uint32 trainedSlot;
        RoundOutcome outcome;
        uint8 commits; // updates committed so far
        bool split; // a panel came to no decision
        bytes32 validation;
        bytes32 standing;
        bytes32 first; // what stood before a panel
        Seat[] seats;
        ScoreSeat[] scoreSeats;
        mapping(address account => uint256 index) seatOf; // from 1
        mapping(address account => uint256 index) scoreSeatOf; // from 1
        mapping(bytes32 hash => Result) results;
        address rival; // whose result stands, won by a measured challenge
        MeasuredCase measured; // the challenge under way
    }

    /// @notice Where an update root, or a model's, was seen first.
    struct RootUse {
        bool known;
        bool model;
        uint16 round;
        uint8 seat;
    }

    struct Job {
        JobTerms terms;
        // word
        address requester;
        JobState state;
        DrawKind draw;
        uint16 round;
        uint40 deadline;
        // word
        uint64 drawBlock;
        uint64 heldTicks;
        uint32 sequence; // of the last place taken
        bytes32 modelRoot;
        bytes32 entropy; // all salts that were revealed
        Place[] workers;
        Place[] evaluators;
        JobReceipt receipt;
        mapping(address provider => uint256 kind) placeKind; // 1 = worker, 2 = evaluator
        mapping(uint32 site => uint256 places) siteWorkers;
        mapping(uint32 site => uint256 places) siteEvaluators;
        mapping(bytes32 root => RootUse) roots;
        mapping(uint256 round => Round) rounds;
        mapping(uint32 slot => uint256 energyWh) provedAt;
    }

    /// @custom:storage-location erc7201:joulework.jobs
    struct Layout {
        IERC20 credit;
        IJobExchange exchange;
        IProviders providers;
        IEnergyQueueLedger queue;
        IJobReputation reputation;
        RandomnessSource randomness;
        uint256 jobCount;
        uint256 totalHeld; // ticks
        mapping(uint256 job => Job) jobs;
        mapping(address account => uint256 ticks) held;
        mapping(uint16 zone => Checkpoints.Trace224) carbon;
        IReproducibleJobs reproducible;
    }

    uint256 internal constant BASE_UNITS_PER_TICK = 1e9;
    uint256 internal constant PPM = 1_000_000;
    /// @notice keccak256(abi.encode(uint256(keccak256("joulework.jobs")) - 1)) & ~bytes32(uint256(0xff)).
    bytes32 private constant LOCATION = 0x15c98cd9ff4c6e35301adf829db6e881559bd47721b5d339e6ac2c151cd27700;

    function load() internal pure returns (Layout storage $) {
        assembly ("memory-safe") {
            $.slot := LOCATION
        }
    }

    /// @notice A job in one of its states before that state's deadline.
    function inTime(uint256 id, JobState state) internal view returns (Job storage job) {
        job = inState(id, state);
        if (block.timestamp >= job.deadline) revert IJobErrors.WindowOver(id, job.deadline);
    }

    function inState(uint256 id, JobState state) internal view returns (Job storage job) {
        job = load().jobs[id];
        if (job.state != state) revert IJobErrors.WrongState(id, uint8(job.state));
    }

    /// @notice The round under way.
    function current(Job storage job) internal view returns (Round storage) {
        return job.rounds[job.round];
    }

    /// @notice Put a job into a state that ends `window` seconds from now; 0 = no deadline.
    function move(uint256 id, Job storage job, JobState state, uint256 window) internal {
        job.state = state;
        job.deadline = window == 0 ? 0 : uint40(block.timestamp + window);
        emit IJobEvents.JobMoved(id, job.round, state, job.deadline);
    }

    /// @notice What a commitment of either kind must be.
    function commitment(
        uint256 id,
        uint256 round,
        address account,
        bytes32 content,
        bytes32 salt
    ) internal view returns (bytes32) {
        return keccak256(abi.encode(content, salt, account, id, round, block.chainid, address(this)));
    }

    function resultHash(
        uint256 id,
        uint256 round,
        int64[] memory scores,
        bytes32 aggregateRoot
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(id, round, scores, aggregateRoot));
    }

    /// @notice Keep what a result is, the first time that it is told.
    function keepResult(Round storage round, bytes32 result, int64[] memory scores, bytes32 aggregateRoot) internal {
        Result storage held = round.results[result];
        if (held.aggregateRoot != 0) return;
        held.aggregateRoot = aggregateRoot;
        held.scores = scores;
    }

    /// @notice Whether a result says that the validation slice was not to be had.
    function isMissing(Round storage round, bytes32 result) internal view returns (bool) {
        return round.results[result].aggregateRoot == 0;
    }
}
