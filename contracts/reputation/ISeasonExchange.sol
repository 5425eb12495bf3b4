// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {MeterConfig, ReadingLeaf, SiteView, ZoneView} from "../energy/types/ExchangeTypes.sol";
import {MeterWord} from "../energy/types/MeterWord.sol";

/// @notice What `Seasons` needs of the energy exchange: facts about meters, sites and zones, proven readings and the
/// scarcity that was published with each slot's tariff.
interface ISeasonExchange {
    /// @notice The packed state of a meter.
    function meterWord(address meter) external view returns (MeterWord);

    /// @notice What a meter is.
    function meterConfig(address meter) external view returns (MeterConfig memory);

    /// @notice A site; its owner is zero where no such site was registered.
    function siteInfo(uint32 site) external view returns (SiteView memory);

    /// @notice A zone; reverts with `BadZone` where there is none.
    function zoneInfo(uint16 zone) external view returns (ZoneView memory);

    /// @notice The leaf's hash if the reading was settled and not voided; reverts otherwise.
    function verifyReading(
        ReadingLeaf calldata leaf,
        bytes32 root,
        bytes32[] calldata proof
    ) external view returns (bytes32 leafHash);

    /// @notice Published scarcity of a slot, ppm: positive where energy was scarce. Reverts where it is not known.
    function scarcityAt(uint16 zone, uint32 slot) external view returns (int256 ppm);
}
