// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice A number of IEEE-754 single precision by its 32 bits: sign 1, exponent 8 (bias 127), fraction 23. The other
/// bits are zero. Every operation below rounds to nearest, ties to even, keeps subnormal numbers and infinities, and gives
/// the one NaN `NOT_A_NUMBER` where the standard asks for any: what WebAssembly's f32 gives, but for the bits of a NaN.
/// @dev A finite number is significand * 2^(exponent - 150) with the exponent at least 1: the significand of a subnormal
/// number, whose exponent is stored as 0, is without the leading bit.
type Float32 is uint256;

using {add as +, subtract as -, multiply as *, divide as /, negate as -, equal as ==} for Float32 global;

Float32 constant ZERO = Float32.wrap(0);
Float32 constant ONE = Float32.wrap(0x3f800000);
Float32 constant NEGATIVE_INFINITY = Float32.wrap(0xff800000);
Float32 constant NOT_A_NUMBER = Float32.wrap(0x7fc00000);

uint256 constant SIGN = 0x80000000;
uint256 constant MAGNITUDE = 0x7fffffff;
uint256 constant INFINITY = 0x7f800000;

/// @dev The smaller magnitude is aligned to by shifting the larger one left, so that the sum is exact before it is rounded.
function add(Float32 a, Float32 b) pure returns (Float32 sum) {
    bool special;
    assembly ("memory-safe") {
        // |x| >= |y|
        let x := a
        let y := b
        if lt(and(x, MAGNITUDE), and(y, MAGNITUDE)) {
            x := b
            y := a
        }
        let exponentX := and(shr(23, x), 0xff)
        let exponentY := and(shr(23, y), 0xff)
        special := eq(exponentX, 0xff)
        let significand := or(and(x, 0x7fffff), shl(23, iszero(iszero(exponentX))))
        let significandY := or(and(y, 0x7fffff), shl(23, iszero(iszero(exponentY))))
        exponentX := or(exponentX, iszero(exponentX))
        exponentY := or(exponentY, iszero(exponentY))
        let distance := sub(exponentX, exponentY)
        // From 26 places on y is less than a quarter of x's last place.
        switch gt(distance, 25)
        case 1 {
            sum := x
        }
        default {
            significand := shl(distance, significand)
            switch and(xor(x, y), SIGN)
            case 0 {
                significand := add(significand, significandY)
            }
            default {
                significand := sub(significand, significandY)
            }
            switch significand
            case 0 {
                // Only a sum of two negative zeros is one.
                sum := and(and(x, y), SIGN)
            }
            default {
                let length := sub(256, clz(significand))
                switch gt(length, 24)
                case 1 {
                    let surplus := sub(length, 24)
                    let half := shl(sub(surplus, 1), 1)
                    let odd := and(shr(surplus, significand), 1)
                    significand := shr(surplus, add(significand, add(sub(half, 1), odd)))
                    // The leading bit, and the carry of a rounding, add to the exponent.
                    sum := add(shl(23, sub(add(exponentY, surplus), 1)), significand)
                    if gt(sum, INFINITY) {
                        sum := INFINITY
                    }
                }
                default {
                    // As far left as the exponent allows: exact.
                    let places := sub(24, length)
                    let room := sub(exponentY, 1)
                    if gt(places, room) {
                        places := room
                    }
                    sum := add(shl(23, sub(room, places)), shl(places, significand))
                }
                sum := or(sum, and(x, SIGN))
            }
        }
    }
    if (special) return _addSpecial(a, b);
}

function subtract(Float32 a, Float32 b) pure returns (Float32) {
    return add(a, negate(b));
}

function multiply(Float32 a, Float32 b) pure returns (Float32 product) {
    bool special;
    assembly ("memory-safe") {
        let exponentA := and(shr(23, a), 0xff)
        let exponentB := and(shr(23, b), 0xff)
        special := or(eq(exponentA, 0xff), eq(exponentB, 0xff))
        // Twice the product, so that there is always a place to round off.
        let significand := shl(
            1,
            mul(
                or(and(a, 0x7fffff), shl(23, iszero(iszero(exponentA)))),
                or(and(b, 0x7fffff), shl(23, iszero(iszero(exponentB))))
            )
        )
        if significand {
            let surplus := sub(232, clz(significand))
            // The result's exponent less one.
            let exponent := sub(
                add(add(or(exponentA, iszero(exponentA)), or(exponentB, iszero(exponentB))), surplus),
                152
            )
            if slt(exponent, 0) {
                surplus := sub(surplus, exponent)
                exponent := 0
            }
            let half := shl(sub(surplus, 1), 1)
            let odd := and(shr(surplus, significand), 1)
            significand := shr(surplus, add(significand, add(sub(half, 1), odd)))
            product := add(shl(23, exponent), significand)
            if gt(product, INFINITY) {
                product := INFINITY
            }
        }
        product := or(product, and(xor(a, b), SIGN))
    }
    if (special) return _multiplySpecial(a, b);
}

