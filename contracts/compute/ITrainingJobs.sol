// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ReadingLeaf} from "../energy/types/ExchangeTypes.sol";
import {IJobErrors} from "./IJobErrors.sol";
import {IJobEvents} from "./IJobEvents.sol";
import {Leaf, MeasuredCase, MeasurementPrograms, ScoreTable} from "./MeasurementTypes.sol";
import {IRefereeErrors} from "./reproducible/IRefereeErrors.sol";
import {JobReceipt, JobTerms, JobView, Place, RoundView} from "./JobTypes.sol";

/// @notice Federated training jobs: many workers train on data of their own, evaluators measure what each update is worth,
/// and the pool of a round is shared by those scores.
///
/// Waiting -> Commit -> Reveal -> Validation -> Draw -> ScoreCommit -> ScoreReveal -> Challenge, and Waiting again, or Ended.
/// Each state but Draw has a deadline: before it the parties act, from it on anybody calls `advance`. A draw is made by
/// anybody as soon as its block is there. Verbs without a caller named may be called by anybody.
///
/// Where the terms name a measurement, a standing result is challenged by another one: Challenge -> Measuring -> Challenge. A reproducible
/// job (`IReproducibleJobs`) then decides about the first number or byte string in which the tables of both differ.
///
/// Workers and evaluators are providers (`IProviders`), whose bonds are locked while they have a place. What is paid is
/// held for the payee and collected by `collect`.
///
/// Assumptions: of the evaluators and of those who may challenge, one is honest and awake; updates and slices are
/// available off chain to who evaluates; specification, steps and tokens are what the requester says.
interface ITrainingJobs is IJobErrors, IJobEvents, IRefereeErrors {
    /// @notice Post a job; `rounds * (poolTicks + feeTicks)` of the caller's credits are escrowed.
    /// @return job Number of the job, from 1.
    /// @dev Errors: `BadTerm`, and `BadZone` of the exchange.
    function post(JobTerms calldata terms) external returns (uint256 job);

    /// @notice Take a place as worker, while the job waits. Caller: a provider. The worker's bond is locked. Where all
    /// places are taken, the place of the lowest rank (the latest of equals) is taken from it if the caller's rank is
    /// higher.
    /// @dev Errors: `WrongState`, `WindowOver`, `AlreadyPlaced`, `SiteFull`, `SiteElsewhere`, `NoPlace`, and those of
    /// `IProviders.lockStake`.
    function join(uint256 job) external;

    /// @notice Take a place among those from whom evaluators are drawn: at most 32, one a site, likewise by rank. Caller: a
    /// provider.
    /// @dev Errors as of `join`, without `SiteElsewhere`.
    function joinEvaluators(uint256 job) external;

    /// @notice Leave a place while the job waits; its bond is given free. Caller: its provider.
    /// @dev Errors: `WrongState`, `NotPlaced`.
    function vacate(uint256 job) external;

    /// @notice End a job that waits; the rest of its escrow goes back. Caller: the requester.
    /// @dev Errors: `WrongState`, `NotRequester`.
    function cancel(uint256 job) external;

    /// @notice Open the next round, in a slot whose published price and scarcity meet the job's policy.
    /// @dev Errors: `WrongState`, `WindowOver`, `TooFewPlaces`, `PolicyUnmet`, and `SlotOutOfRange` of the exchange.
    function open(uint256 job) external;

    /// @notice Commit to an update: keccak256(abi.encode(updateRoot, salt, worker, job, round, chain id, this contract)).
    /// Caller: a seated worker, once a round.
    /// @dev Errors: `WrongState`, `WindowOver`, `NotSeated`, `AlreadyCommitted`, `BadTerm` for zero.
    function commitUpdate(uint256 job, bytes32 commitment) external;

    /// @notice Open the caller's commitment. Who does not loses a quarter of its bond, and its place.
    /// @param sizeBytes Of the update, at most what the job allows. Evaluators score an update of another size zero.
    /// @dev Errors: `WrongState`, `WindowOver`, `NotSeated`, `UpdateSize`, `CommitmentMismatch`.
    function revealUpdate(uint256 job, bytes32 updateRoot, bytes32 salt, uint256 sizeBytes) external;

    /// @notice Name the round's validation slice. Caller: the requester. If it does not, the valid updates share the
    /// round's pool and the job ends.
    /// @dev Errors: `WrongState`, `WindowOver`, `NotRequester`, `ForeignSlice`.
    function revealValidation(uint256 job, bytes32 sliceHash, bytes32[] calldata proof) external;

