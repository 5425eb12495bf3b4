// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {FloatFunctions} from "../compute/reproducible/FloatFunctions.sol";
import {
    add,
    divide,
    Float32,
    fromInteger,
    maximum,
    minimum,
    multiply,
    squareRoot,
    subtract
} from "../compute/reproducible/SoftFloat.sol";

/// @notice Runs one operation of single precision on many cases, for tests and the bench alone.
contract SoftFloatHarness {
    enum Operation {
        Add,
        Subtract,
        Multiply,
        Divide,
        SquareRoot,
        Maximum,
        Minimum,
        FromInteger,
        Exp,
        Log,
        MultiplyAdd
    }

    /// @notice Results of 4 bytes each, for operands of 4 bytes each: a, b of the first case, a, b of the second and so on. What
    /// takes one operand passes over b. The gas is that of the operations and of choosing them.
    function compute(
        Operation operation,
        bytes calldata operands
    ) external view returns (bytes memory results, uint256 gasUsed) {
        uint256 cases = operands.length / 8;
        results = new bytes(cases * 4);
        for (uint256 i = 0; i < cases; ++i) {
            uint256 pair = uint64(bytes8(operands[i * 8:i * 8 + 8]));
            uint256 gasBefore = gasleft();
            Float32 result = _compute(operation, Float32.wrap(pair >> 32), Float32.wrap(pair & 0xffffffff));
            gasUsed += gasBefore - gasleft();
            assembly ("memory-safe") {
                let at := add(add(results, 32), mul(i, 4))
                mstore(at, or(shl(224, result), shr(32, shl(32, mload(at)))))
            }
        }
    }

    function _compute(Operation operation, Float32 a, Float32 b) private pure returns (Float32) {
        if (operation == Operation.Add) return add(a, b);
        if (operation == Operation.Subtract) return subtract(a, b);
        if (operation == Operation.Multiply) return multiply(a, b);
        if (operation == Operation.Divide) return divide(a, b);
        if (operation == Operation.SquareRoot) return squareRoot(a);
        if (operation == Operation.Maximum) return maximum(a, b);
        if (operation == Operation.Minimum) return minimum(a, b);
        if (operation == Operation.FromInteger) return fromInteger(int32(uint32(Float32.unwrap(a))));
        if (operation == Operation.Exp) return FloatFunctions.exp(a);
        if (operation == Operation.Log) return FloatFunctions.log(a);
        return a * b + a;
    }
}
