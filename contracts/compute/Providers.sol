// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {MeterConfig, MeterKind, MeterStatus} from "../energy/types/ExchangeTypes.sol";
import {CreditMoves} from "./CreditMoves.sol";
import {IComputeExchange} from "./IComputeExchange.sol";
import {IProviderRegistry} from "./IProviderRegistry.sol";
import {IProviders, ProviderView} from "./IProviders.sol";

/// @title Providers
/// @notice Who provides compute, and the stake that answers for leases and jobs. See `IProviderRegistry`.
contract Providers is IProviderRegistry, AccessManaged {
    using CreditMoves for IERC20;

    /// @notice A provider as it is kept.
    struct Provider {
        // word 1
        address meter;
        uint32 site; // 0 = no such provider
        uint32 accelerators;
        bool open; // takes new work, as far as it itself goes
        // word 2
        address owner; // of the site when it was registered
        uint40 unbondingTime;
        // word 3
        uint64 stakeTicks; // all of it
        uint64 lockedTicks;
        uint64 unbondingTicks;
    }

    uint256 private constant MAX_ACCELERATORS = 1_000_000;

    /// @notice From asking stake back to collecting it: 7 days. Longer than any window in which work can be challenged (a
    /// lease's uses can be reported for a day and objected to for four hours more), with room for disputes of jobs.
    uint256 public constant UNSTAKE_SECONDS = 7 days;

    /// @notice The exchange whose meters prove energy.
    IComputeExchange public immutable exchange;
    /// @notice The credits that everything is paid in.
    IERC20 public immutable credit;
    /// @notice The contract that gets what is slashed, as a gift to the pool of a season.
    address public immutable seasonPool;

    mapping(address provider => Provider) private _providers;
    mapping(address meter => address provider) private _standsFor;
    mapping(address provider => address sponsor) private _sponsors;
    mapping(address provider => mapping(address locker => uint256 ticks)) private _lockedBy;
    /// @inheritdoc IProviderRegistry
    mapping(address provider => mapping(address locker => bool)) public isLocker;

    constructor(
        IComputeExchange exchange_,
        IERC20 credit_,
        address seasonPool_,
        address authority_
    ) AccessManaged(authority_) {
        exchange = exchange_;
        credit = credit_;
        seasonPool = seasonPool_;
    }

    // ---- Coming and going

    /// @inheritdoc IProviderRegistry
    function setSponsor(address sponsor) external {
        _sponsors[msg.sender] = sponsor;
        emit SponsorSet(msg.sender, sponsor);
    }

    /// @inheritdoc IProviderRegistry
    function allowLocker(address locker, bool allowed) external {
        isLocker[msg.sender][locker] = allowed;
        emit LockerAllowed(msg.sender, locker, allowed);
    }

    /// @inheritdoc IProviderRegistry
    function registerProvider(address provider, address meter, uint32 accelerators) external {
        if (provider != msg.sender && _sponsors[provider] != msg.sender) revert NotSponsored(provider, msg.sender);
        if (accelerators == 0 || accelerators > MAX_ACCELERATORS) revert BadParameter("accelerators", accelerators);
        MeterConfig memory config = exchange.meterConfig(meter);
        bool fit = config.status == MeterStatus.Active && config.kind != MeterKind.Feeder;
        if (!fit || exchange.siteInfo(config.site).owner != msg.sender) revert MeterUnfit(meter);
        Provider storage held = _providers[provider];
        // What is under way was agreed for the site that it was agreed at.
        if (held.site != 0 && held.site != config.site && held.lockedTicks != 0) {
            revert StakeNotLocked(provider, 0, held.lockedTicks);
        }
        address other = _standsFor[meter];
        if (other != address(0) && other != provider && _isActive(_providers[other])) revert MeterTaken(meter, other);
        if (other != address(0) && other != provider) _end(other);
        if (held.meter != meter && held.meter != address(0) && _standsFor[held.meter] == provider) {
            delete _standsFor[held.meter];
        }
        _standsFor[meter] = provider;
        held.meter = meter;
        held.site = config.site;
        held.accelerators = accelerators;
        held.open = true;
        held.owner = msg.sender;
        emit ProviderRegistered(provider, config.site, msg.sender, meter, accelerators);
    }

    /// @inheritdoc IProviderRegistry
    function endProvider(address provider) external {
        Provider storage held = _known(provider);
        bool entitled =
            msg.sender == provider || msg.sender == held.owner || msg.sender == exchange.siteInfo(held.site).owner;
        if (!entitled) revert NotEntitled(msg.sender);
        _end(provider);
    }

    // ---- Stake

    /// @inheritdoc IProviderRegistry
    function postStake(address provider, uint256 amountTicks) external {
        Provider storage held = _known(provider);
        held.stakeTicks = CreditMoves.plus(held.stakeTicks, amountTicks);
        emit StakePosted(provider, msg.sender, amountTicks, held.stakeTicks);
        credit.pull(msg.sender, amountTicks);
    }

    /// @inheritdoc IProviderRegistry
    function requestUnstake(uint256 amountTicks) external {
        Provider storage held = _known(msg.sender);
        uint256 free = _free(held);
        if (amountTicks > free) revert StakeTooSmall(msg.sender, amountTicks, free);
        held.unbondingTicks = CreditMoves.plus(held.unbondingTicks, amountTicks);
        held.unbondingTime = uint40(block.timestamp + UNSTAKE_SECONDS);
        emit UnstakeRequested(msg.sender, amountTicks, held.unbondingTicks, held.unbondingTime);
    }

    /// @inheritdoc IProviderRegistry
    function cancelUnstake() external {
        Provider storage held = _known(msg.sender);
        uint256 amountTicks = held.unbondingTicks;
        if (amountTicks == 0) revert StakeUnbonding(msg.sender, 0);
        held.unbondingTicks = 0;
        held.unbondingTime = 0;
        emit UnstakeCancelled(msg.sender, amountTicks);
    }

    /// @inheritdoc IProviderRegistry
    function collectStake(address to) external {
        Provider storage held = _known(msg.sender);
        uint64 amountTicks = held.unbondingTicks;
        if (amountTicks == 0 || block.timestamp < held.unbondingTime) {
            revert StakeUnbonding(msg.sender, held.unbondingTime);
        }
        held.unbondingTicks = 0;
        held.unbondingTime = 0;
        held.stakeTicks -= amountTicks;
        emit StakeCollected(msg.sender, to, amountTicks, held.stakeTicks);
        credit.push(to, amountTicks);
    }

    /// @inheritdoc IProviders
    function lockStake(address provider, uint256 amountTicks) external restricted {
        Provider storage held = _known(provider);
        if (!isLocker[provider][msg.sender]) revert LockerNotAllowed(provider, msg.sender);
        if (!_isActive(held)) revert ProviderInactive(provider);
        uint256 free = _free(held);
        if (amountTicks > free) revert StakeTooSmall(provider, amountTicks, free);
        held.lockedTicks += uint64(amountTicks);
        _lockedBy[provider][msg.sender] += amountTicks;
        emit StakeLocked(provider, msg.sender, amountTicks, held.lockedTicks);
    }

    /// @inheritdoc IProviders
    /// @dev Work under way outlives its provider's activity, so this asks for no more than the lock itself.
    function releaseStake(address provider, uint256 amountTicks) external {
        Provider storage held = _unlock(provider, amountTicks);
        emit StakeReleased(provider, msg.sender, amountTicks, held.lockedTicks);
    }

    /// @inheritdoc IProviders
    function slashStake(address provider, uint256 amountTicks, address rewarded, uint256 rewardTicks) external {
        if (rewardTicks > amountTicks) revert StakeTooSmall(provider, rewardTicks, amountTicks);
        Provider storage held = _unlock(provider, amountTicks);
        held.stakeTicks -= uint64(amountTicks);
        emit StakeSlashed(provider, msg.sender, rewarded, amountTicks, rewardTicks, held.stakeTicks, held.lockedTicks);
        if (rewardTicks != 0) credit.push(rewarded, rewardTicks);
        if (amountTicks != rewardTicks) credit.push(seasonPool, amountTicks - rewardTicks);
    }

    // ---- For reading

    /// @inheritdoc IProviders
    function providerInfo(address provider) external view returns (ProviderView memory) {
        Provider storage held = _providers[provider];
        return
            ProviderView({
                site: held.site,
                meter: held.meter,
                accelerators: held.accelerators,
                stakeTicks: held.stakeTicks,
                lockedTicks: held.lockedTicks,
                unbondingTicks: held.unbondingTicks,
                unbondingTime: held.unbondingTime,
                active: _isActive(held)
            });
    }

    /// @inheritdoc IProviders
    function freeStake(address provider) external view returns (uint256 ticks) {
        return _free(_providers[provider]);
    }

    /// @inheritdoc IProviderRegistry
    function meterOf(address provider) external view returns (address) {
        return _providers[provider].meter;
    }

    /// @inheritdoc IProviderRegistry
    function lockedBy(address provider, address locker) external view returns (uint256 ticks) {
        return _lockedBy[provider][locker];
    }

    // ---- Within

    function _known(address provider) private view returns (Provider storage held) {
        held = _providers[provider];
        if (held.site == 0) revert UnknownProvider(provider);
    }

    function _end(address provider) private {
        Provider storage held = _providers[provider];
        held.open = false;
        if (_standsFor[held.meter] == provider) delete _standsFor[held.meter];
        emit ProviderEnded(provider, held.site);
    }

    function _unlock(address provider, uint256 amountTicks) private returns (Provider storage held) {
        held = _known(provider);
        uint256 locked = _lockedBy[provider][msg.sender];
        if (amountTicks > locked) revert StakeNotLocked(provider, amountTicks, locked);
        _lockedBy[provider][msg.sender] = locked - amountTicks;
        held.lockedTicks -= uint64(amountTicks);
    }

    /// @dev A new owner of the site has to register anew, and a meter that is not read proves no energy.
    function _isActive(Provider storage held) private view returns (bool) {
        return
            held.open &&
            exchange.meterConfig(held.meter).status == MeterStatus.Active &&
            exchange.siteInfo(held.site).owner == held.owner;
    }

    function _free(Provider storage held) private view returns (uint256) {
        return uint256(held.stakeTicks) - held.lockedTicks - held.unbondingTicks;
    }
}
