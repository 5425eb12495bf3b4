// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011), the trainer's source of random numbers (`src/training/philox.ts`).
library Philox {
    uint256 private constant MULTIPLIER_0 = 0xd2511f53;
    uint256 private constant MULTIPLIER_1 = 0xcd9e8d57;
    uint256 private constant WEYL_0 = 0x9e3779b9;
    uint256 private constant WEYL_1 = 0xbb67ae85;
    uint256 private constant WORD = 0xffffffff;
    /// @dev What batches are drawn for.
    uint256 private constant BATCHES = 1;

    /// @notice Where in a text a step's sequence begins, below `beginnings`.
    function batchStart(
        uint256 seed,
        uint256 step,
        uint256 sequence,
        uint256 beginnings
    ) internal pure returns (uint256) {
        uint256 word = firstWord(sequence & WORD, step & WORD, (step >> 32) & WORD, BATCHES, seed & WORD, seed >> 32);
        return (word * beginnings) >> 32;
    }

    /// @notice The first word of the block for four words of counter and two of key.
    function firstWord(
        uint256 c0,
        uint256 c1,
        uint256 c2,
        uint256 c3,
        uint256 k0,
        uint256 k1
    ) internal pure returns (uint256) {
        unchecked {
            for (uint256 round = 0; round < 10; ++round) {
                uint256 product0 = MULTIPLIER_0 * c0;
                uint256 product1 = MULTIPLIER_1 * c2;
                (c0, c1, c2, c3) = (
                    (product1 >> 32) ^ c1 ^ k0,
                    product1 & WORD,
                    (product0 >> 32) ^ c3 ^ k1,
                    product0 & WORD
                );
                k0 = (k0 + WEYL_0) & WORD;
                k1 = (k1 + WEYL_1) & WORD;
            }
        }
        return c0;
    }
}
