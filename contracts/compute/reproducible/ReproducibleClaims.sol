// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {CreditMoves} from "../CreditMoves.sol";
import {ChunkTree} from "./ChunkTree.sol";
import {IReproducibleJobs} from "./IReproducibleJobs.sol";
import {ReproducibleJob, ReproducibleState, ReproducibleTerms, RoundClaim} from "./ReproducibleTypes.sol";

/// @notice Jobs, their claims and their money. Credits held = pay in escrow + bonds + what is held for accounts.
abstract contract ReproducibleClaims is IReproducibleJobs {
    using CreditMoves for IERC20;

    /// @dev Steps are whole numbers that a 64-bit float of the trainer holds.
    uint256 private constant MOST_STEPS = 1 << 53;
    uint256 private constant MOST_TENSORS = 1 << 24;
    uint256 private constant MOST_MONEY = 1 << 62;

    IERC20 private immutable _credit;
    /// @notice Gets what a loser's bond leaves.
    address public immutable seasonPool;

    uint256 private _jobs;
    mapping(uint256 job => ReproducibleTerms) private _terms;
    mapping(uint256 job => ReproducibleJob) private _job;
    mapping(uint256 job => mapping(uint32 round => RoundClaim)) private _claims;
    mapping(address account => uint256 ticks) private _held;

    constructor(IERC20 credit, address seasonPool_) {
        _credit = credit;
        seasonPool = seasonPool_;
    }

    /// @inheritdoc IReproducibleJobs
    function post(ReproducibleTerms calldata terms) external returns (uint256 job) {
        return _post(terms, msg.sender, address(0));
    }

    /// @inheritdoc IReproducibleJobs
    function postFor(
        ReproducibleTerms calldata terms,
        address requester,
        address provider
    ) external returns (uint256 job) {
        if (provider == address(0)) revert BadReproducibleTerm("provider", 0);
        job = _post(terms, requester, provider);
        emit ReproducibleJobReserved(job, provider);
    }

    /// @inheritdoc IReproducibleJobs
    function cancel(uint256 job) external {
        ReproducibleJob storage posted = _requireState(job, ReproducibleState.Posted);
        _requireParty(posted.requester);
        _end(job, ReproducibleState.Cancelled);
    }

    /// @inheritdoc IReproducibleJobs
    function accept(uint256 job) external {
        ReproducibleJob storage posted = _requireState(job, ReproducibleState.Posted);
        if (posted.provider != address(0)) _requireParty(posted.provider);
        ReproducibleTerms storage terms = _terms[job];
        posted.state = ReproducibleState.Training;
        posted.provider = msg.sender;
        posted.claimDeadline = uint40(block.timestamp + terms.roundSeconds);
        emit ReproducibleJobAccepted(job, msg.sender, posted.claimDeadline);
        _credit.pull(msg.sender, terms.bondTicks);
    }

    /// @inheritdoc IReproducibleJobs
    function claim(uint256 job, bytes32 checkpoints, bytes32 endState, bytes32[] calldata lastLeaf) external {
        ReproducibleJob storage training = _requireState(job, ReproducibleState.Training);
        ReproducibleTerms storage terms = _terms[job];
        _requireParty(training.provider);
        uint32 round = training.claimedRounds;
        if (round == terms.rounds) revert NoRound(job, round);
        if (block.timestamp > training.claimDeadline) revert TimeOver(training.claimDeadline);
        uint256 last = terms.checkpoints - 1;
        if (ChunkTree.rootOf(endState, last, ChunkTree.depthOf(terms.checkpoints), lastLeaf) != checkpoints) {
            revert ForeignNode(endState);
        }
        uint40 windowEnd = uint40(block.timestamp + terms.windowSeconds);
        _claims[job][round] = RoundClaim(checkpoints, endState, windowEnd, 0);
        training.claimedRounds = round + 1;
        training.claimDeadline = uint40(block.timestamp + terms.roundSeconds);
        emit RoundClaimed(job, round, checkpoints, endState, windowEnd);
    }

    /// @inheritdoc IReproducibleJobs
    function settle(uint256 job) external {
        ReproducibleJob storage training = _requireState(job, ReproducibleState.Training);
        ReproducibleTerms storage terms = _terms[job];
        uint32 round = training.settledRounds;
        if (round == training.claimedRounds) revert NoRound(job, round);
        RoundClaim storage claimed = _claims[job][round];
        if (block.timestamp <= claimed.windowEnd) revert TimeNotOver(claimed.windowEnd);
        if (claimed.openDisputes != 0) revert RoundOpen(job, round);
        training.settledRounds = round + 1;
        training.heldTicks -= terms.payTicks;
        _hold(training.provider, terms.payTicks);
        emit RoundPaid(job, round, training.provider, terms.payTicks);
        if (round + 1 == terms.rounds) {
            _hold(training.provider, terms.bondTicks);
            _end(job, ReproducibleState.Done);
        }
    }

    /// @inheritdoc IReproducibleJobs
    function stop(uint256 job) external {
        ReproducibleJob storage training = _requireState(job, ReproducibleState.Training);
        _requireParty(training.provider);
        _requireNoClaim(job, training);
        _hold(training.provider, _terms[job].bondTicks);
        _end(job, ReproducibleState.Stopped);
    }

    /// @inheritdoc IReproducibleJobs
    function abandon(uint256 job) external {
        ReproducibleJob storage training = _requireState(job, ReproducibleState.Training);
        if (block.timestamp <= training.claimDeadline) revert TimeNotOver(training.claimDeadline);
        _requireNoClaim(job, training);
        address requester = training.requester;
        uint256 bondTicks = _terms[job].bondTicks;
        _end(job, ReproducibleState.Abandoned);
        _forfeit(bondTicks, bondTicks / 2, requester);
    }

    /// @inheritdoc IReproducibleJobs
    function collect(address to) external {
        uint256 amountTicks = _held[msg.sender];
        if (amountTicks == 0 || to == address(0)) revert NothingToCollect(msg.sender);
        _held[msg.sender] = 0;
        emit HeldCollected(msg.sender, to, amountTicks);
        _credit.push(to, amountTicks);
    }

    /// @inheritdoc IReproducibleJobs
    function termsOf(uint256 job) external view returns (ReproducibleTerms memory) {
        return _terms[job];
    }

    /// @inheritdoc IReproducibleJobs
    function jobInfo(uint256 job) external view returns (ReproducibleJob memory) {
        return _job[job];
    }

    /// @inheritdoc IReproducibleJobs
    function claimInfo(uint256 job, uint32 round) external view returns (RoundClaim memory) {
        return _claims[job][round];
    }

    /// @inheritdoc IReproducibleJobs
    function heldFor(address account) external view returns (uint256 ticks) {
        return _held[account];
    }

    // ---- For disputes

    function _termsOf(uint256 job) internal view returns (ReproducibleTerms storage) {
        return _terms[job];
    }

    function _jobOf(uint256 job) internal view returns (ReproducibleJob storage) {
        return _job[job];
    }

    /// @dev The state that a round starts from.
    function _stateBefore(uint256 job, uint32 round) internal view returns (bytes32) {
        return round == 0 ? _terms[job].initialState : _claims[job][round - 1].endState;
    }

    /// @dev A claim that is not settled yet.
    function _openClaim(uint256 job, uint32 round) internal view returns (RoundClaim storage) {
        ReproducibleJob storage training = _requireState(job, ReproducibleState.Training);
        if (round < training.settledRounds || round >= training.claimedRounds) revert NoRound(job, round);
        return _claims[job][round];
    }

    function _takeBond(uint256 amountTicks) internal {
        _credit.pull(msg.sender, amountTicks);
    }

    function _hold(address account, uint256 amountTicks) internal {
        _held[account] += amountTicks;
    }

    /// @dev A share of a bond to whom it is lost to, the rest to the season pool.
    function _forfeit(uint256 bondTicks, uint256 shareTicks, address winner) internal {
        _hold(winner, shareTicks);
        _credit.push(seasonPool, bondTicks - shareTicks);
    }

    /// @dev Ends a job; what is left of its pay goes back.
    function _end(uint256 job, ReproducibleState state) internal {
        ReproducibleJob storage ended = _job[job];
        uint256 refundTicks = ended.heldTicks;
        ended.state = state;
        ended.heldTicks = 0;
        _hold(ended.requester, refundTicks);
        emit ReproducibleJobEnded(job, state, refundTicks);
    }

    function _requireParty(address account) internal view {
        if (msg.sender != account) revert OnlyParty(account);
    }

    function _requireState(uint256 job, ReproducibleState state) internal view returns (ReproducibleJob storage found) {
        found = _job[job];
        if (found.state != state) revert WrongJobState(job, found.state);
    }

    function _requireNoClaim(uint256 job, ReproducibleJob storage training) private view {
        if (training.settledRounds != training.claimedRounds) revert RoundOpen(job, training.settledRounds);
    }

    /// @param provider That alone may take the job, or 0.
    function _post(
        ReproducibleTerms calldata terms,
        address requester,
        address provider
    ) private returns (uint256 job) {
        _requireTerms(terms, provider == address(0) ? terms.rounds : 0);
        job = ++_jobs;
        _terms[job] = terms;
        ReproducibleJob storage posted = _job[job];
        posted.state = ReproducibleState.Posted;
        posted.requester = requester;
        posted.provider = provider;
        posted.heldTicks = terms.payTicks * terms.rounds;
        emit ReproducibleJobPosted(job, requester, terms);
        if (posted.heldTicks != 0) _credit.pull(msg.sender, posted.heldTicks);
    }

    function _requireTerms(ReproducibleTerms calldata terms, uint256 leastPay) private pure {
        _require("stride", terms.stride, 1, type(uint32).max);
        _require("checkpoints", terms.checkpoints, 1, type(uint32).max);
        _require("rounds", terms.rounds, 1, type(uint32).max);
        // Three factors of 32 bits and a sum: no overflow.
        uint256 steps = uint256(terms.stride) * terms.checkpoints * terms.rounds + terms.firstStep;
        _require("steps", steps, 1, MOST_STEPS);
        _require("stateTensors", terms.program.stateTensors, 1, MOST_TENSORS);
        _require("operations", terms.program.operations, uint256(terms.program.stateTensors) + 1, MOST_TENSORS);
        _require("payTicks", uint256(terms.payTicks) * terms.rounds, leastPay, MOST_MONEY);
        _require("bondTicks", terms.bondTicks, 2, MOST_MONEY);
        _require("challengeBondTicks", terms.challengeBondTicks, 2, MOST_MONEY);
        _require("roundSeconds", terms.roundSeconds, 1 minutes, 30 days);
        _require("windowSeconds", terms.windowSeconds, 1 minutes, 30 days);
        _require("clockSeconds", terms.clockSeconds, 1 minutes, 30 days);
        _require("extensionSeconds", terms.extensionSeconds, 1, terms.clockSeconds);
    }

    function _require(bytes32 name, uint256 value, uint256 least, uint256 most) private pure {
        if (value < least || value > most) revert BadReproducibleTerm(name, value);
    }
}
