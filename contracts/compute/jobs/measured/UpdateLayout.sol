// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IJobErrors} from "../../IJobErrors.sol";
import {Leaf, MeasurementPrograms} from "../../MeasurementTypes.sol";
import {ChunkTree} from "../../reproducible/ChunkTree.sol";

/// @notice The bytes of updates and states, as `updateLayout.ts` and `stateLayout.ts` of `src/training/federated` have them, and what of
/// an update shows that it cannot be read.
library UpdateLayout {
    uint256 private constant HEADER_BYTES = 28;
    uint256 private constant BLOCK_SIZE = 256;
    uint256 private constant STATE_HEADER_BYTES = 32;
    /// @dev Bits of the smallest and the largest scale but zero: 2^-126 and 2^20.
    uint256 private constant SMALLEST_SCALE = 0x00800000;
    uint256 private constant LARGEST_SCALE = 0x49800000;
    /// @dev Size of a block's largest step.
    uint256 private constant LARGEST_STEP = 127;

    /// @notice Length of every update of a model.
    function updateBytes(uint256 parameters) internal pure returns (uint32) {
        return uint32(HEADER_BYTES + 4 * _blocks(parameters) + parameters);
    }

    /// @notice Length of every state of a model.
    function stateBytes(uint256 parameters) internal pure returns (uint32) {
        return uint32(STATE_HEADER_BYTES + 8 * parameters);
    }

    /// @notice Whether chunks of an update show that it cannot be read.
    /// @param root Of the update's bytes.
    /// @param part Number of a block, or the number of all blocks for the header.
    /// @param leaves Of the header the first chunk. Of a block the chunk of its scale; where that is in range, all chunks of its
    /// steps follow.
    function isUnreadable(
        MeasurementPrograms calldata programs,
        bytes32 root,
        uint256 part,
        Leaf[] calldata leaves
    ) internal view returns (bool) {
        uint256 parameters = programs.parameters;
        uint256 blocks = _blocks(parameters);
        if (part > blocks) revert IJobErrors.BadTerm("block", part);
        uint256 depth = ChunkTree.depthOf((updateBytes(parameters) + 31) / 32);
        if (part == blocks) return bytes28(_open(root, 0, depth, leaves, 0)) != programs.updateHeader;
        uint256 place = HEADER_BYTES + 4 * part;
        uint256 scale = _littleEndian(_open(root, place / 32, depth, leaves, 0), place % 32);
        if (scale != 0 && (scale < SMALLEST_SCALE || scale > LARGEST_SCALE)) return true;
        uint256 first = HEADER_BYTES + 4 * blocks + BLOCK_SIZE * part;
        uint256 end = BLOCK_SIZE * (part + 1) < parameters ? first + BLOCK_SIZE : updateBytes(parameters);
        uint256 largest = _largestStep(root, depth, leaves, first, end);
        return largest != (scale == 0 ? 0 : LARGEST_STEP);
    }

    /// @dev Size of the largest signed byte from one place to before another.
    function _largestStep(
        bytes32 root,
        uint256 depth,
        Leaf[] calldata leaves,
        uint256 first,
        uint256 end
    ) private view returns (uint256 largest) {
        bytes32 chunk;
        uint256 opened = 1;
        for (uint256 place = first; place < end; ++place) {
            if (place == first || place % 32 == 0) chunk = _open(root, place / 32, depth, leaves, opened++);
            uint256 step = uint8(chunk[place % 32]);
            if (step > LARGEST_STEP) step = 256 - step;
            if (step > largest) largest = step;
        }
    }

    function _open(
        bytes32 root,
        uint256 index,
        uint256 depth,
        Leaf[] calldata leaves,
        uint256 number
    ) private view returns (bytes32) {
        if (number >= leaves.length) revert IJobErrors.BadTerm("leaves", leaves.length);
        Leaf calldata leaf = leaves[number];
        if (ChunkTree.rootOf(leaf.chunk, index, depth, leaf.siblings) != root) {
            revert IJobErrors.BadTerm("leaf", number);
        }
        return leaf.chunk;
    }

    function _littleEndian(bytes32 chunk, uint256 place) private pure returns (uint256) {
        uint256 word = uint32(bytes4(chunk << (8 * place)));
        return (word >> 24) | ((word >> 8) & 0xff00) | ((word << 8) & 0xff0000) | ((word & 0xff) << 24);
    }

    function _blocks(uint256 parameters) private pure returns (uint256) {
        return (parameters + BLOCK_SIZE - 1) / BLOCK_SIZE;
    }
}
