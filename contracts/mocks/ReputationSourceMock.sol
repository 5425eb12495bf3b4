// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {MeterConfig, MeterKind, MeterStatus, SiteView} from "../energy/types/ExchangeTypes.sol";
import {MeterWord} from "../energy/types/MeterWord.sol";
import {IReputationSource} from "../reputation/IReputationSource.sol";

/// @notice An exchange whose facts a test sets at will.
contract ReputationSourceMock is IReputationSource {
    mapping(uint32 site => SiteView) private _sites;
    mapping(address meter => uint256 word) private _words;
    mapping(address meter => MeterConfig) private _configs;

    event TierSet(uint32 indexed site, uint8 tier);

    function setSite(uint32 site, address owner, uint16 faults, address[] calldata meters) external {
        _sites[site].owner = owner;
        _sites[site].faults = faults;
        _sites[site].meters = meters;
    }

    function setMeter(
        address meter,
        uint256 word,
        MeterKind kind,
        MeterStatus status,
        uint32 storageCapacityWh,
        uint24 bestEfficiencyPpm
    ) external {
        _words[meter] = word;
        MeterConfig storage config = _configs[meter];
        config.kind = kind;
        config.status = status;
        config.storageCapacityWh = storageCapacityWh;
        config.bestEfficiencyPpm = bestEfficiencyPpm;
    }

    /// @inheritdoc IReputationSource
    function setTier(uint32 site, uint8 tier) external {
        address[] storage meters = _sites[site].meters;
        uint256 mask = (uint256(0xfff) << 216) | (uint256(7) << 228);
        for (uint256 i = 0; i < meters.length; ++i) {
            _words[meters[i]] = (_words[meters[i]] & ~mask) | (uint256(0x800) << 216) | (uint256(tier) << 228);
        }
        emit TierSet(site, tier);
    }

    /// @inheritdoc IReputationSource
    function meterWord(address meter) external view returns (MeterWord) {
        return MeterWord.wrap(_words[meter]);
    }

    /// @inheritdoc IReputationSource
    function meterConfig(address meter) external view returns (MeterConfig memory) {
        return _configs[meter];
    }

    /// @inheritdoc IReputationSource
    function siteInfo(uint32 site) external view returns (SiteView memory) {
        return _sites[site];
    }
}
