// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IExchangeErrors} from "../interfaces/IExchangeErrors.sol";

/// @notice Recovers signers from 64-byte signatures (EIP-2098) that lie in calldata. Same result as OpenZeppelin's
/// `ECDSA.recover(hash, r, vs)`, which the tests compare it with, at half the gas.
library CompactSignature {
    /// @dev Half the order of secp256k1: a larger `s` has a smaller twin (EIP-2).
    uint256 private constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// @param digest The hash that was signed.
    /// @param offset Calldata offset of `r (32 bytes) | yParity and s (32 bytes)`.
    /// @param index Number of the entry, for the error.
    function recover(bytes32 digest, uint256 offset, uint256 index) internal view returns (address signer) {
        uint256 s;
        assembly ("memory-safe") {
            let free := mload(0x40)
            let vs := calldataload(add(offset, 0x20))
            s := shr(1, shl(1, vs))
            mstore(free, digest)
            mstore(add(free, 0x20), add(shr(255, vs), 27))
            mstore(add(free, 0x40), calldataload(offset))
            mstore(add(free, 0x60), s)
            mstore(0, 0)
            pop(staticcall(gas(), 1, free, 0x80, 0, 0x20))
            signer := mload(0)
        }
        if (s > HALF_ORDER) revert IExchangeErrors.MalleableSignature(index);
        if (signer == address(0)) revert IExchangeErrors.UnrecoverableSignature(index);
    }
}
