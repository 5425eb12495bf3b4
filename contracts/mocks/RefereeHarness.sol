// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Philox} from "../compute/reproducible/Philox.sol";
import {CommittedStep, Opening, Program, Referee} from "../compute/reproducible/Referee.sol";
import {IRefereeErrors} from "../compute/reproducible/IRefereeErrors.sol";
import {PrimitiveRecord} from "../compute/reproducible/PrimitiveRecord.sol";
import {Float32} from "../compute/reproducible/SoftFloat.sol";

/// @notice The referee of one step, for tests alone.
contract RefereeHarness is IRefereeErrors {
    Program public program;
    CommittedStep public step;

    event Judged(uint256 operation, uint256 element, uint256 term, uint256 result);

    constructor(Program memory program_, CommittedStep memory step_) {
        program = program_;
        step = step_;
    }

    /// @notice The bits of a transition's result.
    function transition(
        uint256 operation,
        bytes calldata encoded,
        bytes32[] calldata siblings,
        uint256 element,
        uint256 term,
        uint256 accumulator,
        Opening[] calldata openings
    ) public view returns (uint256) {
        PrimitiveRecord memory record = Referee.openRecord(program, operation, encoded, siblings);
        return
            Float32.unwrap(
                Referee.transition(program, step, record, element, term, Float32.wrap(accumulator), openings)
            );
    }

    /// @notice The same as a transaction, for its gas.
    function judge(
        uint256 operation,
        bytes calldata encoded,
        bytes32[] calldata siblings,
        uint256 element,
        uint256 term,
        uint256 accumulator,
        Opening[] calldata openings
    ) external {
        uint256 result = transition(operation, encoded, siblings, element, term, accumulator, openings);
        emit Judged(operation, element, term, result);
    }

    function batchStart(
        uint256 seed,
        uint256 number,
        uint256 sequence,
        uint256 beginnings
    ) external pure returns (uint256) {
        return Philox.batchStart(seed, number, sequence, beginnings);
    }
}
