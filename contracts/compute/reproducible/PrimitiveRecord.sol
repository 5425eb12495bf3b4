// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice Primitive operations, in the order of `src/training/reproducible/primitives.ts`, which has their formulas. From
/// `Total` on they are reductions.
enum PrimitiveKind {
    Byte,
    Embed,
    Product,
    Sum,
    Scaled,
    ProductSum,
    DifferenceProduct,
    InverseRoot,
    Quotient,
    Exponential,
    Gate,
    GateGradient,
    Loss,
    LossGradient,
    Centred,
    ScoreGradient,
    Choice,
    Correction,
    FirstMoment,
    SecondMoment,
    AdamWeight,
    SgdWeight,
    Octet,
    Word,
    Dequantised,
    Chosen,
    Lower,
    Higher,
    Ratio,
    Difference,
    MicroNats,
    Wide,
    Digest,
    Total,
    Dot,
    SquaredDifferences,
    Maximum,
    TokenGradient,
    ChosenTotal,
    IntegerTotal
}

/// @notice Which of its terms an element has: all; those up to its row; those up to the end of its strip of four rows; those
/// from the beginning of that strip on.
enum TermRule {
    All,
    UpToRow,
    UpToStrip,
    FromStrip
}

/// @notice What an accumulator starts from.
enum AccumulatorStart {
    Zero,
    NegativeInfinity,
    Operand
}

/// @notice An operation by the eight words of its record: head, constants, six operands. From the left:
/// head: kind 8, operands 8, row 8, masked 8, term rule 8, start 8, depth of the output's tree 8, exact 8, sizes 4 * 32, terms 32;
/// constants: 8 * 32.
struct PrimitiveRecord {
    uint256 head;
    uint256 constants;
    PrimitiveOperand[6] operands;
}

/// @notice Which element of which tensor an operand is, or which byte of which byte string. From the left: tensor 24, depth of its tree 8, offset 32, strides
/// 4 * 32, stride of terms 32, stride of the integer operand 32.
type PrimitiveOperand is uint256;

using {
    kind,
    operandCount,
    sizeAt,
    elements,
    rowOf,
    termsOf,
    isMasked,
    start,
    isReduction,
    readsSource,
    isExact
} for PrimitiveRecord global;
using {tensor, depth, elementAt} for PrimitiveOperand global;

function kind(PrimitiveRecord memory record) pure returns (PrimitiveKind) {
    return PrimitiveKind(record.head >> 248);
}

function isReduction(PrimitiveRecord memory record) pure returns (bool) {
    return record.kind() >= PrimitiveKind.Total;
}

/// @dev Whether it reads one of several byte strings.
function readsSource(PrimitiveRecord memory record) pure returns (bool) {
    PrimitiveKind found = record.kind();
    return found == PrimitiveKind.Octet || found == PrimitiveKind.Word;
}

/// @dev Whether a NaN may be its result, by the bits that it has here: of a program that also has to tell what a model is worth
/// whose numbers are lost.
function isExact(PrimitiveRecord memory record) pure returns (bool) {
    return (record.head >> 192) & 0xff != 0;
}

function operandCount(PrimitiveRecord memory record) pure returns (uint256) {
    return (record.head >> 240) & 0xff;
}

function start(PrimitiveRecord memory record) pure returns (AccumulatorStart) {
    return AccumulatorStart((record.head >> 208) & 0xff);
}

function sizeAt(PrimitiveRecord memory record, uint256 dimension) pure returns (uint256) {
    return (record.head >> (160 - 32 * dimension)) & 0xffffffff;
}

function elements(PrimitiveRecord memory record) pure returns (uint256) {
    return record.sizeAt(0) * record.sizeAt(1) * record.sizeAt(2) * record.sizeAt(3);
}

/// @dev The coordinate that mask and term rules speak of.
function rowOf(PrimitiveRecord memory record, uint256[4] memory coordinates) pure returns (uint256) {
    return coordinates[(record.head >> 232) & 0xff];
}

/// @dev Elements whose last coordinate is larger than the row are zero, from no operand.
function isMasked(PrimitiveRecord memory record, uint256[4] memory coordinates) pure returns (bool) {
    return (record.head >> 224) & 0xff != 0 && coordinates[3] > record.rowOf(coordinates);
}

/// @dev An element's first term, and the one after its last.
function termsOf(
    PrimitiveRecord memory record,
    uint256[4] memory coordinates
) pure returns (uint256 first, uint256 end) {
    TermRule rule = TermRule((record.head >> 216) & 0xff);
    uint256 count = (record.head >> 32) & 0xffffffff;
    uint256 row = record.rowOf(coordinates);
    if (rule == TermRule.UpToRow) return (0, row + 1);
    if (rule == TermRule.FromStrip) return (row & ~uint256(3), count);
    if (rule == TermRule.UpToStrip && (row | 3) + 1 < count) return (0, (row | 3) + 1);
    return (0, count);
}

function tensor(PrimitiveOperand operand) pure returns (uint256) {
    return PrimitiveOperand.unwrap(operand) >> 232;
}

function depth(PrimitiveOperand operand) pure returns (uint256) {
    return (PrimitiveOperand.unwrap(operand) >> 224) & 0xff;
}

/// @dev `integer` is the value of the first operand, where that chooses the element.
function elementAt(
    PrimitiveOperand operand,
    uint256[4] memory coordinates,
    uint256 term,
    uint256 integer
) pure returns (uint256 element) {
    uint256 word = PrimitiveOperand.unwrap(operand);
    // Products of 32 bits each: the sum cannot overflow.
    unchecked {
        element = (word >> 192) & 0xffffffff;
        for (uint256 i = 0; i < 4; ++i) element += ((word >> (160 - 32 * i)) & 0xffffffff) * coordinates[i];
        element += ((word >> 32) & 0xffffffff) * term + (word & 0xffffffff) * integer;
    }
}
