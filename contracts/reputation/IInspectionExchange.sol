// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {MeterConfig, SiteView, ZoneView} from "../energy/types/ExchangeTypes.sol";

/// @notice What `Inspections` needs of the energy exchange: which slots are flagged, whose a meter is, and the one act that
/// follows from a finding.
interface IInspectionExchange {
    /// @notice Whether a flag on the slot stands and its inspection deadline is not over.
    function isFlagged(uint16 zone, uint32 slot) external view returns (bool);

    /// @notice A zone; reverts with `BadZone` where there is none.
    function zoneInfo(uint16 zone) external view returns (ZoneView memory);

    /// @notice What a meter is.
    function meterConfig(address meter) external view returns (MeterConfig memory);

    /// @notice A site; its owner is zero where no such site was registered.
    function siteInfo(uint32 site) external view returns (SiteView memory);

    /// @notice Keep a meter from trading until the registrar reinstates it. Role: SUSPENDER.
    function suspendMeter(address meter) external;
}
