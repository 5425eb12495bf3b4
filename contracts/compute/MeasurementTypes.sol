// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Program} from "./reproducible/Referee.sol";

/// @notice What a round's result is made of: all that is read from bytes or measured. Scores follow from it by rules over whole
/// numbers (`ScoreRules`). Roots of byte strings are those of `ChunkTree` over 32 bytes a leaf, numbers of single precision are
/// told by their bits.
struct ScoreTable {
    bytes32 model; // bytes of the state that the round starts from
    bytes32 slice; // bytes of the validation slice
    bytes32[] updates; // bytes of each seat's update; 0 without one, or where it is not to be had or has another length
    uint256 readable; // a bit for each seat, the lowest for the first: its bytes are an update of this model
    uint32[] products; // scalar products of the readable updates with each other, in the order of their hashes
    uint32[] squares; // of each player, in the order of its lowest hash
    uint64[] losses; // micro-nats, see `ScoreRules`
    bytes32 moved; // tensors of the state that the round leads to: weights, then momentum
    bytes32 next; // bytes of that state, whose content address is the result's aggregate
}

/// @notice A program over byte strings, as a reproducible job knows it.
struct MeasuredProgram {
    Program program;
    bytes32 initialState; // root over tensors of zeros
}

/// @notice Everything that a table is measured with: a pure function of the job's specification, whose hash is a term of the job.
struct MeasurementPrograms {
    MeasuredProgram[] mean; // of a move by the mean, by the number of readable updates: the first of one
    MeasuredProgram[] sorted; // of a move by sorted values; none where the job's rule is the mean
    MeasuredProgram updateAddress; // content address of an update
    MeasuredProgram sliceAddress; // of a slice
    MeasuredProgram stateAddress; // of a model
    MeasuredProgram readState; // content address and tensors of a state
    bytes28 updateHeader; // what every readable update starts with
    bytes32 zeroUpdate; // root of the update that moves nothing, which is measured where none is readable
    uint32 parameters; // of the model
    uint32 sliceBytes; // of every slice
    uint32 nearCopy; // bits of the square of the cosine from which on updates are one contribution
    uint32 leastSharePpm; // of the best gain, that a contribution needs alone
    uint8 aggregation; // 0 = mean, 1 = median, 2 = trimmed mean
    uint32 trimPpm;
    uint32 rate; // bits, of the outer step
    uint32 mu; // bits, likewise
}

/// @notice Those of the programs' figures that scores follow from.
struct ScoreRule {
    uint32 nearCopy;
    uint32 leastSharePpm;
    uint8 aggregation;
    uint32 trimPpm;
    uint32 rate;
    uint32 mu;
}

/// @notice What two tables differ in first, in the order in which they are compared.
enum DifferencePart {
    None,
    Model,
    Slice,
    Update,
    Readable,
    Product,
    Square,
    Loss,
    Moved,
    Next // the state's bytes, or their content address
}

/// @notice A challenge of a result by another one, as it stands.
struct MeasuredCase {
    // word 1
    address challenger; // 0 = no challenge
    DifferencePart part; // None until it is answered
    bool challengerProves; // who has to prove: the challenger, or who answered
    bool opening; // the posted job is done, and only the opening is left
    uint8 places; // readable updates
    uint16 position; // seat, or place in the list, of what differs
    uint16 element; // of the products, that is to be opened
    uint32 sizeBytes; // of the byte string in question
    // word 2
    address answerer; // 0 until it is answered
    uint64 measured; // number of the reproducible job, 0 = none
    uint32 shown; // groups of nodes of the byte string that were shown
    bytes32 result; // of the challenger
    bytes32 table; // hash of its table
    bytes32 expected; // what the claim has to open to: content address, bits, root over the moved tensors
    bytes32 root; // of the byte string in question
    bytes32 moved; // root over the tensors that the next state has to have
}

/// @notice A leaf of a tree of chunks, with the siblings from there up to its root.
struct Leaf {
    bytes32 chunk;
    bytes32[] siblings;
}
