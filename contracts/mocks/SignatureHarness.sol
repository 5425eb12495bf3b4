// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {CompactSignature} from "../energy/libraries/CompactSignature.sol";
import {MarketMessages} from "../energy/libraries/MarketMessages.sol";
import {SignedMessage, SignedMessageLib} from "../energy/libraries/SignedMessage.sol";

/// @notice The ways to hash a message and recover its signer, side by side, for tests alone.
contract SignatureHarness {
    /// @notice One order as a book carries it.
    struct SignedOrder {
        address meter; // of a delegated order
        uint256 zone;
        uint256 slot;
        uint256 side;
        uint256 energyWh;
        uint256 limitPrice;
        bytes signature;
    }

    /// @notice By `CompactSignature`.
    function recoverCompact(bytes32 digest, bytes calldata signature, uint256 index) external view returns (address) {
        return CompactSignature.recover(digest, _offset(signature), index);
    }

    /// @notice By OpenZeppelin, zero and an error where it refuses.
    function recoverReference(
        bytes32 digest,
        bytes32 r,
        bytes32 vs
    ) external pure returns (address signer, ECDSA.RecoverError problem) {
        (signer, problem, ) = ECDSA.tryRecover(digest, r, vs);
    }

    /// @notice Orders one after the other through one area of memory, as a side of a book is read.
    function ordersInPlace(
        bytes32 domain,
        SignedOrder[] calldata orders
    ) external view returns (bytes32[] memory digests, address[] memory signers) {
        digests = new bytes32[](orders.length);
        signers = new address[](orders.length);
        SignedMessage message = SignedMessageLib.create(domain, MarketMessages.ORDER_TYPEHASH, 5);
        // A second message behind the first shows whether one writes into the other.
        SignedMessage other = SignedMessageLib.create(domain, MarketMessages.DELEGATED_ORDER_TYPEHASH, 6);
        for (uint256 i = 0; i < orders.length; ++i) {
            SignedOrder calldata order = orders[i];
            other.set(0, uint160(order.meter));
            other.set(5, i);
            other.digest(6);
            message.set(0, order.zone);
            message.set(1, order.slot);
            message.set(2, order.side);
            message.set(3, order.energyWh);
            message.set(4, order.limitPrice);
            digests[i] = message.digest(5);
            signers[i] = message.recover(_offset(order.signature), i);
        }
    }

    /// @notice The same for delegated orders.
    function delegatedInPlace(
        bytes32 domain,
        SignedOrder[] calldata orders
    ) external view returns (bytes32[] memory digests, address[] memory signers) {
        digests = new bytes32[](orders.length);
        signers = new address[](orders.length);
        SignedMessage message = SignedMessageLib.create(domain, MarketMessages.DELEGATED_ORDER_TYPEHASH, 6);
        for (uint256 i = 0; i < orders.length; ++i) {
            SignedOrder calldata order = orders[i];
            message.set(0, uint160(order.meter));
            message.set(1, order.zone);
            message.set(2, order.slot);
            message.set(3, order.side);
            message.set(4, order.energyWh);
            message.set(5, order.limitPrice);
            digests[i] = message.digest(6);
            signers[i] = message.recover(_offset(order.signature), i);
        }
    }

    /// @notice The plain twin of both: `MarketMessages` and `CompactSignature`.
    function ordersPlain(
        bytes32 domain,
        SignedOrder[] calldata orders,
        bool delegated
    ) external view returns (bytes32[] memory digests, address[] memory signers) {
        digests = new bytes32[](orders.length);
        signers = new address[](orders.length);
        for (uint256 i = 0; i < orders.length; ++i) {
            SignedOrder calldata o = orders[i];
            bytes32 structHash =
                delegated
                    ? MarketMessages.delegatedOrderStruct(o.meter, o.zone, o.slot, o.side, o.energyWh, o.limitPrice)
                    : MarketMessages.orderStruct(o.zone, o.slot, o.side, o.energyWh, o.limitPrice);
            digests[i] = MarketMessages.digest(domain, structHash);
            signers[i] = CompactSignature.recover(digests[i], _offset(o.signature), i);
        }
    }

    function _offset(bytes calldata signature) private pure returns (uint256 offset) {
        assembly ("memory-safe") {
            offset := signature.offset
        }
    }
}
