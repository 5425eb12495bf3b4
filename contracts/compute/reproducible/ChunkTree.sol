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