    /// @notice Commit to scores: keccak256(abi.encode(result, salt, evaluator, job, round, chain id, this contract)) with the
    /// `result` of `resultHash`. Caller: an evaluator drawn for the present part, once.
    /// @dev Errors: `WrongState`, `WindowOver`, `NotSeated`, `AlreadyCommitted`, `BadTerm` for zero.
    function commitScores(uint256 job, bytes32 commitment) external;

    /// @notice Open the caller's commitment. Who does not loses its bond and its place.
    /// @param scores Micro-nats by which each seat's update lowers the validation loss, in the order of seats.
    /// @param aggregateRoot Model after the round. Zero, with no scores, says that the slice was not to be had: where that
    /// stands, the valid updates share the pool and the job ends, as if the requester had not named the slice.
    /// @dev Errors: `WrongState`, `WindowOver`, `NotSeated`, `ScoreCount`, `CommitmentMismatch`.
    function revealScores(uint256 job, int64[] calldata scores, bytes32 aggregateRoot, bytes32 salt) external;

    /// @notice Ask for a panel on the standing result, which decides by the majority of those who reveal; where results are measured,
    /// only about whether the slice was to be had. Caller: a provider with free stake of an evaluator's bond, which it loses if the
    /// panel finds the same result. One challenge a round, whoever agrees.
    /// @dev Errors: `WrongState`, `WindowOver`, `PanelHeard`, and those of `IProviders.lockStake`.
    function challenge(uint256 job) external;

    /// @notice Challenge the standing result by another one, with the table that it follows from. Caller: a provider with free stake
    /// of an evaluator's bond, half of which goes to who answers if the challenge is wrong. If it is right, or nobody answers in the
    /// time in which scores are committed to, its result stands, and may be challenged like any other.
    /// @param programs Those whose hash the terms name.
    /// @param aggregateRoot Content address of the state after the round.
    /// @dev Errors: `WrongState`, `WindowOver`, `ForeignPrograms`, `SliceMissing`, `BadTable`, `SameResult`, and those of
    /// `IProviders.lockStake`.
    function challengeMeasured(
        uint256 job,
        MeasurementPrograms calldata programs,
        ScoreTable calldata table,
        bytes32 aggregateRoot
    ) external;

    /// @notice Answer a challenge with the table that the standing result follows from. Caller: the rival whose result it is, or else
    /// anybody who revealed it. Where the tables differ first in an update that only one of them can read, who cannot shows why
    /// (`proveUnreadable`). Everything else is decided by a reproducible job that this call posts, for the answerer alone to take, or for the
    /// challenger if only that one claims to have an update's bytes. Its bonds are those of evaluators, and it pays nothing.
    /// @param rival The challenger's table (`MeasuredChallenge`).
    /// @dev Errors: `WrongState`, `WindowOver`, `NotAsked`, `ForeignPrograms`, `NotSeated`, `ForeignTable`, `BadTable`, `ForeignResult`.
    function answerMeasured(
        uint256 job,
        MeasurementPrograms calldata programs,
        ScoreTable calldata rival,
        ScoreTable calldata table
    ) external;

    /// @notice Show a group of the nodes right above the chunks of the byte string in question, before the posted job is taken: by them everybody
    /// who has the string knows where another one differs. Caller: who has to prove its root, for each group in turn.
    /// @param nodes 1,024 of them or all there are, with those that fill up the tree.
    /// @param siblings From the group's own node up to the string's root.
    /// @dev Errors: `WrongState`, `WindowOver`, `NotAsked`, `NotSeated`, `BadOpening`, `BadProof`.
    function showString(uint256 job, uint256 group, bytes32[] calldata nodes, bytes32[] calldata siblings) external;

    /// @notice Show that the update in question is none of the job's model, by chunks of its bytes, for the side that says so.
    /// @param part Number of a block of values, or the number of all blocks for the header.
    /// @param leaves Of the header the first chunk. Of a block the chunk of its scale, and where that is in range all chunks of its steps.
    /// @dev Errors: `WrongState`, `WindowOver`, `NotAsked`, `ForeignPrograms`, `UpdateReadable`, `BadTerm`, `BadProof`.
    function proveUnreadable(
        uint256 job,
        MeasurementPrograms calldata programs,
        uint256 part,
        Leaf[] calldata leaves
    ) external;

    /// @notice Decide a challenge once its reproducible job is done: its claim has to be what its side had to prove, and a byte string in
    /// question has to have been shown.
    /// @param tensors Roots of all tensors of the claimed state.
    /// @param leaf Of the products, the chunk with the one in question; of a byte string, its last chunk; else nothing.
    /// @dev Errors: `WrongState`, `NotAsked`, `CaseOpen`, `BadOpening`, `BadProof`.
    function concludeMeasured(uint256 job, bytes32[] calldata tensors, Leaf calldata leaf) external;

