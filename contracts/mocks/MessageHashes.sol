// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ExchangeStorage} from "../energy/ExchangeStorage.sol";
import {MarketMessages} from "../energy/libraries/MarketMessages.sol";

/// @notice Makes the constants and struct hashes of the libraries callable, to compare them with a second implementation.
contract MessageHashes {
    /// @notice The type hashes, in the order in which `MarketMessages` declares them.
    function typeHashes() external pure returns (bytes32[] memory hashes) {
        hashes = new bytes32[](9);
        hashes[0] = MarketMessages.ORDER_TYPEHASH;
        hashes[1] = MarketMessages.DELEGATED_ORDER_TYPEHASH;
        hashes[2] = MarketMessages.READING_TYPEHASH;
        hashes[3] = MarketMessages.RECEIPT_TYPEHASH;
        hashes[4] = MarketMessages.SITE_CONSENT_TYPEHASH;
        hashes[5] = MarketMessages.METER_CONSENT_TYPEHASH;
        hashes[6] = MarketMessages.REPLACEMENT_TYPEHASH;
        hashes[7] = MarketMessages.SITE_TRANSFER_TYPEHASH;
        hashes[8] = MarketMessages.CORRECTION_TYPEHASH;
    }

    function orderStruct(
        uint256 zone,
        uint256 slot,
        uint256 side,
        uint256 energyWh,
        uint256 limitPrice
    ) external pure returns (bytes32) {
        return MarketMessages.orderStruct(zone, slot, side, energyWh, limitPrice);
    }

    function delegatedOrderStruct(
        address meter,
        uint256 zone,
        uint256 slot,
        uint256 side,
        uint256 energyWh,
        uint256 limitPrice
    ) external pure returns (bytes32) {
        return MarketMessages.delegatedOrderStruct(meter, zone, slot, side, energyWh, limitPrice);
    }

    function readingStruct(
        uint256 zone,
        uint256 slot,
        uint256 importWh,
        uint256 exportWh
    ) external pure returns (bytes32) {
        return MarketMessages.readingStruct(zone, slot, importWh, exportWh);
    }

    function receiptStruct(uint256 zone, uint256 slot, bytes32 orderHash_) external pure returns (bytes32) {
        return MarketMessages.receiptStruct(zone, slot, orderHash_);
    }

    function digest(bytes32 domainSeparator, bytes32 structHash) external pure returns (bytes32) {
        return MarketMessages.digest(domainSeparator, structHash);
    }

    function orderHash(bytes32 orderDigest, address meter) external pure returns (bytes32) {
        return MarketMessages.orderHash(orderDigest, meter);
    }

    /// @notice Where the exchange's state begins.
    function storageSlot() external pure returns (bytes32) {
        return ExchangeStorage.SLOT;
    }
}
