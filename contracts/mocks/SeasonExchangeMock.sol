// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {IExchangeErrors} from "../energy/interfaces/IExchangeErrors.sol";
import {ReadingTree} from "../energy/libraries/ReadingTree.sol";
import {MeterConfig, ReadingLeaf, SiteView, ZoneView} from "../energy/types/ExchangeTypes.sol";
import {MeterWord} from "../energy/types/MeterWord.sol";
import {IFlexibilityLedger} from "../reputation/IFlexibilityLedger.sol";
import {ISeasonExchange} from "../reputation/ISeasonExchange.sol";

/// @notice Test contract: an exchange whose facts are set by hand, so that seasons of any length are tested in seconds.
/// Proofs are checked as the exchange checks them. It also stands for the reputation contract.
contract SeasonExchangeMock is ISeasonExchange, IFlexibilityLedger {
    /// @notice Flexible energy was reported.
    event Noted(uint32 site, uint256 energyWh);

    mapping(address meter => uint256) private _words;
    mapping(address meter => MeterConfig) private _configs;
    mapping(uint256 site => SiteView) private _sites;
    mapping(uint256 zone => ZoneView) private _zones;
    mapping(uint256 zone => mapping(uint256 slot => int256)) private _scarcity;
    mapping(bytes32 root => bool) private _roots;

    /// @notice Set a meter's word.
    function setWord(address meter, uint256 word) external {
        _words[meter] = word;
    }

    /// @notice Set the registers that a meter was registered with.
    function setFirst(address meter, uint40 importWh, uint40 exportWh) external {
        _configs[meter].firstImportWh = importWh;
        _configs[meter].firstExportWh = exportWh;
    }

    /// @notice Set a site.
    function setSite(uint32 site, address owner, uint16 zone, address[] calldata meters) external {
        _sites[site].owner = owner;
        _sites[site].zone = zone;
        _sites[site].meters = meters;
    }

    /// @notice Set what a zone charges for an imported Wh now, and from a later slot if that is not 0.
    function setCharges(uint16 zone, uint24 local, uint24 levy, uint24 nextFrom, uint24 nextLocal) external {
        ZoneView storage z = _zones[zone];
        z.createdSlot = 1;
        z.terms.networkLocalPrice = local;
        z.terms.levyPrice = levy;
        z.nextTerms.fromSlot = nextFrom;
        z.nextTerms.networkLocalPrice = nextLocal;
    }

    /// @notice Publish a scarcity.
    function setScarcity(uint16 zone, uint32 slot, int256 ppm) external {
        _scarcity[zone][slot] = ppm;
    }

    /// @notice Take a batch's root as settled.
    function setRoot(bytes32 root) external {
        _roots[root] = true;
    }

    /// @inheritdoc IFlexibilityLedger
    function noteFlexible(uint32 site, uint256 energyWh) external {
        emit Noted(site, energyWh);
    }

    /// @inheritdoc ISeasonExchange
    function meterWord(address meter) external view returns (MeterWord) {
        return MeterWord.wrap(_words[meter]);
    }

    /// @inheritdoc ISeasonExchange
    function meterConfig(address meter) external view returns (MeterConfig memory) {
        return _configs[meter];
    }

    /// @inheritdoc ISeasonExchange
    function siteInfo(uint32 site) external view returns (SiteView memory) {
        return _sites[site];
    }

    /// @inheritdoc ISeasonExchange
    function zoneInfo(uint16 zone) external view returns (ZoneView memory) {
        if (_zones[zone].createdSlot == 0) revert IExchangeErrors.BadZone(zone);
        return _zones[zone];
    }

    /// @inheritdoc ISeasonExchange
    function verifyReading(
        ReadingLeaf calldata leaf,
        bytes32 root,
        bytes32[] calldata proof
    ) external view returns (bytes32 hash) {
        hash = ReadingTree.leaf(leaf.meter, leaf.zone, leaf.slot, leaf.importWh, leaf.exportWh, leaf.flags);
        if (!_roots[root] || !MerkleProof.verifyCalldata(proof, root, hash)) {
            revert IExchangeErrors.UnprovenReading(hash, root);
        }
    }

    /// @inheritdoc ISeasonExchange
    function scarcityAt(uint16 zone, uint32 slot) external view returns (int256 ppm) {
        return _scarcity[zone][slot];
    }
}
