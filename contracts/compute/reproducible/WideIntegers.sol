// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Float32, INFINITY, MAGNITUDE, SIGN} from "./SoftFloat.sol";

/// @notice Losses as whole micro-nats, as evaluators of federated jobs count them.
library WideIntegers {
    /// @notice Taken for a loss that is not finite, and for any that is larger.
    uint256 internal constant WORST_LOSS = 1 << 62;
    uint256 private constant MICRO = 1e6;
    uint256 private constant LIMB_BITS = 16;

    /// @notice A loss in nats as the nearest whole number of micro-nats, halves up; zero for a negative one, which no loss is.
    function microNats(Float32 loss) internal pure returns (uint256 value) {
        uint256 bits = Float32.unwrap(loss);
        if (bits & MAGNITUDE >= INFINITY) return WORST_LOSS;
        if (bits & SIGN != 0) return 0;
        uint256 exponent = bits >> 23;
        uint256 significand = bits & 0x7fffff;
        if (exponent == 0) exponent = 1;
        else significand |= 0x800000;
        // 44 bits, shifted by at most 104 places: no overflow.
        value = significand * MICRO;
        if (exponent >= 150) value <<= exponent - 150;
        else value = (value + (1 << (149 - exponent))) >> (150 - exponent);
        if (value > WORST_LOSS) value = WORST_LOSS;
    }

    /// @notice The sum of integers of 32 bits, each 16 places further left than the one before it, at most `WORST_LOSS`.
    function total(Float32[] memory limbs) internal pure returns (uint256 sum) {
        for (uint256 i = 0; i < limbs.length; ++i) sum += Float32.unwrap(limbs[i]) << (LIMB_BITS * i);
        if (sum > WORST_LOSS) sum = WORST_LOSS;
    }
}
