// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice Item errors share the shape `(address meter, uint32 slot)`: a batch carries the selector in an event, a
/// verb for a single item reverts with the whole error. A zero selector means that nothing is wrong.
library ItemError {
    function raise(bytes4 selector, address meter, uint256 slot) internal pure {
        assembly ("memory-safe") {
            mstore(0x00, selector)
            mstore(0x04, meter)
            mstore(0x24, slot)
            revert(0x00, 0x44)
        }
    }
}
