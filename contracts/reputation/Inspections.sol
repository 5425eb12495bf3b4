// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Clock} from "../energy/libraries/Clock.sol";
import {MeterConfig, MeterKind, MeterStatus} from "../energy/types/ExchangeTypes.sol";
import {IInspectionExchange} from "./IInspectionExchange.sol";
import {Finding, FindingStage, IInspections} from "./IInspections.sol";

/// @title Inspections
/// @notice What inspectors find at meters of flagged slots, and what comes of it. See `IInspections`.
/// @dev The contract may call one restricted function, `suspendMeter`, and holds nothing: no judgement reaches money.
contract Inspections is AccessManaged, IInspections {
    /// @notice How long an owner may appeal: two days.
    uint256 public constant APPEAL_SLOTS = 192;
    /// @notice How long governance may decide: a week, several times what a vote takes.
    uint256 public constant DECISION_SLOTS = 672;

    /// @notice The exchange whose meters are inspected.
    IInspectionExchange public immutable exchange;

    /// @inheritdoc IInspections
    mapping(address meter => mapping(uint32 slot => uint256 finding)) public findingOf;
    /// @inheritdoc IInspections
    uint256 public findingCount;
    mapping(uint256 finding => Finding) private _findings;
    mapping(address meter => uint256 finding) private _newest;

    /// @param authority_ The access manager.
    constructor(IInspectionExchange exchange_, address authority_) AccessManaged(authority_) {
        exchange = exchange_;
    }

    /// @inheritdoc IInspections
    function report(
        uint16 zone,
        uint32 slot,
        address meter,
        bytes32 evidenceHash
    ) external restricted returns (uint256 finding) {
        if (evidenceHash == 0) revert BadParameter("evidenceHash", 0);
        // Flags lie in a ring: that of an older slot must not pass for the flag of one that is not closed yet.
        bool closed = slot <= exchange.zoneInfo(zone).closedThrough;
        if (!closed || !exchange.isFlagged(zone, slot)) revert NotUnderInspection(zone, slot);
        MeterConfig memory config = exchange.meterConfig(meter);
        bool inUse = config.status == MeterStatus.Active || config.status == MeterStatus.Suspended;
        if (!inUse || config.kind == MeterKind.Feeder || exchange.siteInfo(config.site).zone != zone) {
            revert NotInspectable(meter, zone);
        }
        uint256 known = findingOf[meter][slot];
        if (known == 0 && !_isFinal(_findings[_newest[meter]].stage)) known = _newest[meter];
        if (known != 0) revert AlreadyReported(meter, slot, known);

        finding = ++findingCount;
        findingOf[meter][slot] = finding;
        _newest[meter] = finding;
        uint24 throughSlot = uint24(Clock.slotNow() + APPEAL_SLOTS);
        _findings[finding] = Finding({
            meter: meter,
            site: config.site,
            slot: uint24(slot),
            throughSlot: throughSlot,
            stage: FindingStage.Reported,
            evidenceHash: evidenceHash,
            statementHash: 0
        });
        emit FindingReported(finding, meter, config.site, slot, evidenceHash, throughSlot, msg.sender);
    }

    /// @inheritdoc IInspections
    function withdraw(uint256 finding) external restricted {
        Finding storage found = _findings[finding];
        if (_isFinal(found.stage)) revert WrongFindingStage(finding, uint8(found.stage));
        _dismiss(finding, found);
    }

    /// @inheritdoc IInspections
    function appeal(uint256 finding, bytes32 statementHash) external {
        Finding storage found = _at(finding, FindingStage.Reported);
        if (msg.sender != exchange.siteInfo(found.site).owner) revert NotEntitled(msg.sender);
        if (Clock.slotNow() > found.throughSlot) revert WindowOver(finding, found.throughSlot);
        found.stage = FindingStage.Appealed;
        found.statementHash = statementHash;
        found.throughSlot = uint24(Clock.slotNow() + DECISION_SLOTS);
        emit FindingAppealed(finding, msg.sender, statementHash, found.throughSlot);
    }

    /// @inheritdoc IInspections
    function decide(uint256 finding, bool upheld) external restricted {
        Finding storage found = _at(finding, FindingStage.Appealed);
        if (Clock.slotNow() > found.throughSlot) revert WindowOver(finding, found.throughSlot);
        if (upheld) _uphold(finding, found);
        else _dismiss(finding, found);
    }

    /// @inheritdoc IInspections
    function conclude(uint256 finding) external {
        Finding storage found = _findings[finding];
        FindingStage stage = found.stage;
        if (_isFinal(stage)) revert WrongFindingStage(finding, uint8(stage));
        if (Clock.slotNow() <= found.throughSlot) revert WindowOpen(finding, found.throughSlot);
        if (stage == FindingStage.Reported) _uphold(finding, found);
        else _dismiss(finding, found);
    }

    /// @inheritdoc IInspections
    function findingInfo(uint256 finding) external view returns (Finding memory) {
        return _findings[finding];
    }

    function _uphold(uint256 finding, Finding storage found) private {
        found.stage = FindingStage.Upheld;
        address meter = found.meter;
        // Whoever suspended or retired the meter meanwhile must not keep the finding from becoming final.
        bool suspends = exchange.meterConfig(meter).status == MeterStatus.Active;
        emit FindingUpheld(finding, meter, suspends);
        if (suspends) exchange.suspendMeter(meter);
    }

    function _dismiss(uint256 finding, Finding storage found) private {
        found.stage = FindingStage.Dismissed;
        emit FindingDismissed(finding, found.meter);
    }

    function _at(uint256 finding, FindingStage stage) private view returns (Finding storage found) {
        found = _findings[finding];
        if (found.stage != stage) revert WrongFindingStage(finding, uint8(found.stage));
    }

    /// @dev Nothing can happen to a finding that does not exist, which counts as final too.
    function _isFinal(FindingStage stage) private pure returns (bool) {
        return stage != FindingStage.Reported && stage != FindingStage.Appealed;
    }
}
