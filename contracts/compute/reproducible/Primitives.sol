// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {FloatFunctions} from "./FloatFunctions.sol";
import {PrimitiveKind, PrimitiveRecord} from "./PrimitiveRecord.sol";
import {Float32, fromInteger, maximum, minimum, ONE, squareRoot, ZERO} from "./SoftFloat.sol";
import {WideIntegers} from "./WideIntegers.sol";

/// @notice What primitive operations compute: one element of a map, or one term of a reduction, in the kernels' order.
library Primitives {
    /// @notice An element of a map from the values of its operands.
    /// @dev Kinds that read bytes are not computed here.
    function map(
        PrimitiveRecord memory record,
        uint256[4] memory coordinates,
        Float32[] memory v
    ) internal pure returns (Float32) {
        PrimitiveKind kind = record.kind();
        Float32 c0 = constantAt(record, 0);
        Float32 c1 = constantAt(record, 1);
        if (kind == PrimitiveKind.Choice) return v[0];
        if (kind == PrimitiveKind.Scaled) return v[0] * c0;
        if (kind == PrimitiveKind.Quotient) return c0 / v[0];
        if (kind == PrimitiveKind.InverseRoot) return ONE / squareRoot(v[0] * c0 + c1);
        if (kind == PrimitiveKind.Correction) return ONE / (ONE - v[0] * c0);
        if (kind == PrimitiveKind.Gate) {
            return ONE / (ONE + FloatFunctions.exp(-(v[0] * (c0 + c1 * (v[0] * v[0])))));
        }
        if (kind == PrimitiveKind.Product) return v[0] * v[1];
        if (kind == PrimitiveKind.Sum) return v[0] + v[1];
        if (kind == PrimitiveKind.Exponential) return FloatFunctions.exp(v[0] * c0 - v[1]);
        if (kind == PrimitiveKind.FirstMoment) return c0 * v[0] + c1 * v[1];
        if (kind == PrimitiveKind.SecondMoment) return c0 * v[0] + c1 * (v[1] * v[1]);
        if (kind == PrimitiveKind.SgdWeight) return v[0] - c0 * v[1];
        if (kind == PrimitiveKind.Embed) return v[1] + v[2];
        if (kind == PrimitiveKind.ProductSum) return v[0] * v[1] + v[2];
        if (kind == PrimitiveKind.DifferenceProduct) return (v[0] - v[1]) * v[2];
        if (kind == PrimitiveKind.ScoreGradient) return (v[0] * (v[1] - v[2])) * c0;
        if (kind == PrimitiveKind.GateGradient) {
            Float32 bend = (v[2] * (ONE - v[2])) * (v[1] * (c0 + c1 * (v[1] * v[1])));
            return v[0] * (v[2] + bend);
        }
        if (kind == PrimitiveKind.LossGradient) {
            Float32 share = v[1] * v[2];
            return Float32.unwrap(v[0]) == coordinates[3] ? share - c0 : share;
        }
        if (kind == PrimitiveKind.Loss) return FloatFunctions.log(v[1]) + (v[2] - v[3]);
        if (kind == PrimitiveKind.Centred) return (v[0] - v[1]) - v[2] * v[3];
        if (kind == PrimitiveKind.AdamWeight) return v[0] - (c0 * (v[1] * v[3])) / (squareRoot(v[2] * v[4]) + c1);
        return _scoring(kind, coordinates, c0, v);
    }

    /// @dev Maps of the program that scores a round.
    function _scoring(
        PrimitiveKind kind,
        uint256[4] memory coordinates,
        Float32 c0,
        Float32[] memory v
    ) private pure returns (Float32) {
        if (kind == PrimitiveKind.Dequantised) {
            int256 step = int8(uint8(Float32.unwrap(v[0])));
            return step == 0 ? ZERO : fromInteger(step) * v[1];
        }
        if (kind == PrimitiveKind.Chosen) return Float32.unwrap(v[0]) != 0 ? v[1] : c0;
        if (kind == PrimitiveKind.Lower) return minimum(v[0], v[1]);
        if (kind == PrimitiveKind.Higher) return maximum(v[0], v[1]);
        if (kind == PrimitiveKind.Ratio) return v[0] / v[1];
        if (kind == PrimitiveKind.Difference) return v[0] - v[1];
        if (kind == PrimitiveKind.MicroNats) {
            if (coordinates[2] >= Float32.unwrap(c0)) return ZERO;
            return Float32.wrap((WideIntegers.microNats(v[0]) >> (16 * coordinates[3])) & 0xffff);
        }
        // Wide is the last kind of maps.
        uint256 total = WideIntegers.total(v);
        return Float32.wrap((coordinates[3] == 0 ? total >> 32 : total) & 0xffffffff);
    }

    /// @notice The accumulator after a term, from the one before it and the values of the term's operands.
    function reduce(
        PrimitiveRecord memory record,
        uint256[4] memory coordinates,
        Float32 accumulator,
        Float32[] memory v
    ) internal pure returns (Float32) {
        PrimitiveKind kind = record.kind();
        if (kind == PrimitiveKind.Dot) return accumulator + v[0] * v[1];
        if (kind == PrimitiveKind.Total) return accumulator + v[0];
        if (kind == PrimitiveKind.SquaredDifferences) {
            Float32 difference = v[0] - v[1];
            return accumulator + difference * difference;
        }
        if (kind == PrimitiveKind.Maximum) return maximum(accumulator, v[0] * constantAt(record, 0));
        if (kind == PrimitiveKind.TokenGradient) {
            return Float32.unwrap(v[0]) == coordinates[2] ? accumulator + v[1] : accumulator;
        }
        if (kind == PrimitiveKind.ChosenTotal) return Float32.unwrap(v[0]) != 0 ? accumulator + v[1] : accumulator;
        // IntegerTotal is the last kind of reductions.
        return Float32.wrap((Float32.unwrap(accumulator) + Float32.unwrap(v[0])) & 0xffffffff);
    }

    /// @notice One of a record's eight constants.
    function constantAt(PrimitiveRecord memory record, uint256 index) internal pure returns (Float32) {
        return Float32.wrap((record.constants >> (224 - 32 * index)) & 0xffffffff);
    }
}
