// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice Reasons for which the compute market refuses something, besides those of `IProviders`; `docs/errors.md` says for
/// each what to do.
interface IComputeErrors {
    /// @notice A parameter is outside its bounds.
    error BadParameter(bytes32 name, uint256 value);
    /// @notice The caller is not who this verb is for.
    error NotEntitled(address caller);

    /// @notice The account has not named the caller as its sponsor, so the caller cannot register it.
    error NotSponsored(address provider, address caller);
    /// @notice The meter is not an active meter of a site that the caller owns, or is a feeder's.
    error MeterUnfit(address meter);
    /// @notice Another provider stands for the meter.
    error MeterTaken(address meter, address provider);
    /// @notice Nothing was asked back, or it may be collected from `time` on (unix seconds, 0 = nothing was asked back).
    error StakeUnbonding(address provider, uint256 time);
    /// @notice The account has nothing to collect.
    error NothingToPay(address account);
}
