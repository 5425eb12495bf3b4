// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {MeterConfig, ReadingLeaf, SiteView, ZoneView} from "../energy/types/ExchangeTypes.sol";

/// @notice What compute needs of the energy exchange: sites and meters, prices of slots, and energy as evidence.
interface IComputeExchange {
    /// @notice What a meter is.
    function meterConfig(address meter) external view returns (MeterConfig memory);

    /// @notice A site; its owner is zero where no such site was registered.
    function siteInfo(uint32 site) external view returns (SiteView memory);

    /// @notice A zone; reverts with `BadZone` where there is none.
    function zoneInfo(uint16 zone) external view returns (ZoneView memory);

    /// @notice Prices of a slot whose gate is open (ticks per Wh) and its published scarcity, ppm; of the last day only.
    function tariffAt(
        uint16 zone,
        uint32 slot
    ) external view returns (uint24 importPrice, uint24 exportPrice, int32 scarcityPpm);

    /// @notice Use imported energy of a proven reading as evidence, each watt-hour once. Role: EVIDENCE.
    function drawEvidence(ReadingLeaf calldata leaf, bytes32 root, bytes32[] calldata proof, uint256 amountWh) external;
}
