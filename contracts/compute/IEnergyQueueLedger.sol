// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice Where jobs and leases that wait for a slot say how much energy they wait with.
interface IEnergyQueueLedger {
    /// @notice What one item (a job or lease, by an identifier that its contract makes unique) waits with in a zone, from
    /// now on; zero ends it. Role: COMPUTE.
    /// @param requester Who pays for the item; what one requester may count is capped.
    /// @param energyWh Energy that the item would take, watt-hours.
    /// @param escrowTicks What is escrowed for it: more energy than that buys at the import price does not count.
    function setQueued(bytes32 item, uint16 zone, address requester, uint256 energyWh, uint256 escrowTicks) external;
}
