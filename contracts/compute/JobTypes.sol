// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice Where a federated job stands.
enum JobState {
    None, // no such job
    Waiting, // places are filled; a round opens in a slot that meets the energy policy
    Commit, // workers train and commit to their updates
    Reveal, // workers open their commitments
    Validation, // the requester names the round's validation slice
    Draw, // evaluators are drawn from a block to come
    ScoreCommit, // drawn evaluators commit to scores and aggregate
    ScoreReveal, // they open their commitments
    Challenge, // anybody with stake may ask for a panel
    Ended, // money is shared out
    Measuring // the standing result was challenged by another one: a measurement decides
}

/// @notice Whom a draw is for.
enum DrawKind {
    First, // the round's evaluators
    Redraw, // in place of silent ones, once
    Panel // a larger group after a challenge or a tie
}

/// @notice Where a draw's randomness comes from, a property of the chain.
enum RandomnessSource {
    BlockHash, // hash of the draw's block
    PrevRandao // beacon value of the block that makes the draw
}

/// @notice What became of a worker's update in a round.
enum UpdateStatus {
    None, // not committed
    Committed,
    Valid, // revealed, and nobody's earlier update
    Copy, // another worker's update of this round, which was committed before
    Stale // an update or model of an earlier round
}

/// @notice How a round ended.
enum RoundOutcome {
    Open,
    Settled, // paid by score
    Unscored, // no update scored above zero: the pool went back
    Unvalidated, // the validation slice was not named or not to be had: the valid updates shared the pool
    Void // no valid update, or no result of the evaluators
}

/// @notice What a requester posts. Amounts are ticks (1e9 credit base units), windows are seconds.
struct JobTerms {
    bytes32 specHash; // SHA-256 of the JSON specification: kernels, model, optimizer, aggregation
    bytes32 modelRoot; // where training starts
    bytes32 validationRoot; // Merkle root over the rounds' slices, see `TrainingJobs.validationLeaf`
    bytes32 measurement; // hash of the programs that measure a round (`MeasurementPrograms`); 0 = results are not measured on chain
    // energy
    uint16 zone;
    uint24 maxImportPrice; // ticks per Wh that the slot of an opening may have at most
    int32 maxScarcityPpm; // published scarcity that it may have at most
    uint16 maxWaitSlots; // a job that waits longer ends
    uint32 energyWh; // that a worker is expected to take for a round
    // work of one worker in one round
    uint32 steps;
    uint64 tokens;
    uint32 maxUpdateBytes;
    // places
    uint16 rounds;
    uint8 minWorkers;
    uint8 maxWorkers;
    uint8 workersPerSite;
    uint8 evaluators; // odd
    uint24 siteCapPpm; // of a round's pool, that one site's workers get at most
    // money
    uint64 poolTicks; // for the updates of a round
    uint64 feeTicks; // for the evaluators of a round
    uint64 workerBondTicks;
    uint64 evaluatorBondTicks; // also what a challenger puts up
    // windows
    uint24 commitSeconds;
    uint24 revealSeconds;
    uint24 validationSeconds;
    uint24 scoreCommitSeconds;
    uint24 scoreRevealSeconds;
    uint24 challengeSeconds;
}

/// @notice A place of a worker or evaluator in a job.
struct Place {
    // word 1
    address provider;
    uint32 site;
    uint32 rank; // of its site in the queue when it joined
    // word 2
    address meter;
    uint64 bondTicks; // locked for the place
    uint32 sequence; // order of joining
}

/// @notice A worker's seat in a round. Scores are given in the order of seats.
struct Seat {
    // word 1
    address provider;
    uint32 site;
    UpdateStatus status;
    uint8 commitOrder; // 1 = the first
    uint32 sizeBytes; // of the update, as its reveal told
    // word 2
    address meter;
    uint64 provedWh;
    bytes32 commitment;
    bytes32 updateRoot;
}

/// @notice A drawn evaluator's seat in a round.
struct ScoreSeat {
    // word 1
    address evaluator;
    DrawKind kind;
    bool silent; // its time to reveal is over, and it did not
    bytes32 commitment;
    bytes32 result; // hash of the revealed scores and aggregate, 0 = none
}

/// @notice A job, for reading.
struct JobView {
    address requester;
    JobState state;
    DrawKind draw; // whom the present draw, or the present scoring, is for
    uint16 round; // under way, or the last one; 0 before the first
    uint40 deadline; // unix seconds from which anybody moves the job on; 0 in a draw and when ended
    uint64 drawBlock; // block from which a draw takes its randomness
    uint64 heldTicks; // of the escrow
    bytes32 modelRoot; // that the next update starts from
}

/// @notice A round, for reading.
struct RoundView {
    uint32 openSlot; // first slot of its energy
    uint32 trainedSlot; // last one; 0 while workers train
    RoundOutcome outcome;
    bytes32 validation; // hash of its validation slice
    bytes32 standing; // hash of the result that stands
    address challenger; // that asked for a panel
    address rival; // that the standing result is of, where it won a measured challenge; else 0
    Seat[] seats;
    ScoreSeat[] scoreSeats;
}

/// @notice What a job has bought so far.
struct JobReceipt {
    uint16 roundsSettled;
    uint32 updatesPaid;
    uint64 tokens; // of the paid updates
    uint64 steps; // of the paid updates
    uint64 paidTicks; // to workers
    uint64 feeTicks; // to evaluators
    uint64 refundedTicks; // to the requester
    uint64 provedWh; // imported energy that workers proved, each Wh once in the whole system
    uint128 co2Mg; // of the proved energy, by the zone's carbon intensity
}
