// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {ReadingTree} from "../energy/libraries/ReadingTree.sol";

/// @notice The tree over a batch of readings, and OpenZeppelin's verification of its paths, for tests alone.
contract ReadingTreeHarness {
    function leaf(
        address meter,
        uint256 zone,
        uint256 slot,
        uint256 importWh,
        uint256 exportWh,
        uint256 flags
    ) external pure returns (bytes32) {
        return ReadingTree.leaf(meter, zone, slot, importWh, exportWh, flags);
    }

    /// @notice Root over the first `count` of `nodes`.
    function root(bytes32[] calldata nodes, uint256 count) external pure returns (bytes32) {
        bytes32[] memory scratch = nodes;
        return ReadingTree.root(scratch, count);
    }

    function verify(bytes32[] calldata proof, bytes32 root_, bytes32 node) external pure returns (bool) {
        return MerkleProof.verifyCalldata(proof, root_, node);
    }
}
