// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ChunkTree} from "./ChunkTree.sol";
import {IRefereeErrors} from "./IRefereeErrors.sol";
import {Philox} from "./Philox.sol";
import {AccumulatorStart, PrimitiveKind, PrimitiveOperand, PrimitiveRecord} from "./PrimitiveRecord.sol";
import {Primitives} from "./Primitives.sol";
import {Sha256Blocks} from "./Sha256Blocks.sol";
import {Float32, NEGATIVE_INFINITY, ZERO} from "./SoftFloat.sol";

/// @notice The operations of a step, and how many tensors a state has.
struct Program {
    bytes32 root;
    uint32 stateTensors;
    uint32 operations;
}

/// @notice A step as its provider commits to it: trees over the tensors of the state before it, of what it computed in between
/// and of the state after it; with its number in the run and the root of the data set.
struct CommittedStep {
    bytes32 stateBefore;
    bytes32 between;
    bytes32 stateAfter;
    bytes32 dataset; // or root over the roots of the byte strings that a program reads
    uint64 number;
}

/// @notice Eight elements of a tensor, or 32 bytes of the data set, with the siblings up to the tensor's root and from there
/// up to the root of the tree of tensors. Of bytes the siblings go up to their string's root and from there up to the root over
/// all strings; those are none for the data set.
struct Opening {
    bytes32 chunk;
    bytes32[] inTensor;
    bytes32[] inTree;
}

