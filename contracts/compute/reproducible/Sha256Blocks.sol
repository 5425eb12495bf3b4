// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice SHA-256 block by block (FIPS 180-4), which the precompile does not offer: what a hash is after 64 bytes more.
library Sha256Blocks {
    /// @notice What every hash starts from.
    bytes32 internal constant START = 0x6a09e667bb67ae853c6ef372a54ff53a510e527f9b05688c1f83d9ab5be0cd19;
    /// @dev The 64 round constants, 32 bits each.
    bytes private constant CONSTANTS =
        hex"428a2f9871374491b5c0fbcfe9b5dba53956c25b59f111f1923f82a4ab1c5ed5"
        hex"d807aa9812835b01243185be550c7dc372be5d7480deb1fe9bdc06a7c19bf174"
        hex"e49b69c1efbe47860fc19dc6240ca1cc2de92c6f4a7484aa5cb0a9dc76f988da"
        hex"983e5152a831c66db00327c8bf597fc7c6e00bf3d5a7914706ca635114292967"
        hex"27b70a852e1b21384d2c6dfc53380d13650a7354766a0abb81c2c92e92722c85"
        hex"a2bfe8a1a81a664bc24b8b70c76c51a3d192e819d6990624f40e3585106aa070"
        hex"19a4c1161e376c082748774c34b0bcb5391c0cb34ed8aa4a5b9cca4f682e6ff3"
        hex"748f82ee78a5636f84c878148cc7020890befffaa4506cebbef9a3f7c67178f2";
    uint256 private constant WORD = 0xffffffff;

    /// @notice The hash after a block of two halves.
    function next(bytes32 before, bytes32 left, bytes32 right) internal pure returns (bytes32) {
        uint256[64] memory schedule = _schedule(uint256(left), uint256(right));
        uint256[8] memory state = _words(uint256(before));
        bytes memory constants = CONSTANTS;
        // Sums of at most five words: no overflow.
        unchecked {
            for (uint256 i = 0; i < 64; ++i) {
                uint256 constant_;
                assembly ("memory-safe") {
                    constant_ := shr(224, mload(add(add(constants, 32), mul(4, i))))
                }
                (uint256 a, uint256 e) = (state[0], state[4]);
                uint256 first =
                    state[7] +
                        (_rotate(e, 6) ^ _rotate(e, 11) ^ _rotate(e, 25)) +
                        ((e & state[5]) ^ (~e & state[6] & WORD)) +
                        constant_ +
                        schedule[i];
                uint256 second =
                    (_rotate(a, 2) ^ _rotate(a, 13) ^ _rotate(a, 22)) +
                        ((a & state[1]) ^ (a & state[2]) ^ (state[1] & state[2]));
                for (uint256 k = 7; k > 0; --k) state[k] = state[k - 1];
                state[4] = (state[4] + first) & WORD;
                state[0] = (first + second) & WORD;
            }
            uint256[8] memory start = _words(uint256(before));
            uint256 digest = 0;
            for (uint256 k = 0; k < 8; ++k) digest = (digest << 32) | ((start[k] + state[k]) & WORD);
            return bytes32(digest);
        }
    }

    /// @notice Half a block of a message, padded: 32 bytes from `place` on, what the message's `length` leaves of them, then the
    /// bit that ends it.
    function padded(bytes32 chunk, uint256 place, uint256 length) internal pure returns (bytes32) {
        if (place > length) return 0;
        uint256 left = length - place;
        if (left >= 32) return chunk;
        uint256 kept = uint256(chunk) & ~(type(uint256).max >> (8 * left));
        return bytes32(kept | (0x80 << (248 - 8 * left)));
    }

    /// @notice Number of blocks of a message: its bytes, one that ends it, and eight for its length.
    function count(uint256 length) internal pure returns (uint256) {
        return (length + 8) / 64 + 1;
    }

    function _schedule(uint256 left, uint256 right) private pure returns (uint256[64] memory schedule) {
        unchecked {
            for (uint256 i = 0; i < 16; ++i) schedule[i] = ((i < 8 ? left : right) >> (224 - 32 * (i & 7))) & WORD;
            for (uint256 i = 16; i < 64; ++i) {
                (uint256 x, uint256 y) = (schedule[i - 15], schedule[i - 2]);
                schedule[i] =
                    (schedule[i - 16] +
                        (_rotate(x, 7) ^ _rotate(x, 18) ^ (x >> 3)) +
                        schedule[i - 7] +
                        (_rotate(y, 17) ^ _rotate(y, 19) ^ (y >> 10))) & WORD;
            }
        }
    }

    function _words(uint256 packed) private pure returns (uint256[8] memory words) {
        for (uint256 k = 0; k < 8; ++k) words[k] = (packed >> (224 - 32 * k)) & WORD;
    }

    function _rotate(uint256 word, uint256 places) private pure returns (uint256) {
        return ((word >> places) | (word << (32 - places))) & WORD;
    }
}
