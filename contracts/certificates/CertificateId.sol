// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {EnergySource} from "../energy/types/ExchangeTypes.sol";

/// @notice Token ids of certificates. From the lowest bit: source (8), slot (32), zone (16); nothing above.
library CertificateId {
    function encode(uint16 zone, uint32 slot, EnergySource source) internal pure returns (uint256 id) {
        return (uint256(zone) << 40) | (uint256(slot) << 8) | uint256(source);
    }

    function zoneOf(uint256 id) internal pure returns (uint16) {
        return uint16(id >> 40);
    }

    function slotOf(uint256 id) internal pure returns (uint32) {
        return uint32(id >> 8);
    }

    /// @dev Panics where the lowest byte is no source, which no issued certificate has.
    function sourceOf(uint256 id) internal pure returns (EnergySource) {
        return EnergySource(uint8(id));
    }
}
