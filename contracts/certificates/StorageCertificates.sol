// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {EnergySource, MeterConfig, MeterKind, ReadingLeaf} from "../energy/types/ExchangeTypes.sol";
import {MeterWord, MeterWordLib} from "../energy/types/MeterWord.sol";
import {CertificateId} from "./CertificateId.sol";
import {CertificateIssue} from "./CertificateIssue.sol";
import {MatchPolicy, StoredEnergy} from "./CertificateTypes.sol";
import {IEnergyCertificates} from "./IEnergyCertificates.sol";

/// @notice Storage with a meter of its own: charging cancels certificates, discharging re-issues them less the losses.
abstract contract StorageCertificates is CertificateIssue {
    using MeterWordLib for MeterWord;

    uint256 private constant PPM = 1_000_000;

    mapping(address meter => StoredEnergy) private _stored;

    /// @inheritdoc IEnergyCertificates
    function charge(
        ReadingLeaf calldata leaf,
        bytes32 root,
        bytes32[] calldata proof,
        uint256 id,
        uint256 amountWh,
        MatchPolicy policy
    ) external {
        MeterConfig memory config = _storageConfig(leaf.meter);
        address owner = _ownerActing(config);
        _requireFinal(leaf, config);
        _requireMatch(id, leaf.zone, leaf.slot, policy);
        StoredEnergy storage stored = _stored[leaf.meter];
        // Several lots may have gone into the device in one slot.
        if (leaf.slot < stored.throughSlot) revert OutOfOrder(leaf.meter, leaf.slot, stored.throughSlot);
        _retire(owner, id, amountWh);
        exchange.drawEvidence(leaf, root, proof, amountWh);
        stored.throughSlot = leaf.slot;
        stored.chargedWh += uint64(amountWh);
        emit StorageCharged(leaf.meter, leaf.slot, id, owner, amountWh, stored.chargedWh);
    }

    /// @inheritdoc IEnergyCertificates
    function discharge(
        ReadingLeaf calldata leaf,
        bytes32 root,
        bytes32[] calldata proof
    ) external returns (uint256 amountWh) {
        MeterConfig memory config = _storageConfig(leaf.meter);
        address owner = _ownerActing(config);
        uint256 exportedWh = _certifiable(leaf, config);
        StoredEnergy storage stored = _stored[leaf.meter];
        if (leaf.slot <= stored.throughSlot) revert OutOfOrder(leaf.meter, leaf.slot, stored.throughSlot);
        uint256 efficiencyPpm = _efficiency(leaf.meter, config);
        // Of all that was charged, what came back; so energy that is still inside is issued once it comes, not lost.
        uint256 dueWh = Math.saturatingSub((stored.chargedWh * efficiencyPpm) / PPM, stored.issuedWh);
        amountWh = Math.min(exportedWh, dueWh);
        if (amountWh == 0) revert NothingToIssue(leaf.meter, leaf.slot);
        exchange.certifyExport(leaf, root, proof);
        stored.issuedWh += uint64(amountWh);
        stored.throughSlot = leaf.slot;
        uint256 id = CertificateId.encode(leaf.zone, leaf.slot, EnergySource.Storage);
        emit StorageDischarged(leaf.meter, leaf.slot, owner, amountWh, stored.issuedWh, efficiencyPpm);
        _issue(owner, id, amountWh);
    }

    /// @inheritdoc IEnergyCertificates
    function storedIn(address meter) external view returns (StoredEnergy memory) {
        return _stored[meter];
    }

    function _storageConfig(address meter) private view returns (MeterConfig memory config) {
        config = exchange.meterConfig(meter);
        if (config.kind != MeterKind.Storage) revert NotCertifiable(meter);
    }

    /// @dev What the device gave of what it took since it was put in. What is in it now lowers the figure; what was in it at
    /// first would raise it, which its registered best bounds.
    function _efficiency(address meter, MeterConfig memory config) private view returns (uint256 ppm) {
        MeterWord word = exchange.meterWord(meter);
        uint256 tookWh = word.importWh() - config.firstImportWh;
        if (tookWh == 0) return 0;
        return Math.min(((word.exportWh() - config.firstExportWh) * PPM) / tookWh, config.bestEfficiencyPpm);
    }
}
