// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice Where `Seasons` reports flexible energy: the reputation contract.
interface IFlexibilityLedger {
    /// @notice Add flexible energy (Wh used, given or shed when it helped) to a site's next sample of contribution.
    function noteFlexible(uint32 site, uint256 energyWh) external;
}
