// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {MeterConfig, ReadingLeaf, SiteView, ZoneView} from "../energy/types/ExchangeTypes.sol";
import {MeterWord} from "../energy/types/MeterWord.sol";
import {Finding} from "../reputation/IInspections.sol";

/// @notice What certificates need of the energy exchange: meters and sites, closed slots, and energy as evidence.
interface ICertificateExchange {
    /// @notice A meter's packed word.
    function meterWord(address meter) external view returns (MeterWord);

    /// @notice What a meter is.
    function meterConfig(address meter) external view returns (MeterConfig memory);

    /// @notice A site; its owner is zero where no such site was registered.
    function siteInfo(uint32 site) external view returns (SiteView memory);

    /// @notice A zone; reverts with `BadZone` where there is none.
    function zoneInfo(uint16 zone) external view returns (ZoneView memory);

    /// @notice Whether a flag on the slot stands and its inspection deadline is not over.
    function isFlagged(uint16 zone, uint32 slot) external view returns (bool);

    /// @notice The leaf's hash if the reading was settled and not voided; reverts otherwise.
    function verifyReading(
        ReadingLeaf calldata leaf,
        bytes32 root,
        bytes32[] calldata proof
    ) external view returns (bytes32 leafHash);

    /// @notice Use imported energy of a proven reading as evidence, each watt-hour once. Role: EVIDENCE.
    function drawEvidence(ReadingLeaf calldata leaf, bytes32 root, bytes32[] calldata proof, uint256 amountWh) external;

    /// @notice Use the exported energy of a proven reading as evidence, whole and once. Role: EVIDENCE.
    function certifyExport(ReadingLeaf calldata leaf, bytes32 root, bytes32[] calldata proof) external;
}

/// @notice What certificates need of the inspections.
interface ICertificateInspections {
    /// @notice The finding about a meter for a slot, or 0.
    function findingOf(address meter, uint32 slot) external view returns (uint256);

    /// @notice A finding; its stage is `None` where there is no such one.
    function findingInfo(uint256 finding) external view returns (Finding memory);
}

/// @notice What certificates need of the training jobs.
interface ICertificateJobs {
    /// @notice Energy that workers proved for a job in a slot, who bought it and in which zone it was taken.
    function energyAt(
        uint256 job,
        uint32 slot
    ) external view returns (address requester, uint16 zone, uint256 provedWh);
}