/// @notice Computes one transition of a step of training: an element of a map, or an accumulator of a reduction from the one
/// before it. Operands are opened in the provider's own commitments.
/// @dev `transition` is linked, since its arithmetic is large; the rest is part of who calls it. Pure but for SHA-256. A
/// transition whose result is NaN has no right claim, unless its operation is exact.
library Referee {
    uint256 private constant RECORD_BYTES = 256;
    uint256 private constant ELEMENTS_PER_CHUNK = 8;

    /// @notice The record of an operation, once it is proven to be the program's.
    function openRecord(
        Program memory program,
        uint256 operation,
        bytes calldata encoded,
        bytes32[] calldata siblings
    ) internal view returns (PrimitiveRecord memory record) {
        if (encoded.length != RECORD_BYTES) revert IRefereeErrors.RecordSize(encoded.length);
        uint256 depth = ChunkTree.depthOf(program.operations);
        bytes32 records = ChunkTree.rootOf(sha256(encoded), operation, depth, siblings);
        bytes32 counts = bytes32((uint256(program.stateTensors) << 32) | program.operations);
        if (operation >= program.operations || ChunkTree.hashPair(records, counts) != program.root) {
            revert IRefereeErrors.ForeignRecord(operation);
        }
        (record.head, record.constants) = abi.decode(encoded[:64], (uint256, uint256));
        record.operands = abi.decode(encoded[64:], (PrimitiveOperand[6]));
    }

    /// @notice Coordinates of an element of an operation's output, the last of which runs fastest.
    function coordinatesOf(
        PrimitiveRecord memory record,
        uint256 element
    ) internal pure returns (uint256[4] memory coordinates) {
        uint256 elements = record.elements();
        if (element >= elements) revert IRefereeErrors.NoElement(element, elements);
        for (uint256 i = 4; i > 0; --i) {
            uint256 size = record.sizeAt(i - 1);
            coordinates[i - 1] = element % size;
            element /= size;
        }
    }

    /// @notice What an honest provider has: the element of a map, or the accumulator after a term. An element that a mask
    /// hides is zero and opens nothing, be its operation a map or a reduction.
    /// @param term Of a reduction, else 0.
    /// @param accumulator That before the term; not read at the element's first one.
    /// @param openings One for each operand that is read: all of a map's, but for a choice, which reads one, and kinds that read
    /// bytes, which open those; of a reduction's those of the term, and at the first one also what it starts from.
    // Who calls it has them in memory, and the helpers read them there.
    // solhint-disable-next-line gas-calldata-parameters
    function transition(
        Program memory program,
        CommittedStep memory step,
        PrimitiveRecord memory record,
        uint256 element,
        uint256 term,
        Float32 accumulator,
        Opening[] calldata openings
    ) external view returns (Float32) {
        uint256[4] memory coordinates = coordinatesOf(record, element);
        if (record.isMasked(coordinates)) {
            _requireCount(openings, 0);
            return ZERO;
        }
        if (record.kind() == PrimitiveKind.Byte) return _readByte(step, record, coordinates, openings);
        if (record.kind() == PrimitiveKind.Digest) return _digest(program, step, record, coordinates, openings);
        if (record.readsSource()) return _readSource(step, record, coordinates, openings);
        if (!record.isReduction()) {
            if (term != 0) revert IRefereeErrors.NoTerm(term, 0, 1);
            return Primitives.map(record, coordinates, _open(program, step, record, coordinates, 0, openings));
        }
        (uint256 first, uint256 end) = record.termsOf(coordinates);
        if (term < first || term >= end) revert IRefereeErrors.NoTerm(term, first, end);
        Float32[] memory values = _open(program, step, record, coordinates, term, openings);
        if (term == first) accumulator = _start(record, values);
        return Primitives.reduce(record, coordinates, accumulator, values);
    }

    /// @dev What an accumulator starts from is the last operand, and opened last.
    function _start(PrimitiveRecord memory record, Float32[] memory values) private pure returns (Float32) {
        AccumulatorStart start = record.start();
        if (start == AccumulatorStart.Zero) return ZERO;
        if (start == AccumulatorStart.NegativeInfinity) return NEGATIVE_INFINITY;
        return values[values.length - 1];
    }

    /// @dev Opens the operands that an element of a map or a term of a reduction reads.
    function _open(
        Program memory program,
        CommittedStep memory step,
        PrimitiveRecord memory record,
        uint256[4] memory coordinates,
        uint256 term,
        Opening[] calldata openings
    ) private view returns (Float32[] memory values) {
        uint256 from = 0;
        uint256 count = record.operandCount();
        if (record.kind() == PrimitiveKind.Choice) {
            (from, count) = (coordinates[2], 1);
        } else if (record.isReduction() && record.start() == AccumulatorStart.Operand) {
            (uint256 first, ) = record.termsOf(coordinates);
            if (term != first) --count;
        }
        _requireCount(openings, count);
        values = new Float32[](count);
        for (uint256 i = 0; i < count; ++i) {
            PrimitiveOperand operand = record.operands[from + i];
            // Where it is not an integer that chooses, its stride is zero.
            uint256 element = operand.elementAt(coordinates, term, i == 0 ? 0 : Float32.unwrap(values[0]));
            bytes32 root = ChunkTree.rootOf(
                openings[i].chunk,
                element / ELEMENTS_PER_CHUNK,
                operand.depth(),
                openings[i].inTensor
            );
            if (!_belongs(program, step, operand.tensor(), root, openings[i].inTree)) {
                revert IRefereeErrors.ForeignOpening(i);
            }
            values[i] = elementOf(openings[i].chunk, element);
        }
    }

    /// @notice An element of the chunk that holds it.
    function elementOf(bytes32 chunk, uint256 element) internal pure returns (Float32) {
        return Float32.wrap((uint256(chunk) >> (224 - 32 * (element % ELEMENTS_PER_CHUNK))) & 0xffffffff);
    }

    /// @dev Whether a root is that of a tensor by its number: of the state before, of what is in between, of the state after.
    function _belongs(
        Program memory program,
        CommittedStep memory step,
        uint256 tensor,
        bytes32 root,
        bytes32[] calldata siblings
    ) private view returns (bool) {
        uint256 leaves = program.stateTensors;
        bytes32 tree = step.stateBefore;
        if (tensor >= program.operations) {
            tensor -= program.operations;
            tree = step.stateAfter;
        } else if (tensor >= leaves) {
            tensor -= leaves;
            leaves = program.operations - leaves;
            tree = step.between;
        }
        return ChunkTree.rootOf(root, tensor, ChunkTree.depthOf(leaves), siblings) == tree;
    }

    /// @dev The byte at a place of a sequence, whose beginning is drawn for seed and step. Constants: seed (two words, the
    /// low one first), number of beginnings, shift, depth of the data set's tree.
    function _readByte(
        CommittedStep memory step,
        PrimitiveRecord memory record,
        uint256[4] memory coordinates,
        Opening[] calldata openings
    ) private view returns (Float32) {
        _requireCount(openings, 1);
        uint256 c = record.constants;
        uint256 seed = (c >> 224) | (((c >> 192) & 0xffffffff) << 32);
        uint256 place =
            Philox.batchStart(seed, step.number, coordinates[2], (c >> 160) & 0xffffffff) +
                coordinates[3] +
                ((c >> 128) & 0xffffffff);
        bytes32 chunk = openings[0].chunk;
        bytes32 root = ChunkTree.rootOf(chunk, place / 32, (c >> 96) & 0xffffffff, openings[0].inTensor);
        if (root != step.dataset || openings[0].inTree.length != 0) revert IRefereeErrors.ForeignOpening(0);
        return Float32.wrap(uint8(chunk[place % 32]));
    }

    /// @dev A byte, or four of them, of one of several byte strings; beyond its end zero, from no opening. Constants: number of
    /// strings, bytes of this one. A word's place is a multiple of four, so that it lies in one chunk.
    function _readSource(
        CommittedStep memory step,
        PrimitiveRecord memory record,
        uint256[4] memory coordinates,
        Opening[] calldata openings
    ) private view returns (Float32) {
        PrimitiveOperand operand = record.operands[0];
        uint256 place = operand.elementAt(coordinates, 0, 0);
        if (place >= (record.constants >> 192) & 0xffffffff) {
            _requireCount(openings, 0);
            return ZERO;
        }
        _requireCount(openings, 1);
        bytes32 chunk = _chunkOfString(step, record, operand.tensor() + coordinates[0], place, 0, openings);
        if (record.kind() == PrimitiveKind.Octet) return Float32.wrap(uint8(chunk[place % 32]));
        uint256 word = uint32(bytes4(chunk << (8 * (place % 32))));
        return
            Float32.wrap(
                (word >> 24) | ((word >> 8) & 0xff00) | ((word << 8) & 0xff0000) | ((word << 24) & 0xff000000)
            );
    }

    /// @dev 32 bytes of a byte string, opened by the opening of that number.
    function _chunkOfString(
        CommittedStep memory step,
        PrimitiveRecord memory record,
        uint256 string_,
        uint256 place,
        uint256 number,
        Opening[] calldata openings
    ) private view returns (bytes32 chunk) {
        Opening calldata opening = openings[number];
        chunk = opening.chunk;
        bytes32 root = ChunkTree.rootOf(chunk, place / 32, record.operands[0].depth(), opening.inTensor);
        uint256 depth = ChunkTree.depthOf(record.constants >> 224);
        if (ChunkTree.rootOf(root, string_, depth, opening.inTree) != step.dataset) {
            revert IRefereeErrors.ForeignOpening(number);
        }
    }

    /// @dev A word of the hash of a byte string after the block that the row names, from the row before it in the same output, a
    /// chunk each. Openings: that row, but for the first one, and the halves of the block that begin before the string's end.
    function _digest(
        Program memory program,
        CommittedStep memory step,
        PrimitiveRecord memory record,
        uint256[4] memory coordinates,
        Opening[] calldata openings
    ) private view returns (Float32) {
        uint256 length = (record.constants >> 192) & 0xffffffff;
        uint256 row = coordinates[2];
        uint256 used = 0;
        bytes32 digest = Sha256Blocks.START;
        bytes32[2] memory halves;
        uint256 needed = row == 0 ? 0 : 1;
        if (64 * row < length) ++needed;
        if (64 * row + 32 < length) ++needed;
        _requireCount(openings, needed);
        if (row != 0) {
            PrimitiveOperand own = record.operands[1];
            digest = openings[0].chunk;
            bytes32 root = ChunkTree.rootOf(digest, row - 1, own.depth(), openings[0].inTensor);
            if (!_belongs(program, step, own.tensor(), root, openings[0].inTree)) {
                revert IRefereeErrors.ForeignOpening(0);
            }
            used = 1;
        }
        for (uint256 i = 0; i < 2; ++i) {
            uint256 place = 64 * row + 32 * i;
            bytes32 chunk;
            if (place < length) {
                uint256 string_ = record.operands[0].tensor() + coordinates[0];
                chunk = _chunkOfString(step, record, string_, place, used, openings);
                ++used;
            }
            halves[i] = Sha256Blocks.padded(chunk, place, length);
        }
        if (row + 1 == Sha256Blocks.count(length)) halves[1] |= bytes32(8 * length);
        return elementOf(Sha256Blocks.next(digest, halves[0], halves[1]), coordinates[3]);
    }

    function _requireCount(Opening[] calldata openings, uint256 needed) private pure {
        if (openings.length != needed) revert IRefereeErrors.OpeningCount(openings.length, needed);
    }
}
