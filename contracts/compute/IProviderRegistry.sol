// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IComputeErrors} from "./IComputeErrors.sol";
import {IProviders} from "./IProviders.sol";

/// @notice The verbs by which a provider comes, stakes and goes. Amounts are ticks, times unix seconds.
///
/// Stake belongs to the provider account, whoever posted it, and whoever owns the site later. Of three parts, what is
/// locked answers for work and for nothing else can it be taken; what is free may be locked or asked back; what was asked
/// back waits out `UNSTAKE_SECONDS` in the contract and can neither be locked nor slashed: nothing stands behind it, since
/// what is locked cannot be asked back before its work has let it go.
interface IProviderRegistry is IProviders, IComputeErrors {
    /// @notice An account named who may register it as a provider; zero = nobody but itself.
    event SponsorSet(address indexed provider, address sponsor);
    /// @notice An account lets a contract lock its stake as a provider, or does not any more.
    event LockerAllowed(address indexed provider, address indexed locker, bool allowed);
    /// @notice A provider stands for a meter from now on.
    event ProviderRegistered(
        address indexed provider,
        uint32 indexed site,
        address owner,
        address meter,
        uint32 accelerators
    );
    /// @notice A provider takes no new work.
    event ProviderEnded(address indexed provider, uint32 indexed site);
    /// @notice Stake was added; `stakeTicks` is all of it now.
    event StakePosted(address indexed provider, address indexed from, uint256 amountTicks, uint64 stakeTicks);
    /// @notice Stake stands behind work of `locker` from now on; `lockedTicks` is what all work together has locked.
    event StakeLocked(address indexed provider, address indexed locker, uint256 amountTicks, uint64 lockedTicks);
    /// @notice Stake is free again.
    event StakeReleased(address indexed provider, address indexed locker, uint256 amountTicks, uint64 lockedTicks);
    /// @notice Locked stake was taken away; what is not the reward went to the season pool.
    event StakeSlashed(
        address indexed provider,
        address indexed locker,
        address indexed rewarded,
        uint256 amountTicks,
        uint256 rewardTicks,
        uint64 stakeTicks,
        uint64 lockedTicks
    );
    /// @notice Stake was asked back; all that was may be collected from `time` on.
    event UnstakeRequested(address indexed provider, uint256 amountTicks, uint64 unbondingTicks, uint40 time);
    /// @notice Stake that was asked back is free stake again.
    event UnstakeCancelled(address indexed provider, uint256 amountTicks);
    /// @notice Stake left.
    event StakeCollected(address indexed provider, address to, uint256 amountTicks, uint64 stakeTicks);

    /// @notice Name the owner of a site who may register the calling account as a provider.
    function setSponsor(address sponsor) external;

    /// @notice Let a contract (the compute market, the training jobs) lock the calling account's free stake, or end that.
    /// What is locked stays locked.
    function allowLocker(address locker, bool allowed) external;

    /// @notice Register a provider for a meter, or change its meter or accelerators. Caller: the owner of the meter's site,
    /// who is the provider itself or whom the provider named. A provider of another site or owner cannot be taken over
    /// while its stake is locked; one whose own site has changed hands or whose meter is retired gives the meter free.
    /// @dev Errors: `NotSponsored`, `MeterUnfit`, `MeterTaken`, `BadParameter`, `StakeNotLocked` where stake is still locked.
    function registerProvider(address provider, address meter, uint32 accelerators) external;

    /// @notice End a provider: it takes no new work; leases and jobs under way go on. Caller: the provider, who registered
    /// it, or the site's owner of today.
    /// @dev Errors: `UnknownProvider`, `NotEntitled`.
    function endProvider(address provider) external;

    /// @notice Add credits of the caller to a provider's stake.
    /// @dev Errors: `UnknownProvider`, `BadParameter`.
    function postStake(address provider, uint256 amountTicks) external;

    /// @notice Ask free stake back. The time begins anew for all that was asked back. Caller: the provider.
    /// @dev Errors: `StakeTooSmall`, `BadParameter`.
    function requestUnstake(uint256 amountTicks) external;

    /// @notice Make all that was asked back free stake again. Caller: the provider.
    /// @dev Error: `StakeUnbonding`.
    function cancelUnstake() external;

    /// @notice Pay out what was asked back. Caller: the provider.
    /// @dev Error: `StakeUnbonding`.
    function collectStake(address to) external;

    /// @notice The meter that proves a provider's energy; zero where there is no such provider.
    function meterOf(address provider) external view returns (address);

    /// @notice Whether a provider lets a contract lock its stake.
    function isLocker(address provider, address locker) external view returns (bool);

    /// @notice What a contract has locked of a provider's stake; it can release and slash that and nothing else.
    function lockedBy(address provider, address locker) external view returns (uint256 ticks);
}
