// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Float32, fromInteger, INFINITY, isNaN, maximum, minimum, NOT_A_NUMBER, ONE, SIGN} from "./SoftFloat.sol";

/// @notice exp and log of the trainer's kernels, operation by operation (`src/training/kernels/assembly/functions.ts`), so
/// that every result has the same bits. Numbers in comments are those of the kernels; the code has their bits.
library FloatFunctions {
    /// @dev 1.44269504, 0.693359375 and -2.1219444e-4: log2(e), and ln(2) in two parts.
    Float32 private constant LOG2_E = Float32.wrap(0x3fb8aa3b);
    Float32 private constant LN2_HIGH = Float32.wrap(0x3f318000);
    Float32 private constant LN2_LOW = Float32.wrap(0xb95e8083);
    /// @dev 1.5 * 2^23: adding and subtracting it rounds to the nearest integer.
    Float32 private constant ROUNDER = Float32.wrap(0x4b400000);
    /// @dev -87 and 88.
    Float32 private constant LEAST_EXPONENT = Float32.wrap(0xc2ae0000);
    Float32 private constant MOST_EXPONENT = Float32.wrap(0x42b00000);
    Float32 private constant HALF = Float32.wrap(0x3f000000);
    /// @dev The bits of sqrt(1/2); those of positive numbers are ordered as the numbers are.
    uint256 private constant ROOT_OF_HALF = 0x3f3504f3;

    /// @notice e to the power of the argument clamped to [-87, 88].
    function exp(Float32 argument) internal pure returns (Float32) {
        if (isNaN(argument)) return NOT_A_NUMBER;
        Float32 x = minimum(maximum(argument, LEAST_EXPONENT), MOST_EXPONENT);
        Float32 shifted = x * LOG2_E + ROUNDER;
        Float32 n = shifted - ROUNDER;
        Float32 r = x - n * LN2_HIGH - n * LN2_LOW;
        Float32 p = Float32.wrap(0x39506967); // 1.98756915e-4
        p = p * r + Float32.wrap(0x3ab743ce); // 1.3981999507e-3
        p = p * r + Float32.wrap(0x3c088908); // 8.3334519073e-3
        p = p * r + Float32.wrap(0x3d2aa9c1); // 4.1665795894e-2
        p = p * r + Float32.wrap(0x3e2aaaaa); // 1.6666665459e-1
        p = p * r + Float32.wrap(0x3f000000); // 5.0000001201e-1
        Float32 y = p * (r * r) + r + ONE;
        // The low bits of `shifted` are n in two's complement: moved into the exponent they are 2^n.
        unchecked {
            return y * Float32.wrap(((Float32.unwrap(shifted) << 23) + Float32.unwrap(ONE)) & 0xffffffff);
        }
    }

    /// @notice Natural logarithm of a positive number that is not subnormal; NaN and infinity stay what they are.
    function log(Float32 x) internal pure returns (Float32) {
        uint256 bits = Float32.unwrap(x);
        if (isNaN(x)) return NOT_A_NUMBER;
        // The largest finite number is passed through as infinity is.
        if (bits & SIGN == 0 && bits >= INFINITY - 1) return x;
        Float32 exponent = fromInteger(int256(bits >> 23) - 126);
        // In [1/2, 1).
        uint256 fraction = (bits & 0x7fffff) | Float32.unwrap(HALF);
        Float32 m = Float32.wrap(fraction);
        if (fraction < ROOT_OF_HALF) {
            exponent = exponent - ONE;
            m = m + m - ONE;
        } else {
            m = m - ONE;
        }
        Float32 z = m * m;
        Float32 p = Float32.wrap(0x3d9021bb); // 7.0376836292e-2
        p = p * m - Float32.wrap(0x3debd1b8); // 1.151461031e-1
        p = p * m + Float32.wrap(0x3def251a); // 1.167699874e-1
        p = p * m - Float32.wrap(0x3dfe5d4f); // 1.2420140846e-1
        p = p * m + Float32.wrap(0x3e11e9bf); // 1.4249322787e-1
        p = p * m - Float32.wrap(0x3e2aae50); // 1.6668057665e-1
        p = p * m + Float32.wrap(0x3e4cceac); // 2.0000714765e-1
        p = p * m - Float32.wrap(0x3e7ffffc); // 2.4999993993e-1
        p = p * m + Float32.wrap(0x3eaaaaaa); // 3.3333331174e-1
        Float32 y = p * m * z + exponent * LN2_LOW - HALF * z;
        return m + y + exponent * LN2_HIGH;
    }
}
