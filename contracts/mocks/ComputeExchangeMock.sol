// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IComputeExchange} from "../compute/IComputeExchange.sol";
import {IQueueRank} from "../compute/IQueueRank.sol";
import {IExchangeErrors} from "../energy/interfaces/IExchangeErrors.sol";
import {MeterConfig, MeterKind, MeterStatus, ReadingLeaf, SiteView, ZoneView} from "../energy/types/ExchangeTypes.sol";

/// @notice Test contract: exchange and reputation in one, as the compute market sees them, whose facts are set by hand.
contract ComputeExchangeMock is IComputeExchange, IQueueRank {
    mapping(uint32 site => SiteView) private _sites;
    mapping(uint32 site => uint256) private _ranks;
    mapping(address meter => MeterConfig) private _meters;
    mapping(uint16 zone => ZoneView) private _zones;
    mapping(uint16 zone => int32) private _scarcities;
    mapping(uint16 zone => uint24) private _prices;
    mapping(address meter => mapping(uint32 slot => uint256)) private _used;

    /// @notice Set a site and its rank.
    function setSite(uint32 site, address owner, uint16 zone, uint256 rank) external {
        _sites[site].owner = owner;
        _sites[site].zone = zone;
        _ranks[site] = rank;
    }

    /// @notice Set a meter that takes energy.
    function setMeter(address meter, uint32 site, MeterStatus status) external {
        _meters[meter].kind = MeterKind.Consumer;
        _meters[meter].site = site;
        _meters[meter].status = status;
    }

    /// @notice Set a zone's rated energy, and price and scarcity of all of its slots.
    function setZone(uint16 zone, uint40 ratedWh, uint24 importPrice, int32 scarcityPpm) external {
        _zones[zone].createdSlot = 1;
        _zones[zone].ratedWh = ratedWh;
        _prices[zone] = importPrice;
        _scarcities[zone] = scarcityPpm;
    }

    /// @inheritdoc IComputeExchange
    /// @dev Every reading is taken for proven.
    function drawEvidence(ReadingLeaf calldata leaf, bytes32, bytes32[] calldata, uint256 amountWh) external {
        uint256 left = leaf.importWh - _used[leaf.meter][leaf.slot];
        if (amountWh == 0 || amountWh > left) {
            revert IExchangeErrors.EvidenceUsed(leaf.meter, leaf.slot, amountWh, left);
        }
        _used[leaf.meter][leaf.slot] += amountWh;
    }

    /// @inheritdoc IComputeExchange
    function meterConfig(address meter) external view returns (MeterConfig memory) {
        return _meters[meter];
    }

    /// @inheritdoc IComputeExchange
    function siteInfo(uint32 site) external view returns (SiteView memory) {
        return _sites[site];
    }

    /// @inheritdoc IComputeExchange
    function zoneInfo(uint16 zone) external view returns (ZoneView memory) {
        if (_zones[zone].createdSlot == 0) revert IExchangeErrors.BadZone(zone);
        return _zones[zone];
    }

    /// @inheritdoc IComputeExchange
    function tariffAt(
        uint16 zone,
        uint32
    ) external view returns (uint24 importPrice, uint24 exportPrice, int32 scarcityPpm) {
        return (_prices[zone], 0, _scarcities[zone]);
    }

    /// @inheritdoc IQueueRank
    function queueRank(uint32 site) external view returns (uint256 rank) {
        return _ranks[site];
    }
}
