// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ReadingLeaf, SiteView, ZoneView} from "../../energy/types/ExchangeTypes.sol";
import {IWorkLedger} from "../../reputation/IWorkLedger.sol";

/// @notice What jobs need of the energy exchange: zones and sites, prices and scarcity of slots, energy as evidence.
interface IJobExchange {
    /// @notice A site; its owner is zero where no such site was registered.
    function siteInfo(uint32 site) external view returns (SiteView memory);

    /// @notice A zone; reverts with `BadZone` where there is none.
    function zoneInfo(uint16 zone) external view returns (ZoneView memory);

    /// @notice Prices of a slot whose gate is open (ticks per Wh) and its published scarcity, ppm.
    function tariffAt(
        uint16 zone,
        uint32 slot
    ) external view returns (uint24 importPrice, uint24 exportPrice, int32 scarcityPpm);

    /// @notice Published scarcity of a slot of the last 42 days, ppm. Reverts where it is not known.
    function scarcityAt(uint16 zone, uint32 slot) external view returns (int256 ppm);

    /// @notice Use imported energy of a proven reading as evidence, each watt-hour once. Role: EVIDENCE.
    function drawEvidence(ReadingLeaf calldata leaf, bytes32 root, bytes32[] calldata proof, uint256 amountWh) external;
}

/// @notice What jobs need of the reputation contract.
interface IJobReputation is IWorkLedger {
    /// @notice Place of a site in a queue: the greater, the further ahead.
    function queueRank(uint32 site) external view returns (uint256 rank);
}
