// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Program} from "./Referee.sol";

/// @notice What a job asks for and pays. Amounts are ticks, times seconds.
/// A round is `checkpoints` times `stride` steps of the program.
struct ReproducibleTerms {
    Program program; // what a step computes: model, optimizer, batch, seed and text length are in it
    bytes32 dataset; // root of the text, 32 bytes a leaf
    bytes32 initialState; // root over the tensors of the state before the first step
    bytes32 specification; // hash of what people and trainers read: configuration, where to get the text
    uint64 firstStep;
    uint32 stride; // steps between two checkpoints
    uint32 checkpoints; // in a round
    uint32 rounds;
    uint64 payTicks; // for a round
    uint64 bondTicks; // the provider's, for the whole job
    uint64 challengeBondTicks; // a challenger's, for one dispute
    uint32 roundSeconds; // from one claim to the next
    uint32 windowSeconds; // in which a claim may be challenged
    uint32 clockSeconds; // that a party of a dispute has, and at most has
    uint32 extensionSeconds; // that a move gives back
}

enum ReproducibleState {
    None,
    Posted, // waits for a provider
    Training,
    Done, // every round is paid
    Cancelled, // before a provider came
    Stopped, // by the provider, between rounds
    Abandoned, // no claim in time
    Refuted // a claim was wrong, or was not defended
}

/// @notice A job as it stands.
struct ReproducibleJob {
    ReproducibleState state;
    address requester;
    address provider;
    uint32 claimedRounds;
    uint32 settledRounds;
    uint40 claimDeadline; // of the next claim
    uint64 heldTicks; // pay that is still in escrow
}

/// @notice What a provider says a round gave.
struct RoundClaim {
    bytes32 checkpoints; // root over the states at the checkpoints
    bytes32 endState; // the last of them
    uint40 windowEnd; // until which it may be challenged
    uint32 openDisputes;
}

/// @notice What the node in question is a node of, or what is asked next.
enum DisputePhase {
    None,
    Checkpoints, // states at the checkpoints of the round
    Steps, // states after each step up to the checkpoint
    Parts, // what the step computed in between, and the state after it
    Tensors, // outputs of operations
    Chunks, // eight elements of an output
    Element, // an element is named: provider proves it, or opens its reduction
    Accumulators, // eight accumulators of an element's reduction
    Term, // an accumulator is named: provider proves it
    ProviderWon,
    ChallengerWon,
    Withdrawn // another dispute ended the job
}

/// @notice A search for a wrong transition, as it stands.
struct Dispute {
    uint256 job;
    uint32 round;
    DisputePhase phase;
    bool providerMoves;
    uint8 height; // levels below the node in question
    uint40 turnStart;
    uint32 providerClock; // seconds left
    uint32 challengerClock;
    address challenger;
    bytes32 node; // in question
    bytes32 root; // of the tree that the node is in
    bytes32 children; // hash of those among which the challenger chooses
    uint64 index; // of the node among those of its height
    uint64 leaves; // of the tree
    uint64 count; // elements of the output, or terms of the reduction
    uint32 checkpoint;
    uint32 step; // after the checkpoint before
    uint32 operation;
    uint64 element;
    uint32 term; // from the element's first one
    uint32 claimed; // bits of the element or accumulator in question
    bytes32 stateBefore; // of the stride, then of the step
    bytes32 between;
    bytes32 stateAfter;
}
