// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IExchangeErrors} from "../interfaces/IExchangeErrors.sol";

/// @notice An area of memory that holds an EIP-712 message's constant words, so that every item of a batch writes only
/// what differs, and recovers its signer in place. `MarketMessages` and `CompactSignature` are the plain twin that it is
/// tested against.
///
/// ```
///  0x00  digest, v, r, s   input of the recovery precompile
///  0x80  0x1901            right-aligned, so that the digest's preimage is contiguous
///  0xa0  domain separator
///  0xc0  struct hash
///  0xe0  type hash, then the message's fields, a word each
/// ```
type SignedMessage is uint256;

using SignedMessageLib for SignedMessage global;

library SignedMessageLib {
    /// @dev Half the order of secp256k1: a larger `s` has a smaller twin (EIP-2).
    uint256 private constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// @param fields Number of fields; each is set with `set` before `digest`.
    function create(bytes32 domain, bytes32 typeHash, uint256 fields) internal pure returns (SignedMessage message) {
        assembly ("memory-safe") {
            message := mload(0x40)
            mstore(0x40, add(message, add(0x100, shl(5, fields))))
            mstore(add(message, 0x80), 0x1901)
            mstore(add(message, 0xa0), domain)
            mstore(add(message, 0xe0), typeHash)
        }
    }

    /// @notice Set field `index`, counted from zero.
    function set(SignedMessage message, uint256 index, uint256 value) internal pure {
        assembly ("memory-safe") {
            mstore(add(add(message, 0x100), shl(5, index)), value)
        }
    }

    /// @notice EIP-712 digest of the message with its first `fields` fields.
    function digest(SignedMessage message, uint256 fields) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            mstore(add(message, 0xc0), keccak256(add(message, 0xe0), add(0x20, shl(5, fields))))
            result := keccak256(add(message, 0x9e), 0x42)
            mstore(message, result)
        }
    }

    /// @notice Signer of the last digest by the 64 bytes (EIP-2098) at calldata `offset`.
    /// @param index Number of the item, for the error.
    function recover(SignedMessage message, uint256 offset, uint256 index) internal view returns (address signer) {
        bool malleable;
        assembly ("memory-safe") {
            let vs := calldataload(add(offset, 0x20))
            let s := shr(1, shl(1, vs))
            malleable := gt(s, HALF_ORDER)
            mstore(add(message, 0x20), add(shr(255, vs), 27))
            mstore(add(message, 0x40), calldataload(offset))
            mstore(add(message, 0x60), s)
            mstore(0x00, 0)
            pop(staticcall(gas(), 1, message, 0x80, 0x00, 0x20))
            signer := mload(0x00)
        }
        if (malleable) revert IExchangeErrors.MalleableSignature(index);
        if (signer == address(0)) revert IExchangeErrors.UnrecoverableSignature(index);
    }
}
