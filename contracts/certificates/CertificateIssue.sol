// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {EnergySource, MeterConfig, MeterKind, MeterStatus, ReadingLeaf} from "../energy/types/ExchangeTypes.sol";
import {FindingStage} from "../reputation/IInspections.sol";
import {CertificateId} from "./CertificateId.sol";
import {CertificateToken} from "./CertificateToken.sol";
import {ICertificateExchange, ICertificateInspections} from "./ICertificateSources.sol";
import {IEnergyCertificates} from "./IEnergyCertificates.sol";

/// @notice From a proved reading to certificates of one source.
abstract contract CertificateIssue is CertificateToken {
    /// @dev Bit 0 of a leaf's flags.
    uint256 private constant GAP = 1;

    /// @notice The exchange whose readings are certified.
    ICertificateExchange public immutable exchange;
    /// @notice Whose findings withhold certificates.
    ICertificateInspections public immutable inspections;

    constructor(ICertificateExchange exchange_, ICertificateInspections inspections_) {
        exchange = exchange_;
        inspections = inspections_;
    }

    /// @inheritdoc IEnergyCertificates
    function issue(
        ReadingLeaf calldata leaf,
        bytes32 root,
        bytes32[] calldata proof
    ) external returns (uint256 amountWh) {
        MeterConfig memory config = exchange.meterConfig(leaf.meter);
        bool oneSource = config.source != EnergySource.None && config.source != EnergySource.Storage;
        if (config.kind != MeterKind.Producer || !oneSource) revert NotCertifiable(leaf.meter);
        address owner = _ownerActing(config);
        amountWh = _certifiable(leaf, config);
        exchange.certifyExport(leaf, root, proof);
        uint256 id = CertificateId.encode(leaf.zone, leaf.slot, config.source);
        emit CertificatesIssued(id, leaf.meter, owner, amountWh);
        _issue(owner, id, amountWh);
    }

    /// @dev The owner of a meter's site, if the caller acts for it.
    function _ownerActing(MeterConfig memory config) internal view returns (address owner) {
        owner = exchange.siteInfo(config.site).owner;
        if (!_actsFor(owner)) revert NotEntitled(msg.sender);
    }

    /// @dev What a reading exported on balance, once nothing can be said against it any more.
    function _certifiable(ReadingLeaf calldata leaf, MeterConfig memory config) internal view returns (uint256) {
        _requireFinal(leaf, config);
        if (leaf.exportWh <= leaf.importWh) revert NothingToIssue(leaf.meter, leaf.slot);
        return leaf.exportWh - leaf.importWh;
    }

    /// @dev No gap, the slot closed, no flag on it, the meter neither suspended nor found at fault.
    function _requireFinal(ReadingLeaf calldata leaf, MeterConfig memory config) internal view {
        _requireNoGap(leaf);
        bool closed = leaf.slot <= exchange.zoneInfo(leaf.zone).closedThrough;
        if (!closed || exchange.isFlagged(leaf.zone, leaf.slot)) revert SlotNotFinal(leaf.zone, leaf.slot);
        if (config.status == MeterStatus.Suspended) revert MeterWithheld(leaf.meter, leaf.slot, 0);
        uint256 finding = inspections.findingOf(leaf.meter, leaf.slot);
        if (finding != 0 && inspections.findingInfo(finding).stage != FindingStage.Dismissed) {
            revert MeterWithheld(leaf.meter, leaf.slot, finding);
        }
    }

    function _requireNoGap(ReadingLeaf calldata leaf) internal pure {
        if (leaf.flags & GAP != 0) revert GapReading(leaf.meter, leaf.slot);
    }
}