    /// @notice Move a job on: when its state's deadline is over; before, where nobody is left to act; or when a draw's
    /// block is there. A draw whose block is out of reach is armed again.
    /// @dev Errors: `WrongState`, `WindowOpen`, `DrawPending`, `CaseOpen`, `GasTooLow`.
    function advance(uint256 job) external;

    /// @notice Prove energy that the caller imported for a round: a reading of its meter, of a slot in which the round was
    /// open for training, drawn from the one evidence ledger. Caller: a worker whose update was valid, until 192 slots after
    /// the training ended.
    /// @param energyWh Of the reading, for this round.
    ///
    /// The site's efficiency gets one sample a proof: with `green = 500,000 - scarcity / 2` of the slot (published scarcity
    /// -1,000,000 gives 1,000,000) and `e = energyWh` of the terms, `m = 500,000 + (green - 500,000) * min(energyWh, e) / e`,
    /// and the sample is `m * e / max(e, p)`, `p` being what the worker has proved for the round with this proof: a little
    /// energy says little, and more than the terms expect lowers the sample.
    /// @dev Errors: `EnergyClosed`, `GapReading`, `ForeignReading`, and those of the exchange's `drawEvidence`.
    function proveEnergy(
        uint256 job,
        uint256 round,
        ReadingLeaf calldata leaf,
        bytes32 root,
        bytes32[] calldata proof,
        uint256 energyWh
    ) external;

    /// @notice Pay the caller what is held for it.
    /// @return amountTicks What was paid.
    /// @dev Errors: `NothingHeld`, and `BadTerm` for the zero address.
    function collect(address to) external returns (uint256 amountTicks);

    /// @notice Set the carbon intensity of a zone's imported energy from the next slot on. Role: GRID.
    /// @param mgPerWh Milligrams of CO2 a Wh (grams a kWh), at most 2,000.
    /// @dev Error: `BadTerm`.
    function setCarbonIntensity(uint16 zone, uint32 mgPerWh) external;

    /// @notice How many jobs were posted.
    function jobCount() external view returns (uint256);

    /// @notice A job.
    function jobInfo(uint256 job) external view returns (JobView memory);

    /// @notice What was posted.
    function termsOf(uint256 job) external view returns (JobTerms memory);

    /// @notice Workers' places.
    function workersOf(uint256 job) external view returns (Place[] memory);

    /// @notice Places of those from whom evaluators are drawn.
    function evaluatorsOf(uint256 job) external view returns (Place[] memory);

    /// @notice A round, from 1, with its seats.
    function roundInfo(uint256 job, uint256 round) external view returns (RoundView memory);

    /// @notice A revealed result; empty where there is none.
    function resultInfo(
        uint256 job,
        uint256 round,
        bytes32 result
    ) external view returns (int64[] memory scores, bytes32 aggregateRoot);

    /// @notice The measured challenge under way; nothing where there is none.
    function measuredCase(uint256 job) external view returns (MeasuredCase memory);

    /// @notice What a job has bought so far.
    function receipt(uint256 job) external view returns (JobReceipt memory);

    /// @notice Energy that workers proved for a job in a slot, who bought it and in which zone it was taken.
    function energyAt(
        uint256 job,
        uint32 slot
    ) external view returns (address requester, uint16 zone, uint256 provedWh);

    /// @notice What is held for an account, ticks.
    function heldFor(address account) external view returns (uint256 ticks);

    /// @notice All that the contract owes: escrow of jobs and what is held for accounts, ticks.
    function totalHeld() external view returns (uint256 ticks);

    /// @notice Carbon intensity of a zone in a slot, mg per Wh; 0 where none was set.
    function carbonIntensityAt(uint16 zone, uint32 slot) external view returns (uint256 mgPerWh);

    /// @notice What an update's commitment must be.
    function updateCommitment(
        uint256 job,
        uint256 round,
        address worker,
        bytes32 updateRoot,
        bytes32 salt
    ) external view returns (bytes32);

    /// @notice Hash of a result: keccak256(abi.encode(job, round, scores, aggregateRoot)).
    function resultHash(
        uint256 job,
        uint256 round,
        int64[] calldata scores,
        bytes32 aggregateRoot
    ) external pure returns (bytes32);

    /// @notice What a score commitment must be.
    function scoreCommitment(
        uint256 job,
        uint256 round,
        address evaluator,
        bytes32 result,
        bytes32 salt
    ) external view returns (bytes32);

    /// @notice Leaf of a round's slice in the validation root: keccak256(keccak256(abi.encode(round, sliceHash))), in a
    /// Merkle tree of sorted pairs.
    function validationLeaf(uint256 round, bytes32 sliceHash) external pure returns (bytes32);
}
