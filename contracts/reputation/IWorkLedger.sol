// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice Where settled compute work is reported: the reputation contract.
interface IWorkLedger {
    /// @notice Add samples of settled work to a site's next sync; 16,777,215 stands for no sample. Role: COMPUTE.
    /// @param contributionPpm Quality of the work: 500,000 is average, 1,000,000 the best.
    /// @param efficiencyPpm Training per watt-hour and how green the energy was: 500,000 is neutral.
    function noteWork(uint32 site, uint256 contributionPpm, uint256 efficiencyPpm) external;
}
