// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IRefereeErrors} from "./IRefereeErrors.sol";

/// @notice Merkle trees over leaves of 32 bytes, whose nodes are SHA-256 of their two children; missing leaves are zeros, up
/// to a power of two. Whoever asks knows a tree's depth, so that a node cannot pass for a leaf.
library ChunkTree {
    /// @notice The root that a leaf belongs to.
    /// @param siblings From the leaf up.
    function rootOf(
        bytes32 leaf,
        uint256 index,
        uint256 depth,
        bytes32[] calldata siblings
    ) internal view returns (bytes32 root) {
        // No value may stand for a proof that is none: a tree may hold any.
        if (siblings.length != depth || index >> depth != 0) {
            revert IRefereeErrors.BadProof(index, siblings.length, depth);
        }
        root = leaf;
        for (uint256 height = 0; height < depth; ++height) {
            bytes32 sibling = siblings[height];
            root = (index >> height) & 1 == 0 ? hashPair(root, sibling) : hashPair(sibling, root);
        }
    }

    /// @notice The node of this height above leaves that are all missing.
    function emptyNode(uint256 height) internal view returns (bytes32 node) {
        for (uint256 i = 0; i < height; ++i) node = hashPair(node, node);
    }

    /// @notice The root over all leaves of a tree.
    function rootOfLeaves(bytes32[] memory leaves) internal view returns (bytes32) {
        uint256 count = leaves.length;
        if (count == 0) return 0;
        bytes32[] memory level = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) level[i] = leaves[i];
        bytes32 empty;
        while (count > 1) {
            uint256 above = (count + 1) / 2;
            for (uint256 i = 0; i < above; ++i) {
                level[i] = hashPair(level[2 * i], 2 * i + 1 < count ? level[2 * i + 1] : empty);
            }
            empty = hashPair(empty, empty);
            count = above;
        }
        return level[0];
    }

    /// @notice Whether a leaf is the last one that holds any of a byte string: behind the string's end it is zero, and so is every
    /// leaf to its right.
    /// @param length Of the string, bytes, at least 1.
    /// @param siblings From the leaf up, which lead to the string's root.
    function isEnd(bytes32 leaf, uint256 length, bytes32[] calldata siblings) internal view returns (bool) {
        uint256 used = length % 32;
        if (used != 0 && uint256(leaf) << (8 * used) != 0) return false;
        uint256 index = (length - 1) / 32;
        bytes32 empty;
        for (uint256 height = 0; height < siblings.length; ++height) {
            if ((index >> height) & 1 == 0 && siblings[height] != empty) return false;
            empty = hashPair(empty, empty);
        }
        return true;
    }

    /// @notice Depth of the tree over so many leaves.
    function depthOf(uint256 leaves) internal pure returns (uint256 depth) {
        while (leaves > 1 << depth) ++depth;
    }

    /// @notice SHA-256 of two nodes.
    function hashPair(bytes32 left, bytes32 right) internal view returns (bytes32 node) {
        assembly ("memory-safe") {
            mstore(0x00, left)
            mstore(0x20, right)
            // The precompile fails only for want of gas, and then so does what follows.
            if iszero(staticcall(gas(), 0x02, 0x00, 0x40, 0x00, 0x20)) {
                revert(0x00, 0x00)
            }
            node := mload(0x00)
        }
    }
}
