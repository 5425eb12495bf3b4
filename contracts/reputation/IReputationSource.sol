// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {MeterConfig, SiteView} from "../energy/types/ExchangeTypes.sol";
import {MeterWord} from "../energy/types/MeterWord.sol";

/// @notice What `Reputation` needs of the energy exchange: the facts that scores are made of, and the tier it sets.
interface IReputationSource {
    /// @notice The packed state of a meter.
    function meterWord(address meter) external view returns (MeterWord);

    /// @notice What a meter is.
    function meterConfig(address meter) external view returns (MeterConfig memory);

    /// @notice A site; its owner is zero where no such site was registered.
    function siteInfo(uint32 site) external view returns (SiteView memory);

    /// @notice Sets the tier of every meter of a site and puts their reliability back to neutral. Role: REPUTATION.
    function setTier(uint32 site, uint8 tier) external;
}
