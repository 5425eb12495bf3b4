// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IRefereeErrors} from "./IRefereeErrors.sol";
import {Opening} from "./Referee.sol";
import {Dispute, ReproducibleJob, ReproducibleState, ReproducibleTerms, RoundClaim} from "./ReproducibleTypes.sol";

/// @notice Training on public data by one provider, paid round by round, that anybody who repeats it can challenge.
///
/// A provider claims a round by the root over its states at checkpoints. After the window it is paid, unless a dispute is
/// open. Disputes of a claim run side by side, each on its own clocks: more challengers cost a claim no more time. In a
/// dispute the provider reveals children of the node in question and the challenger names one, down to one transition,
/// which the contract computes. A party whose clock has run out loses. Half of a challenger's lost bond is the provider's,
/// for its gas and its trouble; of a provider's, the challenger gets half, but no more than its own bond. The rest goes to the
/// season pool. Amounts are ticks, times unix seconds.
interface IReproducibleJobs is IRefereeErrors {
    /// @notice A term is outside its bounds.
    error BadReproducibleTerm(bytes32 name, uint256 value);
    /// @notice The verb is not for the job's state, or there is no such job.
    error WrongJobState(uint256 job, ReproducibleState state);
    /// @notice Only the account may.
    error OnlyParty(address account);
    /// @notice The time for it is over.
    error TimeOver(uint256 time);
    /// @notice It is too early.
    error TimeNotOver(uint256 time);
    /// @notice All rounds are claimed, or all claims are settled.
    error NoRound(uint256 job, uint32 round);
    /// @notice Claims or disputes are open.
    error RoundOpen(uint256 job, uint32 round);
    /// @notice The move is not the dispute's next one.
    error NotThisMove(uint256 dispute);
    /// @notice Children, a last leaf or an earlier one do not belong to the node in question.
    error ForeignNode(bytes32 node);
    /// @notice There is no such child, element or term.
    error NoChild(uint256 child);
    /// @notice The operation at this element is no reduction, or is one.
    error NotThisProof(uint256 dispute);
    /// @notice Nothing is held for the account.
    error NothingToCollect(address account);

    /// @notice A job waits for a provider; its pay is in escrow.
    event ReproducibleJobPosted(uint256 indexed job, address indexed requester, ReproducibleTerms terms);
    /// @notice Of the job that was posted before it: this provider alone may take it.
    event ReproducibleJobReserved(uint256 indexed job, address indexed provider);
    /// @notice A provider put its bond and trains from now on.
    event ReproducibleJobAccepted(uint256 indexed job, address indexed provider, uint40 claimDeadline);
    /// @notice A provider says what a round gave.
    event RoundClaimed(
        uint256 indexed job,
        uint32 indexed round,
        bytes32 checkpoints,
        bytes32 endState,
        uint40 windowEnd
    );
    /// @notice A round is paid.
    event RoundPaid(uint256 indexed job, uint32 indexed round, address provider, uint256 payTicks);
    /// @notice A job is over; what was left of its pay went back to the requester.
    event ReproducibleJobEnded(uint256 indexed job, ReproducibleState state, uint256 refundTicks);
    /// @notice A claim is disputed.
    event RoundChallenged(uint256 indexed dispute, uint256 indexed job, uint32 indexed round, address challenger);
    /// @notice The provider revealed what is below the node in question.
    event ChildrenRevealed(uint256 indexed dispute, bytes32[] children);
    /// @notice The challenger named a child, an element or a term.
    event ChildNamed(uint256 indexed dispute, uint256 child);
    /// @notice The provider opened the tree below.
    event LevelOpened(uint256 indexed dispute, bytes32 root);
    /// @notice A dispute is over.
    event DisputeEnded(uint256 indexed dispute, address indexed winner, bool byClock);
    /// @notice An account took what was held for it.
    event HeldCollected(address indexed account, address to, uint256 amountTicks);

    // ---- A job

    /// @notice Post a job and put its pay in escrow.
    /// @dev Error: `BadReproducibleTerm`.
    function post(ReproducibleTerms calldata terms) external returns (uint256 job);

    /// @notice Post a job that one provider alone may take, which has to show that it is right, and need not be paid for it. The
    /// caller pays, if anything.
    /// @param requester Gets what is left of pay and bond, and may cancel the job.
    /// @dev Error: `BadReproducibleTerm`, also for a `provider` that is zero.
    function postFor(
        ReproducibleTerms calldata terms,
        address requester,
        address provider
    ) external returns (uint256 job);

