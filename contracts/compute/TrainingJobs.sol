// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {ReadingLeaf} from "../energy/types/ExchangeTypes.sol";
import {IEnergyQueueLedger} from "./IEnergyQueueLedger.sol";
import {IProviders} from "./IProviders.sol";
import {ITrainingJobs} from "./ITrainingJobs.sol";
import {JobReceipt, JobState, JobTerms, JobView, Place, RandomnessSource, RoundView} from "./JobTypes.sol";
import {Leaf, MeasuredCase, MeasurementPrograms, ScoreTable} from "./MeasurementTypes.sol";
import {IJobExchange, IJobReputation} from "./jobs/IJobSources.sol";
import {JobEnergy} from "./jobs/JobEnergy.sol";
import {JobEscrow} from "./jobs/JobEscrow.sol";
import {JobPlaces} from "./jobs/JobPlaces.sol";
import {JobRounds} from "./jobs/JobRounds.sol";
import {JobScoring} from "./jobs/JobScoring.sol";
import {JobSettlement} from "./jobs/JobSettlement.sol";
import {JobStorage} from "./jobs/JobStorage.sol";
import {JobVerdicts} from "./jobs/measured/JobVerdicts.sol";
import {IReproducibleJobs} from "./reproducible/IReproducibleJobs.sol";

