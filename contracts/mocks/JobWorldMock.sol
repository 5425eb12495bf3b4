// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IEnergyQueueLedger} from "../compute/IEnergyQueueLedger.sol";
import {IProviders, ProviderView} from "../compute/IProviders.sol";
import {IJobExchange, IJobReputation} from "../compute/jobs/IJobSources.sol";
import {IExchangeErrors} from "../energy/interfaces/IExchangeErrors.sol";
import {ReadingLeaf, SiteView, ZoneView} from "../energy/types/ExchangeTypes.sol";

/// @notice Test contract: exchange, providers, queue and reputation in one, whose facts are set by hand. Stake is real
/// credits; what is cut leaves at once, as from the real contract.
contract JobWorldMock is IJobExchange, IProviders, IEnergyQueueLedger, IJobReputation {
    /// @notice A sample of work was reported.
    event WorkNoted(uint32 site, uint256 contributionPpm, uint256 efficiencyPpm);
    /// @notice An item waits with this much.
    event Queued(bytes32 item, uint16 zone, address requester, uint256 energyWh, uint256 escrowTicks);
    /// @notice Energy was drawn as evidence.
    event Drawn(address meter, uint32 slot, uint256 amountWh);

    /// @notice Nobody may call, as after a role was taken away.
    error Refused(address caller);

    uint256 private constant BASE_UNITS_PER_TICK = 1e9;

    IERC20 private immutable _credit;
    /// @notice Where cut stake goes.
    address public immutable seasonPool;
    /// @notice Verbs of COMPUTE are refused.
    bool public closed;
    uint24 private _price;
    int32 private _scarcity;
    mapping(uint32 slot => int256) private _scarcities;
    mapping(address provider => ProviderView) private _providers;
    mapping(uint32 site => uint256) private _ranks;
    mapping(uint32 site => uint16) private _zones;
    mapping(address meter => mapping(uint32 slot => uint256)) private _used;

    constructor(IERC20 credit, address pool) {
        _credit = credit;
        seasonPool = pool;
    }

    /// @notice Refuse or take the verbs of COMPUTE.
    function setClosed(bool closed_) external {
        closed = closed_;
    }

    /// @notice Set price and scarcity of every slot from now on.
    function setTariff(uint24 price, int32 scarcity) external {
        _price = price;
        _scarcity = scarcity;
    }

    /// @notice Set the scarcity of a slot that is over.
    function setScarcity(uint32 slot, int256 ppm) external {
        _scarcities[slot] = ppm;
    }

    /// @notice Set a site's zone and rank.
    function setSite(uint32 site, uint16 zone, uint256 rank) external {
        _zones[site] = zone;
        _ranks[site] = rank;
    }

    /// @notice Set a provider whose stake this contract holds already.
    function setProvider(address provider, uint32 site, address meter, uint64 stakeTicks) external {
        ProviderView storage held = _providers[provider];
        held.site = site;
        held.meter = meter;
        held.stakeTicks = stakeTicks;
        held.active = true;
    }

    /// @inheritdoc IProviders
    function lockStake(address provider, uint256 amountTicks) external {
        ProviderView storage held = _providers[provider];
        if (held.site == 0) revert UnknownProvider(provider);
        uint256 free = held.stakeTicks - held.lockedTicks;
        if (amountTicks > free) revert StakeTooSmall(provider, amountTicks, free);
        held.lockedTicks += uint64(amountTicks);
    }

    /// @inheritdoc IProviders
    function releaseStake(address provider, uint256 amountTicks) external {
        _unlock(provider, amountTicks);
    }

    /// @inheritdoc IProviders
    function slashStake(address provider, uint256 amountTicks, address rewarded, uint256 rewardTicks) external {
        if (rewardTicks > amountTicks) revert StakeTooSmall(provider, rewardTicks, amountTicks);
        _unlock(provider, amountTicks);
        _providers[provider].stakeTicks -= uint64(amountTicks);
        if (rewardTicks != 0) _credit.transfer(rewarded, rewardTicks * BASE_UNITS_PER_TICK);
        _credit.transfer(seasonPool, (amountTicks - rewardTicks) * BASE_UNITS_PER_TICK);
    }

    /// @inheritdoc IEnergyQueueLedger
    function setQueued(bytes32 item, uint16 zone, address requester, uint256 energyWh, uint256 escrowTicks) external {
        if (closed) revert Refused(msg.sender);
        emit Queued(item, zone, requester, energyWh, escrowTicks);
    }

    /// @notice Add samples of settled work.
    function noteWork(uint32 site, uint256 contributionPpm, uint256 efficiencyPpm) external {
        if (closed) revert Refused(msg.sender);
        emit WorkNoted(site, contributionPpm, efficiencyPpm);
    }

    /// @inheritdoc IJobExchange
    function drawEvidence(ReadingLeaf calldata leaf, bytes32, bytes32[] calldata, uint256 amountWh) external {
        uint256 left = leaf.importWh - _used[leaf.meter][leaf.slot];
        if (amountWh == 0 || amountWh > left) {
            revert IExchangeErrors.EvidenceUsed(leaf.meter, leaf.slot, amountWh, left);
        }
        _used[leaf.meter][leaf.slot] += amountWh;
        emit Drawn(leaf.meter, leaf.slot, amountWh);
    }

    /// @inheritdoc IProviders
    function providerInfo(address provider) external view returns (ProviderView memory) {
        return _providers[provider];
    }

    /// @inheritdoc IProviders
    function freeStake(address provider) external view returns (uint256 ticks) {
        return _providers[provider].stakeTicks - _providers[provider].lockedTicks;
    }

    /// @inheritdoc IJobReputation
    function queueRank(uint32 site) external view returns (uint256 rank) {
        return _ranks[site];
    }

    /// @inheritdoc IJobExchange
    function tariffAt(uint16, uint32) external view returns (uint24 importPrice, uint24 exportPrice, int32 scarcity) {
        return (_price, 0, _scarcity);
    }

    /// @inheritdoc IJobExchange
    function scarcityAt(uint16, uint32 slot) external view returns (int256 ppm) {
        return _scarcities[slot];
    }

    /// @inheritdoc IJobExchange
    function siteInfo(uint32 site) external view returns (SiteView memory view_) {
        view_.zone = _zones[site];
    }

    /// @inheritdoc IJobExchange
    function zoneInfo(uint16 zone) external pure returns (ZoneView memory view_) {
        if (zone == 0) revert IExchangeErrors.BadZone(zone);
        view_.createdSlot = 1;
    }

    function _unlock(address provider, uint256 amountTicks) private {
        if (closed) revert Refused(msg.sender);
        ProviderView storage held = _providers[provider];
        if (amountTicks > held.lockedTicks) revert StakeNotLocked(provider, amountTicks, held.lockedTicks);
        held.lockedTicks -= uint64(amountTicks);
    }
}