function divide(Float32 a, Float32 b) pure returns (Float32) {
    uint256 x = Float32.unwrap(a);
    uint256 y = Float32.unwrap(b);
    uint256 sign = (x ^ y) & SIGN;
    if (isNaN(a) || isNaN(b)) return NOT_A_NUMBER;
    x &= MAGNITUDE;
    y &= MAGNITUDE;
    if (x == INFINITY) return y == INFINITY ? NOT_A_NUMBER : Float32.wrap(sign | INFINITY);
    if (y == 0) return x == 0 ? NOT_A_NUMBER : Float32.wrap(sign | INFINITY);
    if (y == INFINITY || x == 0) return Float32.wrap(sign);
    (uint256 significandX, int256 exponentX) = _unpack(x);
    (uint256 significandY, int256 exponentY) = _unpack(y);
    unchecked {
        // At least 76 bits of the quotient, and a last one that says whether more follow.
        uint256 dividend = significandX << 100;
        uint256 quotient = dividend / significandY;
        if (quotient * significandY != dividend) quotient |= 1;
        return _round(sign, quotient, exponentX - exponentY - 100);
    }
}

/// @notice Square root; of a negative number it is NaN, of negative zero negative zero.
function squareRoot(Float32 a) pure returns (Float32) {
    uint256 x = Float32.unwrap(a);
    if (x & MAGNITUDE == 0) return a;
    if (x & SIGN != 0 || isNaN(a)) return NOT_A_NUMBER;
    if (x == INFINITY) return a;
    (uint256 significand, int256 exponent) = _unpack(x);
    unchecked {
        // An even exponent halves; 60 more places leave at least 30 bits of the root.
        if (exponent & 1 != 0) (significand, exponent) = (significand << 1, exponent - 1);
        significand <<= 60;
        uint256 root = Math.sqrt(significand);
        if (root * root != significand) root |= 1;
        return _round(0, root, exponent / 2 - 30);
    }
}

function negate(Float32 a) pure returns (Float32) {
    return Float32.wrap(Float32.unwrap(a) ^ SIGN);
}

/// @notice The larger one; positive zero is larger than negative zero, and NaN wins.
function maximum(Float32 a, Float32 b) pure returns (Float32) {
    if (isNaN(a) || isNaN(b)) return NOT_A_NUMBER;
    return _rank(a) < _rank(b) ? b : a;
}

/// @notice The smaller one, see `maximum`.
function minimum(Float32 a, Float32 b) pure returns (Float32) {
    if (isNaN(a) || isNaN(b)) return NOT_A_NUMBER;
    return _rank(a) < _rank(b) ? a : b;
}

/// @notice Whether the bits are the same, which for zeros is more than the standard's comparison asks, and for NaN is not
/// what it answers.
function equal(Float32 a, Float32 b) pure returns (bool) {
    return Float32.unwrap(a) == Float32.unwrap(b);
}

function isNaN(Float32 a) pure returns (bool) {
    return Float32.unwrap(a) & MAGNITUDE > INFINITY;
}

/// @notice The nearest number to an integer below 2^128 in magnitude.
function fromInteger(int256 value) pure returns (Float32) {
    if (value == 0) return ZERO;
    return value < 0 ? _round(SIGN, uint256(-value), 0) : _round(0, uint256(value), 0);
}

/// @dev Significand and power of two of a finite magnitude.
function _unpack(uint256 magnitude) pure returns (uint256 significand, int256 exponent) {
    unchecked {
        exponent = int256(magnitude >> 23);
        significand = magnitude & 0x7fffff;
        if (exponent == 0) return (significand, -149);
        return (significand | 0x800000, exponent - 150);
    }
}

/// @dev The number nearest to significand * 2^exponent, for 0 < significand < 2^230.
function _round(uint256 sign, uint256 significand, int256 exponent) pure returns (Float32 rounded) {
    assembly ("memory-safe") {
        // A place to round off, always.
        significand := shl(26, significand)
        let surplus := sub(232, clz(significand))
        // The result's exponent less one.
        exponent := add(add(exponent, surplus), 123)
        if slt(exponent, 0) {
            surplus := sub(surplus, exponent)
            exponent := 0
        }
        let half := shl(sub(surplus, 1), 1)
        let odd := and(shr(surplus, significand), 1)
        significand := shr(surplus, add(significand, add(sub(half, 1), odd)))
        rounded := add(shl(23, exponent), significand)
        if gt(rounded, INFINITY) {
            rounded := INFINITY
        }
        rounded := or(rounded, sign)
    }
}

/// @dev An integer that orders numbers as they are ordered.
function _rank(Float32 a) pure returns (uint256) {
    uint256 x = Float32.unwrap(a);
    return x & SIGN == 0 ? x | SIGN : x ^ 0xffffffff;
}

/// @dev At least one of them is infinite or NaN.
function _addSpecial(Float32 a, Float32 b) pure returns (Float32) {
    if (isNaN(a) || isNaN(b)) return NOT_A_NUMBER;
    if (Float32.unwrap(a) & MAGNITUDE != INFINITY) return b;
    if (Float32.unwrap(b) & MAGNITUDE != INFINITY) return a;
    return a == b ? a : NOT_A_NUMBER;
}

/// @dev At least one of them is infinite or NaN.
function _multiplySpecial(Float32 a, Float32 b) pure returns (Float32) {
    uint256 x = Float32.unwrap(a);
    uint256 y = Float32.unwrap(b);
    if (isNaN(a) || isNaN(b) || x & MAGNITUDE == 0 || y & MAGNITUDE == 0) return NOT_A_NUMBER;
    return Float32.wrap(((x ^ y) & SIGN) | INFINITY);
}
