// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @title IEnergyQueue
/// @notice Who knows how much flexible energy, of queued training jobs, waits for a slot; the tariff counts it as demand.
///
/// Assumptions that the exchange makes of an implementation:
/// - An answer holds for the moment at which the gate of `slot` opened, `(slot - 8) * 900` unix seconds, and never
///   changes: whatever is queued or cancelled later belongs to later slots. Prices depend on it, and whoever asks first
///   must get what anybody else would get.
/// - The cap of what one requester may count, and of what its escrow can pay at the import price, is the queue's own
///   duty. The exchange caps the sum alone, at a quarter of the demand of the same slot a day before.
/// - It answers within 50,000 gas and 32 bytes. An answer that fails, is dearer or shorter counts as no energy.
interface IEnergyQueue {
    /// @notice Energy that waited for `slot` of `zone` when the slot's gate opened, watt-hours.
    function queuedWh(uint16 zone, uint32 slot) external view returns (uint256);
}
