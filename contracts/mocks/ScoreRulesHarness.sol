// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Leaf, MeasurementPrograms, ScoreRule, ScoreTable} from "../compute/MeasurementTypes.sol";
import {IJobErrors} from "../compute/IJobErrors.sol";
import {ScoreRules} from "../compute/jobs/measured/ScoreRules.sol";
import {UpdateLayout} from "../compute/jobs/measured/UpdateLayout.sol";
import {ChunkTree} from "../compute/reproducible/ChunkTree.sol";
import {IRefereeErrors} from "../compute/reproducible/IRefereeErrors.sol";

/// @notice The rules of scores and the layouts of bytes, for tests alone.
contract ScoreRulesHarness is IJobErrors, IRefereeErrors {
    function scoresOf(
        ScoreRule calldata rule,
        bytes32[] calldata hashes,
        ScoreTable calldata table
    ) external pure returns (int64[] memory) {
        return ScoreRules.scoresOf(rule, hashes, table);
    }

    function measuredBy(
        ScoreRule calldata rule,
        bytes32[] calldata hashes,
        ScoreTable calldata table,
        uint8 part,
        uint256 position
    ) external view returns (ScoreRules.Measured memory) {
        return ScoreRules.measuredBy(rule, hashes, table, part, position);
    }

    function isUnreadable(
        MeasurementPrograms calldata programs,
        bytes32 root,
        uint256 part,
        Leaf[] calldata leaves
    ) external view returns (bool) {
        return UpdateLayout.isUnreadable(programs, root, part, leaves);
    }

    function isEnd(bytes32 leaf, uint256 length, bytes32[] calldata siblings) external view returns (bool) {
        return ChunkTree.isEnd(leaf, length, siblings);
    }

    function rootOfLeaves(bytes32[] calldata leaves) external view returns (bytes32) {
        return ChunkTree.rootOfLeaves(leaves);
    }
}