    /// @notice End a job that no provider took. Caller: the requester.
    function cancel(uint256 job) external;

    /// @notice Take a job and put its bond. Caller: anybody, or the provider that it is reserved for.
    function accept(uint256 job) external;

    /// @notice Claim the next round. Caller: the provider.
    /// @param lastLeaf Siblings of the last checkpoint, which is `endState`.
    /// @dev Errors: `NoRound`, `TimeOver`, `ForeignNode`.
    function claim(uint256 job, bytes32 checkpoints, bytes32 endState, bytes32[] calldata lastLeaf) external;

    /// @notice Pay the next claim whose window is over and that nobody disputes. Caller: anybody.
    /// @dev Errors: `NoRound`, `TimeNotOver`, `RoundOpen`.
    function settle(uint256 job) external;

    /// @notice End a job between rounds, as after a training that diverged: the bond comes back. Caller: the provider.
    /// @dev Error: `RoundOpen` while a claim is not settled.
    function stop(uint256 job) external;

    /// @notice End a job whose provider did not claim in time; half of the bond is the requester's. Caller: anybody.
    /// @dev Errors: `TimeNotOver`, `RoundOpen`.
    function abandon(uint256 job) external;

    /// @notice Pay the caller what is held for it.
    function collect(address to) external;

    // ---- A dispute

    /// @notice Challenge a claim in its window, and put the challenge bond. Caller: anybody.
    function challenge(uint256 job, uint32 round) external returns (uint256 dispute);

    /// @notice Reveal the nodes four levels below the one in question, or the leaves. Caller: the provider.
    function reveal(uint256 dispute, bytes32[] calldata children) external;

    /// @notice Name the child that is not right; what fills up a tree beyond its leaves has to be zero, and wins at once where
    /// it is not. Caller: the challenger.
    /// @param children As revealed.
    function point(uint256 dispute, bytes32[] calldata children, uint256 child) external;

    /// @notice Name the element, or accumulator, of the eight in question; beyond the last one as in `point`. Caller: the
    /// challenger.
    function pointElement(uint256 dispute, uint256 position) external;

    /// @notice Open the steps before the checkpoint in question. Caller: the provider.
    /// @param steps Root over the states after each step.
    /// @param lastLeaf Siblings of the last one, which is the checkpoint.
    /// @param previous The checkpoint before, and its siblings; none where this is the first one.
    function openStride(
        uint256 dispute,
        bytes32 steps,
        bytes32[] calldata lastLeaf,
        bytes32 previous,
        bytes32[] calldata previousLeaf
    ) external;

    /// @notice Open the step in question. Caller: the provider.
    /// @param between Root over what it computed before the state after it.
    /// @param previous The state before it, and its siblings; none where this is the stride's first one.
    function openStep(uint256 dispute, bytes32 between, bytes32 previous, bytes32[] calldata previousLeaf) external;

    /// @notice Open the output in question, by the record of its operation. Caller: the provider.
    function openTensor(uint256 dispute, bytes calldata record, bytes32[] calldata recordLeaf) external;

    /// @notice Open the reduction of the element in question. Caller: the provider.
    /// @param accumulators Root over the accumulators after each term, eight a leaf.
    /// @param last The leaf with the last one, which is the element, and its siblings.
    function openReduction(
        uint256 dispute,
        bytes calldata record,
        bytes32[] calldata recordLeaf,
        bytes32 accumulators,
        bytes32 last,
        bytes32[] calldata lastLeaf
    ) external;

    /// @notice Prove the element or accumulator in question, and win; who proves that it is another loses. Caller: the provider.
    /// @param previous The eight accumulators before, and their siblings, where the one before is not among those in question.
    function prove(
        uint256 dispute,
        bytes calldata record,
        bytes32[] calldata recordLeaf,
        bytes32 previous,
        bytes32[] calldata previousLeaf,
        Opening[] calldata openings
    ) external;

    /// @notice End a dispute whose mover's clock has run out. Caller: anybody.
    function callTime(uint256 dispute) external;

    /// @notice Give a challenger its bond back whose claim another dispute refuted. Caller: anybody.
    function withdrawChallenge(uint256 dispute) external;

    // ---- Views

    function termsOf(uint256 job) external view returns (ReproducibleTerms memory);

    function jobInfo(uint256 job) external view returns (ReproducibleJob memory);

    function claimInfo(uint256 job, uint32 round) external view returns (RoundClaim memory);

    function disputeInfo(uint256 dispute) external view returns (Dispute memory);

    /// @notice Ticks that an account may collect.
    function heldFor(address account) external view returns (uint256 ticks);
}
