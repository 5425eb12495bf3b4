// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {MeterWord} from "./MeterWord.sol";

/// @notice An order that takes part in a clearing: the address of its row in memory. The rows of a side lie one behind
/// the other in strict order, and each knows the energy up to its own end, so that nothing has to walk over them.
///
/// ```
///  0x00  bits 0..23    24  limitPrice  ticks per Wh
///        bit  24        1  placed      the order was placed on chain
///        bits 32..55   24  energyWh    never zero
///        bits 56..95   40  endWh       energy of the side's orders up to and including this one
///        bits 96..255 160  meter
///  0x20  the meter's word
///  0x40  storage slot of that word
/// ```
/// Bits 0..55 are the entry's bytes as the book carries them.
type OrderRow is uint256;

/// @notice The rows of one side.
struct OrderRows {
    OrderRow first;
    uint256 count;
}

using OrderRowLib for OrderRow global;
using OrderRowLib for OrderRows global;

library OrderRowLib {
    uint256 internal constant BYTES = 0x60;
    uint256 internal constant PLACED = 1 << 24;
    uint256 private constant END_MASK = 0xffffffffff;

    /// @notice Room for `most` rows. They are written before they are read, so nothing is cleared.
    function allocate(uint256 most) internal pure returns (OrderRow first) {
        assembly ("memory-safe") {
            first := mload(0x40)
            mstore(0x40, add(first, mul(most, BYTES)))
        }
    }

    /// @notice Row `index` of a side; the caller knows that there is one.
    function rowAt(OrderRows memory rows, uint256 index) internal pure returns (OrderRow) {
        unchecked {
            return OrderRow.wrap(OrderRow.unwrap(rows.first) + index * BYTES);
        }
    }

    /// @param terms_ Bits 0..55 of the row.
    /// @param endWh_ Energy of the side's orders up to and including this one, below 2^40.
    function write(
        OrderRow row,
        address meter_,
        uint256 terms_,
        uint256 endWh_,
        MeterWord word_,
        bytes32 wordSlot
    ) internal pure {
        assembly ("memory-safe") {
            mstore(row, or(or(shl(96, meter_), shl(56, endWh_)), terms_))
            mstore(add(row, 0x20), word_)
            mstore(add(row, 0x40), wordSlot)
        }
    }

    /// @notice Limit price and energy as the book carries them, and the mark of a placed order.
    function terms(OrderRow row) internal pure returns (uint256) {
        return _head(row) & 0xffffffffffffff;
    }

    function limitPrice(OrderRow row) internal pure returns (uint256) {
        return _head(row) & 0xffffff;
    }

    function isPlaced(OrderRow row) internal pure returns (bool) {
        return _head(row) & PLACED != 0;
    }

    function energyWh(OrderRow row) internal pure returns (uint256) {
        return (_head(row) >> 32) & 0xffffff;
    }

    function endWh(OrderRow row) internal pure returns (uint256) {
        return (_head(row) >> 56) & END_MASK;
    }

    /// @notice Energy of the side's orders before this one.
    function startWh(OrderRow row) internal pure returns (uint256) {
        unchecked {
            return endWh(row) - energyWh(row);
        }
    }

    function meter(OrderRow row) internal pure returns (address) {
        return address(uint160(_head(row) >> 96));
    }

    function word(OrderRow row) internal pure returns (MeterWord value) {
        assembly ("memory-safe") {
            value := mload(add(row, 0x20))
        }
    }

    function _head(OrderRow row) private pure returns (uint256 head) {
        assembly ("memory-safe") {
            head := mload(row)
        }
    }
}
