// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice Meters seen within one clearing, each with a row in memory whose first word begins with its address: an
/// open-addressed table, at a fraction of the gas that marks in transient storage would take.
///
/// ```
///  0x00  byte mask of the table: twice its number of cells - 2
///  0x20  cells of 16 bits: a row's address / 32, zero = free; a meter's cell is found from its low bits by linear probing
/// ```
/// Rows lie at multiples of 32 below 2^21, which more gas than a transaction may use would not fill. Cells are read and
/// written with the bytes behind them, which stay as they are; the table has a word to spare behind its last cell.
type MeterSet is uint256;

using MeterSetLib for MeterSet global;

library MeterSetLib {
    /// @param most Meters that the set will hold at most; few cells are taken, so that a free one is found at once.
    function create(uint256 most) internal pure returns (MeterSet set) {
        unchecked {
            uint256 size = 32 << Math.log2(most + 1);
            assembly ("memory-safe") {
                set := mload(0x40)
                mstore(set, sub(size, 2))
                // Copying from behind the calldata writes zeros.
                calldatacopy(add(set, 0x20), calldatasize(), add(size, 0x20))
                mstore(0x40, add(set, add(size, 0x40)))
            }
        }
    }

    /// @notice The meter's row, zero if it was not seen.
    function find(MeterSet set, address meter) internal pure returns (uint256 row) {
        (, row) = _find(set, meter);
    }

    /// @notice Add a meter that was not seen, by its row.
    function add(MeterSet set, address meter, uint256 row) internal pure {
        (uint256 cell, ) = _find(set, meter);
        assembly ("memory-safe") {
            mstore(cell, or(mload(cell), shl(235, row)))
        }
    }

    /// @notice Take the meter out that was added last: nobody's search has gone past its cell since.
    function removeLast(MeterSet set, address meter) internal pure {
        (uint256 cell, ) = _find(set, meter);
        assembly ("memory-safe") {
            mstore(cell, shr(16, shl(16, mload(cell))))
        }
    }

    /// @dev The meter's cell with its row, or the free one that it would get. The table is never full, so the search ends.
    function _find(MeterSet set, address meter) private pure returns (uint256 cell, uint256 row) {
        assembly ("memory-safe") {
            let wanted := shr(96, shl(96, meter))
            let mask := mload(set)
            let table := add(set, 0x20)
            let place := and(wanted, mask)
            for {} 1 {} {
                cell := add(table, place)
                row := shl(5, shr(240, mload(cell)))
                if iszero(row) {
                    break
                }
                if eq(shr(96, mload(row)), wanted) {
                    break
                }
                place := and(add(place, 2), mask)
            }
        }
    }
}
