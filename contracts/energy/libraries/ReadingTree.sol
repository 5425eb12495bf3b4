// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice The Merkle tree over a batch of readings. Nodes hash their children in ascending order, so that
/// OpenZeppelin's `MerkleProof` verifies paths; an odd node moves up unchanged.
library ReadingTree {
    /// @notice keccak256 of the ABI encoding of a `ReadingLeaf`: 192 bytes, so no leaf can pass for a node (64 bytes).
    function leaf(
        address meter,
        uint256 zone,
        uint256 slot,
        uint256 importWh,
        uint256 exportWh,
        uint256 flags
    ) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, meter)
            mstore(add(free, 0x20), zone)
            mstore(add(free, 0x40), slot)
            mstore(add(free, 0x60), importWh)
            mstore(add(free, 0x80), exportWh)
            mstore(add(free, 0xa0), flags)
            result := keccak256(free, 0xc0)
        }
    }

    /// @notice Root over the first `count` leaves; overwrites the array.
    function root(bytes32[] memory nodes, uint256 count) internal pure returns (bytes32 result) {
        if (count == 0) return 0;
        assembly ("memory-safe") {
            let base := add(nodes, 0x20)
            for {} gt(count, 1) {} {
                let half := shr(1, count)
                let to := base
                let from := base
                for {
                    let end := add(base, shl(5, half))
                } lt(to, end) {
                    to := add(to, 0x20)
                } {
                    let left := mload(from)
                    let right := mload(add(from, 0x20))
                    switch lt(left, right)
                    case 1 {
                        mstore(0x00, left)
                        mstore(0x20, right)
                    }
                    default {
                        mstore(0x00, right)
                        mstore(0x20, left)
                    }
                    mstore(to, keccak256(0x00, 0x40))
                    from := add(from, 0x40)
                }
                if and(count, 1) {
                    mstore(to, mload(from))
                    half := add(half, 1)
                }
                count := half
            }
            result := mload(base)
        }
    }
}
