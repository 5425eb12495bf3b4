// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IJobErrors} from "../../IJobErrors.sol";
import {DifferencePart, Leaf, MeasuredCase} from "../../MeasurementTypes.sol";
import {ChunkTree} from "../../reproducible/ChunkTree.sol";
import {StringNodes} from "./StringNodes.sol";

/// @notice What a claim has to show so that its side is right about a case.
library CaseProofs {
    /// @dev Tensors of a measurement's state before the moved ones: the loss, and the products.
    uint256 private constant MEASURED_TENSORS = 2;
    /// @dev Tensors of a read state before them: its content address, the header of the model, and its own.
    uint256 private constant READ_TENSORS = 3;
    uint256 private constant ELEMENTS_PER_CHUNK = 8;

    /// @notice Whether an undisputed claim is what had to be proved.
    /// @param tensors Roots of all tensors of the claimed state.
    function isRight(
        uint256 id,
        MeasuredCase storage held,
        bytes32[] calldata tensors,
        Leaf calldata leaf
    ) internal view returns (bool) {
        DifferencePart part = held.part;
        bytes32 expected = held.expected;
        if (isOfBytes(part) && held.shown != StringNodes.groups(held.sizeBytes)) return false;
        if (part <= DifferencePart.Update) {
            uint256 chunks = (uint256(held.sizeBytes) + 31) / 32;
            bytes32 root = ChunkTree.rootOf(leaf.chunk, chunks - 1, ChunkTree.depthOf(chunks), leaf.siblings);
            if (root != held.root) revert IJobErrors.BadOpening(id);
            // What comes after a string's end does not reach its address.
            return tensors[0] == expected && ChunkTree.isEnd(leaf.chunk, held.sizeBytes, leaf.siblings);
        }
        if (part == DifferencePart.Loss) return tensors[0] == expected;
        if (part == DifferencePart.Moved) return _foldFrom(tensors, MEASURED_TENSORS) == expected;
        if (part == DifferencePart.Next) {
            // Headers end with the number of rounds that led there.
            bool follows = uint256(tensors[2]) == uint256(tensors[1]) + 1;
            return tensors[0] == expected && follows && _foldFrom(tensors, READ_TENSORS) == held.moved;
        }
        uint256 element = held.element;
        uint256 leaves = (uint256(held.places) * held.places + ELEMENTS_PER_CHUNK - 1) / ELEMENTS_PER_CHUNK;
        uint256 index = element / ELEMENTS_PER_CHUNK;
        if (ChunkTree.rootOf(leaf.chunk, index, ChunkTree.depthOf(leaves), leaf.siblings) != tensors[1]) {
            revert IJobErrors.BadOpening(id);
        }
        uint256 bits = (uint256(leaf.chunk) >> (224 - 32 * (element % ELEMENTS_PER_CHUNK))) & 0xffffffff;
        return bytes32(bits) == expected;
    }

    /// @notice Whether the root of a byte string is in question.
    function isOfBytes(DifferencePart part) internal pure returns (bool) {
        return part == DifferencePart.Next || (part != DifferencePart.None && part <= DifferencePart.Update);
    }

    function _foldFrom(bytes32[] calldata tensors, uint256 from) private view returns (bytes32) {
        return ChunkTree.rootOfLeaves(tensors[from:]);
    }
}
