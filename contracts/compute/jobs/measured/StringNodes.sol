// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ChunkTree} from "../../reproducible/ChunkTree.sol";

/// @notice The nodes right above the chunks of a byte string's tree. Who backs a root that is none of the string's could claim what an honest
/// one computes, so that nobody knew which chunk it cannot have; by these nodes everybody who has the string does.
library StringNodes {
    /// @dev A group is a node so many levels above them, or the whole tree.
    uint256 private constant GROUP_HEIGHT = 10;
    uint256 private constant BYTES_PER_NODE = 64;

    /// @notice How many groups a string has; a string of one chunk is its own root.
    function groups(uint256 length) internal pure returns (uint256) {
        if (length <= BYTES_PER_NODE / 2) return 0;
        return (((length - 1) / BYTES_PER_NODE) >> GROUP_HEIGHT) + 1;
    }

    /// @notice Whether nodes are those of a group, all that fill it up included.
    /// @param length Of the string, more than one chunk.
    /// @param siblings From the group's own node up.
    function areOf(
        bytes32 root,
        uint256 length,
        uint256 group,
        bytes32[] calldata nodes,
        bytes32[] calldata siblings
    ) internal view returns (bool) {
        uint256 depth = ChunkTree.depthOf((length + 31) / 32) - 1;
        uint256 height = depth < GROUP_HEIGHT ? depth : GROUP_HEIGHT;
        if (nodes.length != 1 << height) return false;
        return ChunkTree.rootOf(ChunkTree.rootOfLeaves(nodes), group, depth - height, siblings) == root;
    }
}
