// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice EIP-712 messages of the market: type strings, their hashes, and struct hashes. `src/market/messages.ts`
/// holds the same types; a test compares both. The domain is name "Joulework", version "1", chain id and exchange.
library MarketMessages {
    /// @dev Order(uint16 zone,uint32 slot,uint8 side,uint32 energyWh,uint32 limitPrice), signed by the device key.
    bytes32 internal constant ORDER_TYPEHASH = keccak256(
        "Order(uint16 zone,uint32 slot,uint8 side,uint32 energyWh,uint32 limitPrice)"
    );
    /// @dev The same signed by the delegate, who may trade for several meters and therefore names the one.
    bytes32 internal constant DELEGATED_ORDER_TYPEHASH = keccak256(
        "DelegatedOrder(address meter,uint16 zone,uint32 slot,uint8 side,uint32 energyWh,uint32 limitPrice)"
    );
    bytes32 internal constant READING_TYPEHASH = keccak256(
        "Reading(uint16 zone,uint32 slot,uint64 importWh,uint64 exportWh)"
    );
    bytes32 internal constant RECEIPT_TYPEHASH = keccak256("OrderReceipt(uint16 zone,uint32 slot,bytes32 orderHash)");
    bytes32 internal constant SITE_CONSENT_TYPEHASH = keccak256("SiteConsent(uint32 site,address owner,uint16 zone)");
    bytes32 internal constant METER_CONSENT_TYPEHASH = keccak256(
        "MeterConsent(uint32 site,address meter,uint8 kind,uint8 source,uint8 powerClass,uint32 storageCapacityWh,uint24 bestEfficiencyPpm,uint40 importWh,uint40 exportWh)"
    );
    bytes32 internal constant REPLACEMENT_TYPEHASH = keccak256(
        "MeterReplacement(address oldMeter,address newMeter,uint40 finalImportWh,uint40 finalExportWh,bool estimated,uint40 importWh,uint40 exportWh,uint32 nonce)"
    );
    bytes32 internal constant SITE_TRANSFER_TYPEHASH = keccak256(
        "SiteTransfer(uint32 site,address newOwner,uint32 nonce)"
    );
    bytes32 internal constant CORRECTION_TYPEHASH = keccak256(
        "ReadingCorrection(address meter,uint32 slot,bytes32 leaf,int256 amountTicks,uint32 nonce)"
    );

    uint256 internal constant BID = 1;
    uint256 internal constant OFFER = 2;

    function digest(bytes32 domainSeparator, bytes32 structHash) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, hex"1901")
            mstore(add(free, 0x02), domainSeparator)
            mstore(add(free, 0x22), structHash)
            result := keccak256(free, 0x42)
        }
    }

    function orderStruct(
        uint256 zone,
        uint256 slot,
        uint256 side,
        uint256 energyWh,
        uint256 limitPrice
    ) internal pure returns (bytes32 result) {
        bytes32 typeHash = ORDER_TYPEHASH;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typeHash)
            mstore(add(free, 0x20), zone)
            mstore(add(free, 0x40), slot)
            mstore(add(free, 0x60), side)
            mstore(add(free, 0x80), energyWh)
            mstore(add(free, 0xa0), limitPrice)
            result := keccak256(free, 0xc0)
        }
    }

    function delegatedOrderStruct(
        address meter,
        uint256 zone,
        uint256 slot,
        uint256 side,
        uint256 energyWh,
        uint256 limitPrice
    ) internal pure returns (bytes32 result) {
        bytes32 typeHash = DELEGATED_ORDER_TYPEHASH;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typeHash)
            mstore(add(free, 0x20), meter)
            mstore(add(free, 0x40), zone)
            mstore(add(free, 0x60), slot)
            mstore(add(free, 0x80), side)
            mstore(add(free, 0xa0), energyWh)
            mstore(add(free, 0xc0), limitPrice)
            result := keccak256(free, 0xe0)
        }
    }

    /// @notice Identity of an order: two meters may sign equal orders, so the meter is part of it. It breaks ties of
    /// price in the strict order of the book, and the committed book is the hash of these hashes.
    function orderHash(bytes32 orderDigest, address meter) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            mstore(0x00, orderDigest)
            mstore(0x20, meter)
            result := keccak256(0x00, 0x40)
        }
    }

    function readingStruct(
        uint256 zone,
        uint256 slot,
        uint256 importWh,
        uint256 exportWh
    ) internal pure returns (bytes32 result) {
        bytes32 typeHash = READING_TYPEHASH;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typeHash)
            mstore(add(free, 0x20), zone)
            mstore(add(free, 0x40), slot)
            mstore(add(free, 0x60), importWh)
            mstore(add(free, 0x80), exportWh)
            result := keccak256(free, 0xa0)
        }
    }

    function receiptStruct(uint256 zone, uint256 slot, bytes32 orderHash_) internal pure returns (bytes32) {
        return keccak256(abi.encode(RECEIPT_TYPEHASH, zone, slot, orderHash_));
    }
}
