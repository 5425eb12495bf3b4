// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice Refusals of the certificates.
interface ICertificateErrors {
    /// @notice The meter is not of the kind that this takes: a producer of one renewable source, or a storage device.
    error NotCertifiable(address meter);
    /// @notice The slot is not closed, or a flag on it stands.
    error SlotNotFinal(uint16 zone, uint32 slot);
    /// @notice The meter is suspended (`finding` 0), or this finding about its slot is open or upheld.
    error MeterWithheld(address meter, uint32 slot, uint256 finding);
    /// @notice The reading spans more than its slot.
    error GapReading(address meter, uint32 slot);
    /// @notice The meter exported nothing on balance, or nothing certified is left in the storage device.
    error NothingToIssue(address meter, uint32 slot);
    /// @notice Charging and discharging of a storage device are recorded in the order of slots.
    error OutOfOrder(address meter, uint32 slot, uint32 throughSlot);
    /// @notice The caller may not do this for that account, site or cancellation.
    error NotEntitled(address caller);
    /// @notice A parameter is outside its bounds.
    error BadParameter(bytes32 name, uint256 value);
    /// @notice The certificates' life ended with `throughSlot`.
    error CertificateExpired(uint256 id, uint256 throughSlot);
    /// @notice The certificates neither move nor are cancelled through `throughSlot`.
    error CertificateSuspended(uint256 id, uint256 throughSlot);
    /// @notice An inspector has suspended these certificates before; governance may do it again.
    error SuspendedBefore(uint256 id);
    /// @notice The consumption is too far from the production for the policy.
    error NoMatch(uint256 id, uint16 zone, uint32 slot, uint8 policy);
    /// @notice More than the job's proved energy of the slot that is not matched yet.
    error NotConsumed(uint256 job, uint32 slot, uint256 askedWh, uint256 leftWh);
    /// @notice More than is left of the cancellation.
    error NotCancelled(uint256 cancellation, uint256 askedWh, uint256 leftWh);
    /// @notice The purpose has more bytes than fit.
    error PurposeTooLong(uint256 length);
}
