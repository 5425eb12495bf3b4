// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC6909} from "@openzeppelin/contracts/token/ERC6909/ERC6909.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {Clock} from "../energy/libraries/Clock.sol";
import {EnergySource} from "../energy/types/ExchangeTypes.sol";
import {CertificateId} from "./CertificateId.sol";
import {Lot, MatchPolicy} from "./CertificateTypes.sol";
import {IEnergyCertificates} from "./IEnergyCertificates.sol";

/// @notice The token: what exists, how long it lives, when it stands still, and what production is near to what consumption.
abstract contract CertificateToken is ERC6909, AccessManaged, IEnergyCertificates {
    using Checkpoints for Checkpoints.Trace224;

    /// @notice Bounds of the lifetime: 30 days and two years.
    uint32 public constant MIN_LIFETIME_SLOTS = 2_880;
    uint32 public constant MAX_LIFETIME_SLOTS = 70_080;
    /// @notice An inspector's suspension lasts as long as a finding may take to become final: nine days.
    uint32 public constant INSPECTION_SUSPENSION_SLOTS = 864;
    /// @notice Governance suspends for at most 30 days at a time, so that it cannot take certificates away unseen.
    uint32 public constant MAX_SUSPENSION_SLOTS = 2_880;
    /// @notice The longest purpose of a cancellation, bytes.
    uint256 public constant MAX_PURPOSE_BYTES = 256;
    uint256 private constant SLOTS_PER_HOUR = 4;

    mapping(uint256 id => Lot) private _lots;
    Checkpoints.Trace224 private _lifetimes;
    /// @inheritdoc IEnergyCertificates
    mapping(uint16 zone => mapping(uint16 neighbour => bool)) public isNeighbour;

    constructor(uint32 lifetimeSlots) {
        _pushLifetime(0, lifetimeSlots);
    }

    /// @inheritdoc IEnergyCertificates
    function suspend(uint256 id) external restricted {
        Lot storage lot = _issuedLot(id);
        if (lot.inspected) revert SuspendedBefore(id);
        lot.inspected = true;
        _suspend(id, lot, uint32(Clock.slotNow()) + INSPECTION_SUSPENSION_SLOTS);
    }

    /// @inheritdoc IEnergyCertificates
    function setSuspension(uint256 id, uint32 throughSlot) external restricted {
        if (throughSlot > Clock.slotNow() + MAX_SUSPENSION_SLOTS) revert BadParameter("throughSlot", throughSlot);
        _suspend(id, _issuedLot(id), throughSlot);
    }

    /// @inheritdoc IEnergyCertificates
    function setLifetime(uint32 lifetimeSlots) external restricted {
        _pushLifetime(uint32(Clock.slotNow()) + 1, lifetimeSlots);
    }

    /// @inheritdoc IEnergyCertificates
    function setNeighbour(uint16 zone, uint16 neighbour, bool allowed) external restricted {
        if (zone == neighbour) revert BadParameter("neighbour", neighbour);
        isNeighbour[zone][neighbour] = allowed;
        emit NeighbourSet(zone, neighbour, allowed);
    }

    /// @inheritdoc IEnergyCertificates
    function lotInfo(uint256 id) external view returns (Lot memory) {
        return _lots[id];
    }

    /// @inheritdoc IEnergyCertificates
    function encode(uint16 zone, uint32 slot, uint8 source) external pure returns (uint256 id) {
        return CertificateId.encode(zone, slot, EnergySource(source));
    }

    /// @inheritdoc IEnergyCertificates
    function decode(uint256 id) external pure returns (uint16 zone, uint32 slot, uint8 source) {
        return (CertificateId.zoneOf(id), CertificateId.slotOf(id), uint8(CertificateId.sourceOf(id)));
    }

    /// @inheritdoc IEnergyCertificates
    function expiresAfter(uint256 id) public view returns (uint256 slot) {
        slot = CertificateId.slotOf(id);
        return slot + _lifetimes.upperLookupRecent(uint32(slot));
    }

    /// @dev Whoever issues is entitled to the energy; the amount comes from one reading, so sums fit.
    function _issue(address to, uint256 id, uint256 amountWh) internal {
        _lots[id].issuedWh += uint64(amountWh);
        _mint(to, id, amountWh);
    }

    /// @dev Take certificates of `holder` out of the world, on its own word, its operator's or within its allowance.
    function _retire(address holder, uint256 id, uint256 amountWh) internal {
        if (amountWh == 0) revert BadParameter("amountWh", 0);
        if (!_actsFor(holder)) _spendAllowance(holder, msg.sender, id, amountWh);
        _burn(holder, id, amountWh);
        // What was burned had been issued.
        _lots[id].cancelledWh += uint64(amountWh);
    }

    /// @dev Nothing that is expired or suspended moves, comes to be or ends.
    function _update(address from, address to, uint256 id, uint256 amount) internal override {
        uint256 now_ = Clock.slotNow();
        uint256 through = expiresAfter(id);
        if (now_ > through) revert CertificateExpired(id, through);
        through = _lots[id].suspendedThrough;
        if (from != address(0) && now_ <= through) revert CertificateSuspended(id, through);
        super._update(from, to, id, amount);
    }

    function _actsFor(address account) internal view returns (bool) {
        return msg.sender == account || isOperator(account, msg.sender);
    }

    /// @dev Whether production of `id` is near enough to consumption of a zone and slot.
    function _requireMatch(uint256 id, uint16 zone, uint32 slot, MatchPolicy policy) internal view {
        uint16 from = CertificateId.zoneOf(id);
        uint32 made = CertificateId.slotOf(id);
        bool near = from == zone || (policy == MatchPolicy.Neighbour && isNeighbour[zone][from]);
        bool together = policy == MatchPolicy.Slot ? made == slot : made / SLOTS_PER_HOUR == slot / SLOTS_PER_HOUR;
        if (!near || !together) revert NoMatch(id, zone, slot, uint8(policy));
    }

    function _issuedLot(uint256 id) private view returns (Lot storage lot) {
        lot = _lots[id];
        if (lot.issuedWh == 0) revert BadParameter("id", id);
    }

    function _suspend(uint256 id, Lot storage lot, uint32 throughSlot) private {
        lot.suspendedThrough = throughSlot;
        emit CertificatesSuspended(id, throughSlot, msg.sender);
    }

    function _pushLifetime(uint32 fromSlot, uint32 lifetimeSlots) private {
        if (lifetimeSlots < MIN_LIFETIME_SLOTS || lifetimeSlots > MAX_LIFETIME_SLOTS) {
            revert BadParameter("lifetimeSlots", lifetimeSlots);
        }
        _lifetimes.push(fromSlot, lifetimeSlots);
        emit LifetimeSet(fromSlot, lifetimeSlots);
    }
}