/// @title TrainingJobs
/// @notice Federated training jobs. Every verb is one line into a linked library over the same storage (`JobStorage`).
contract TrainingJobs is ITrainingJobs, AccessManaged {
    using Checkpoints for Checkpoints.Trace224;

    /// @param reproducible Decides what a measured challenge is about.
    /// @param randomness Where draws take their randomness from on this chain.
    constructor(
        IERC20 credit,
        IJobExchange exchange,
        IProviders providers,
        IEnergyQueueLedger queue,
        IJobReputation reputation,
        IReproducibleJobs reproducible,
        address authority,
        RandomnessSource randomness
    ) AccessManaged(authority) {
        JobStorage.Layout storage $ = JobStorage.load();
        $.credit = credit;
        $.exchange = exchange;
        $.providers = providers;
        $.queue = queue;
        $.reputation = reputation;
        $.reproducible = reproducible;
        $.randomness = randomness;
    }

    // ---- A job and its places

    /// @inheritdoc ITrainingJobs
    function post(JobTerms calldata terms) external returns (uint256 job) {
        return JobPlaces.post(terms);
    }

    /// @inheritdoc ITrainingJobs
    function join(uint256 job) external {
        JobPlaces.join(job);
    }

    /// @inheritdoc ITrainingJobs
    function joinEvaluators(uint256 job) external {
        JobPlaces.joinEvaluators(job);
    }

    /// @inheritdoc ITrainingJobs
    function vacate(uint256 job) external {
        JobPlaces.vacate(job);
    }

    /// @inheritdoc ITrainingJobs
    function cancel(uint256 job) external {
        JobSettlement.cancel(job);
    }

    // ---- A round

    /// @inheritdoc ITrainingJobs
    function open(uint256 job) external {
        JobRounds.open(job);
    }

    /// @inheritdoc ITrainingJobs
    function commitUpdate(uint256 job, bytes32 commitment) external {
        JobRounds.commit(job, commitment);
    }

    /// @inheritdoc ITrainingJobs
    function revealUpdate(uint256 job, bytes32 updateRoot, bytes32 salt, uint256 sizeBytes) external {
        JobRounds.reveal(job, updateRoot, salt, sizeBytes);
    }

    /// @inheritdoc ITrainingJobs
    function revealValidation(uint256 job, bytes32 sliceHash, bytes32[] calldata proof) external {
        JobRounds.revealValidation(job, sliceHash, proof);
    }

    /// @inheritdoc ITrainingJobs
    function commitScores(uint256 job, bytes32 commitment) external {
        JobScoring.commit(job, commitment);
    }

    /// @inheritdoc ITrainingJobs
    function revealScores(uint256 job, int64[] calldata scores, bytes32 aggregateRoot, bytes32 salt) external {
        JobScoring.reveal(job, scores, aggregateRoot, salt);
    }

    /// @inheritdoc ITrainingJobs
    function challenge(uint256 job) external {
        JobScoring.challenge(job);
    }

    /// @inheritdoc ITrainingJobs
    function challengeMeasured(
        uint256 job,
        MeasurementPrograms calldata programs,
        ScoreTable calldata table,
        bytes32 aggregateRoot
    ) external {
        JobVerdicts.challenge(job, programs, table, aggregateRoot);
    }

    /// @inheritdoc ITrainingJobs
    function answerMeasured(
        uint256 job,
        MeasurementPrograms calldata programs,
        ScoreTable calldata rival,
        ScoreTable calldata table
    ) external {
        JobVerdicts.answer(job, programs, rival, table);
    }

    /// @inheritdoc ITrainingJobs
    function showString(uint256 job, uint256 group, bytes32[] calldata nodes, bytes32[] calldata siblings) external {
        JobVerdicts.showString(job, group, nodes, siblings);
    }

    /// @inheritdoc ITrainingJobs
    function proveUnreadable(
        uint256 job,
        MeasurementPrograms calldata programs,
        uint256 part,
        Leaf[] calldata leaves
    ) external {
        JobVerdicts.proveUnreadable(job, programs, part, leaves);
    }

    /// @inheritdoc ITrainingJobs
    function concludeMeasured(uint256 job, bytes32[] calldata tensors, Leaf calldata leaf) external {
        JobVerdicts.conclude(job, tensors, leaf);
    }

    /// @inheritdoc ITrainingJobs
    function advance(uint256 job) external {
        JobState state = JobStorage.load().jobs[job].state;
        if (state == JobState.Waiting) {
            JobSettlement.endWaiting(job);
        } else if (state == JobState.Commit) {
            JobRounds.endCommit(job);
        } else if (state == JobState.Reveal) {
            if (!JobRounds.endReveal(job)) JobSettlement.voidRound(job);
        } else if (state == JobState.Validation) {
            JobSettlement.unvalidated(job);
        } else if (state == JobState.Draw) {
            JobScoring.draw(job);
        } else if (state == JobState.ScoreCommit) {
            JobScoring.endCommit(job);
        } else if (state == JobState.ScoreReveal) {
            JobScoring.Next next = JobScoring.endReveal(job);
            if (next == JobScoring.Next.Settle) JobSettlement.settle(job);
            else if (next == JobScoring.Next.Void) JobSettlement.voidRound(job);
        } else if (state == JobState.Challenge) {
            JobScoring.endChallenge(job);
            JobSettlement.settle(job);
        } else if (state == JobState.Measuring) {
            JobVerdicts.advance(job);
        } else {
            revert WrongState(job, uint8(state));
        }
    }

    // ---- Energy and money

    /// @inheritdoc ITrainingJobs
    function proveEnergy(
        uint256 job,
        uint256 round,
        ReadingLeaf calldata leaf,
        bytes32 root,
        bytes32[] calldata proof,
        uint256 energyWh
    ) external {
        JobEnergy.prove(job, round, leaf, root, proof, energyWh);
    }

    /// @inheritdoc ITrainingJobs
    function collect(address to) external returns (uint256 amountTicks) {
        return JobEscrow.collect(to);
    }

    /// @inheritdoc ITrainingJobs
    function setCarbonIntensity(uint16 zone, uint32 mgPerWh) external restricted {
        JobEnergy.setCarbonIntensity(zone, mgPerWh);
    }

    // ---- For reading

    /// @inheritdoc ITrainingJobs
    function jobCount() external view returns (uint256) {
        return JobStorage.load().jobCount;
    }

    /// @inheritdoc ITrainingJobs
    function jobInfo(uint256 job) external view returns (JobView memory) {
        JobStorage.Job storage held = JobStorage.load().jobs[job];
        return
            JobView({
                requester: held.requester,
                state: held.state,
                draw: held.draw,
                round: held.round,
                deadline: held.deadline,
                drawBlock: held.drawBlock,
                heldTicks: held.heldTicks,
                modelRoot: held.modelRoot
            });
    }

    /// @inheritdoc ITrainingJobs
    function termsOf(uint256 job) external view returns (JobTerms memory) {
        return JobStorage.load().jobs[job].terms;
    }

    /// @inheritdoc ITrainingJobs
    function workersOf(uint256 job) external view returns (Place[] memory) {
        return JobStorage.load().jobs[job].workers;
    }

    /// @inheritdoc ITrainingJobs
    function evaluatorsOf(uint256 job) external view returns (Place[] memory) {
        return JobStorage.load().jobs[job].evaluators;
    }

    /// @inheritdoc ITrainingJobs
    function roundInfo(uint256 job, uint256 round) external view returns (RoundView memory) {
        JobStorage.Round storage held = JobStorage.load().jobs[job].rounds[round];
        return
            RoundView({
                openSlot: held.openSlot,
                trainedSlot: held.trainedSlot,
                outcome: held.outcome,
                validation: held.validation,
                standing: held.standing,
                challenger: held.challenger,
                rival: held.rival,
                seats: held.seats,
                scoreSeats: held.scoreSeats
            });
    }

    /// @inheritdoc ITrainingJobs
    function resultInfo(
        uint256 job,
        uint256 round,
        bytes32 result
    ) external view returns (int64[] memory scores, bytes32 aggregateRoot) {
        JobStorage.Result storage held = JobStorage.load().jobs[job].rounds[round].results[result];
        return (held.scores, held.aggregateRoot);
    }

    /// @inheritdoc ITrainingJobs
    function measuredCase(uint256 job) external view returns (MeasuredCase memory) {
        JobStorage.Job storage held = JobStorage.load().jobs[job];
        return held.rounds[held.round].measured;
    }

    /// @inheritdoc ITrainingJobs
    function receipt(uint256 job) external view returns (JobReceipt memory) {
        return JobStorage.load().jobs[job].receipt;
    }

    /// @inheritdoc ITrainingJobs
    function energyAt(
        uint256 job,
        uint32 slot
    ) external view returns (address requester, uint16 zone, uint256 provedWh) {
        JobStorage.Job storage held = JobStorage.load().jobs[job];
        return (held.requester, held.terms.zone, held.provedAt[slot]);
    }

    /// @inheritdoc ITrainingJobs
    function heldFor(address account) external view returns (uint256 ticks) {
        return JobStorage.load().held[account];
    }

    /// @inheritdoc ITrainingJobs
    function totalHeld() external view returns (uint256 ticks) {
        return JobStorage.load().totalHeld;
    }

    /// @inheritdoc ITrainingJobs
    function carbonIntensityAt(uint16 zone, uint32 slot) external view returns (uint256 mgPerWh) {
        return JobStorage.load().carbon[zone].upperLookupRecent(slot);
    }

    /// @inheritdoc ITrainingJobs
    function updateCommitment(
        uint256 job,
        uint256 round,
        address worker,
        bytes32 updateRoot,
        bytes32 salt
    ) external view returns (bytes32) {
        return JobStorage.commitment(job, round, worker, updateRoot, salt);
    }

    /// @inheritdoc ITrainingJobs
    function resultHash(
        uint256 job,
        uint256 round,
        int64[] calldata scores,
        bytes32 aggregateRoot
    ) external pure returns (bytes32) {
        return JobStorage.resultHash(job, round, scores, aggregateRoot);
    }

    /// @inheritdoc ITrainingJobs
    function scoreCommitment(
        uint256 job,
        uint256 round,
        address evaluator,
        bytes32 result,
        bytes32 salt
    ) external view returns (bytes32) {
        return JobStorage.commitment(job, round, evaluator, result, salt);
    }

    /// @inheritdoc ITrainingJobs
    function validationLeaf(uint256 round, bytes32 sliceHash) external pure returns (bytes32) {
        return JobRounds.validationLeaf(round, sliceHash);
    }
}
