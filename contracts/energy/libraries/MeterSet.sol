// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice Meters seen within one clearing, each with a mark: an open-addressed table in memory, at a quarter of the gas
/// that marks in transient storage would take.
///
/// ```
///  0x00  byte mask of the table: its size in bytes - 32
///  0x20  cells: mark << 160 | meter, zero = free; a meter's cell is found from its low bits by linear probing
/// ```
type MeterSet is uint256;

using MeterSetLib for MeterSet global;

library MeterSetLib {
    /// @param most Meters that the set will hold at most; the table has at least twice as many cells.
    function create(uint256 most) internal pure returns (MeterSet set) {
        uint256 cells = 2;
        while (cells < 2 * most) cells *= 2;
        uint256[] memory table = new uint256[](cells);
        assembly ("memory-safe") {
            set := table
            mstore(set, sub(shl(5, cells), 0x20))
        }
    }

    /// @notice The meter's mark, zero if it was not seen.
    function mark(MeterSet set, address meter) internal pure returns (uint256 value) {
        uint256 cell = _find(set, meter);
        assembly ("memory-safe") {
            value := shr(160, mload(cell))
        }
    }

    /// @notice Give the meter a mark other than zero.
    function setMark(MeterSet set, address meter, uint256 value) internal pure {
        uint256 cell = _find(set, meter);
        assembly ("memory-safe") {
            mstore(cell, or(shl(160, value), shr(96, shl(96, meter))))
        }
    }

    /// @dev The meter's cell, or the free one that it would get. The table is never full, so the search ends.
    function _find(MeterSet set, address meter) private pure returns (uint256 cell) {
        assembly ("memory-safe") {
            let wanted := shr(96, shl(96, meter))
            let mask := mload(set)
            let table := add(set, 0x20)
            let place := and(shl(5, wanted), mask)
            for {} 1 {} {
                cell := add(table, place)
                let held := mload(cell)
                if or(iszero(held), eq(shr(96, shl(96, held)), wanted)) {
                    break
                }
                place := and(add(place, 0x20), mask)
            }
        }
    }
}
