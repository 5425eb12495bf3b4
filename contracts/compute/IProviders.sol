// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice A provider of compute, for reading. Amounts are ticks.
struct ProviderView {
    uint32 site; // grid connection point whose owner registered it; 0 = no such provider
    address meter; // meter of the site whose readings prove the energy that its work took
    uint32 accelerators;
    uint64 stakeTicks; // all of it, locked and unbonding stake included
    uint64 lockedTicks; // answers for leases and jobs under way
    uint64 unbondingTicks; // asked back; liable until paid out
    uint40 unbondingTime; // unix seconds from which it may be collected
    bool active; // takes new work
}

/// @notice Who provides compute, and the stake that answers for its work: one discipline for leases and jobs.
///
/// A provider is an account of its own, registered by the owner of a site for one meter of it. What is locked cannot be
/// asked back, what was asked back stays liable until it is collected, and that takes longer than any window in which
/// work can be challenged.
interface IProviders {
    /// @notice No such provider.
    error UnknownProvider(address provider);
    /// @notice The provider takes no new work.
    error ProviderInactive(address provider);
    /// @notice More stake than is free.
    error StakeTooSmall(address provider, uint256 amountTicks, uint256 freeTicks);
    /// @notice The provider has not let this contract lock its stake.
    error LockerNotAllowed(address provider, address locker);
    /// @notice More stake than is locked.
    error StakeNotLocked(address provider, uint256 amountTicks, uint256 lockedTicks);

    /// @notice A provider; `site` is 0 where there is none.
    function providerInfo(address provider) external view returns (ProviderView memory);

    /// @notice Stake that is neither locked nor asked back, ticks.
    function freeStake(address provider) external view returns (uint256 ticks);

    /// @notice Put free stake of an active provider behind work. Role: COMPUTE, and the provider has to have allowed the
    /// caller to (`allowLocker`): no role reaches stake whose owner did not consent.
    /// @dev Errors: `UnknownProvider`, `LockerNotAllowed`, `ProviderInactive`, `StakeTooSmall`.
    function lockStake(address provider, uint256 amountTicks) external;

    /// @notice Give stake that the caller locked free again. Needs no role, so that losing one traps nobody's stake.
    /// @dev Error: `StakeNotLocked`.
    function releaseStake(address provider, uint256 amountTicks) external;

    /// @notice Take stake away that the caller locked: `rewardTicks` of it to `rewarded`, the rest to the season pool.
    /// @dev Errors: `StakeNotLocked`, and `StakeTooSmall` where the reward is more than the cut.
    function slashStake(address provider, uint256 amountTicks, address rewarded, uint256 rewardTicks) external;
}
