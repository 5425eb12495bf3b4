// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Clock} from "../energy/libraries/Clock.sol";
import {ReadingLeaf} from "../energy/types/ExchangeTypes.sol";
import {Lease, LeaseState, Use} from "./ComputeTypes.sol";
import {CreditMoves} from "./CreditMoves.sol";
import {IComputeMarket} from "./IComputeMarket.sol";
import {LeaseRequests} from "./LeaseRequests.sol";

/// @notice Leases that run: use, pay, objections, pauses and the end.
abstract contract Leases is LeaseRequests {
    using CreditMoves for IERC20;

    /// @notice A slot's use may be reported until this many slots after it; the exchange knows prices for no longer.
    uint256 public constant REPORT_SLOTS = 96;
    /// @notice A use may be objected to for this many slots after its report.
    uint256 public constant OBJECTION_SLOTS = 16;
    /// @notice So many uses may be open to objection: what a provider and a requester can lose to each other is bounded.
    uint256 public constant MAX_OPEN_USES = 16;
    /// @notice A lease without a sign of life may be paused after this many slots.
    uint256 public constant SILENCE_SLOTS = 192;
    /// @notice A paused lease may be closed after this many slots.
    uint256 public constant PAUSE_SLOTS = 672;
    /// @notice A provider's notice takes this many slots.
    uint256 public constant NOTICE_SLOTS = 96;
    /// @dev An objection costs both sides this part of the pay that it withholds.
    uint256 private constant SHARE = 8;
    /// @dev Bit 0 of a leaf's flags.
    uint256 private constant GAP = 1;

    /// @inheritdoc IComputeMarket
    function reportUse(
        uint256 id,
        uint32 acceleratorSeconds,
        uint48 energyWh,
        ReadingLeaf calldata leaf,
        bytes32 root,
        bytes32[] calldata proof
    ) external {
        Lease storage lease = _running(id);
        if (msg.sender != _offers[lease.offer].provider) revert NotEntitled(msg.sender);
        _checkUse(id, lease, acceleratorSeconds, leaf);
        uint256 use = lease.uses;
        uint64 pay = _pay(lease, acceleratorSeconds);
        _uses[id][use] = Use(pay, acceleratorSeconds, energyWh, uint24(leaf.slot), uint40(block.timestamp));
        lease.uses = uint24(use + 1);
        lease.escrowTicks -= pay;
        lease.lastUseSlot = uint24(leaf.slot);
        lease.activeSlot = _slotNow();
        emit UseReported(id, use, leaf.slot, acceleratorSeconds, energyWh, pay, lease.escrowTicks);
        if (lease.state == LeaseState.Active && lease.escrowTicks < lease.price) _pause(id, lease, true);
        exchange.drawEvidence(leaf, root, proof, energyWh);
    }

    /// @inheritdoc IComputeMarket
    function acceptUse(uint256 id) external {
        Lease storage lease = _asRequester(id);
        lease.acceptedUses = lease.uses;
        emit UseAccepted(id, lease.uses);
    }

    /// @inheritdoc IComputeMarket
    function refuseUse(uint256 id, uint256 fromUse) external {
        Lease storage lease = _asRequester(id);
        if (fromUse >= lease.uses || !_isOpen(id, lease, fromUse)) revert UseSettled(id, fromUse);
        uint256 pay = 0;
        for (uint256 use = fromUse; use < lease.uses; ++use) pay += _uses[id][use].payTicks;
        uint64 fromEscrow = uint64(Math.min(pay / SHARE, lease.escrowTicks));
        uint64 fromStake = uint64(Math.min(pay / SHARE, lease.stakeTicks));
        lease.uses = uint24(fromUse);
        lease.acceptedUses = uint24(fromUse);
        lease.escrowTicks -= fromEscrow;
        lease.stakeTicks -= fromStake;
        lease.endSlot = uint24(Math.min(lease.endSlot, _slotNow()));
        emit UseRefused(id, fromUse, pay, fromEscrow, fromStake, lease.endSlot);
        if (fromStake != 0) providers.slashStake(_offers[lease.offer].provider, fromStake, address(0), 0);
        credit.push(seasonPool, pay + fromEscrow);
    }

    /// @inheritdoc IComputeMarket
    function claimPay(uint256 id, uint256 most) external returns (uint256 ticks) {
        Lease storage lease = _leases[id];
        if (lease.state == LeaseState.None) revert WrongLeaseState(id, uint8(lease.state));
        uint256 use = lease.settledUses;
        uint256 last = Math.min(lease.uses, use + Math.min(most, type(uint24).max));
        for (; use < last && !_isOpen(id, lease, use); ++use) ticks += _uses[id][use].payTicks;
        if (use == lease.settledUses) revert NothingToClaim(id);
        lease.settledUses = uint24(use);
        address provider = _offers[lease.offer].provider;
        _credit(provider, ticks);
        emit PayClaimed(id, provider, ticks, use);
    }

    /// @inheritdoc IComputeMarket
    function topUp(uint256 id, uint256 amountTicks) external {
        Lease storage lease = _running(id);
        if (_slotNow() > lease.endSlot) revert WrongLeaseState(id, uint8(lease.state));
        bool dry = lease.escrowTicks < lease.price;
        lease.escrowTicks = CreditMoves.plus(lease.escrowTicks, amountTicks);
        emit EscrowToppedUp(id, msg.sender, amountTicks, lease.escrowTicks);
        if (dry && lease.state == LeaseState.Paused && lease.escrowTicks >= lease.price) _resume(id, lease);
        credit.pull(msg.sender, amountTicks);
    }

    /// @inheritdoc IComputeMarket
    function pauseLease(uint256 id) external {
        Lease storage lease = _running(id);
        uint256 slot = _slotNow();
        if (lease.state != LeaseState.Active || slot > lease.endSlot) revert WrongLeaseState(id, uint8(lease.state));
        uint256 from = lease.activeSlot + SILENCE_SLOTS;
        if (slot < from) revert TooSoon(id, from);
        _pause(id, lease, false);
    }

    /// @inheritdoc IComputeMarket
    function resumeLease(uint256 id) external {
        Lease storage lease = _running(id);
        if (msg.sender != lease.requester && msg.sender != _offers[lease.offer].provider) {
            revert NotEntitled(msg.sender);
        }
        if (lease.state != LeaseState.Paused || _slotNow() > lease.endSlot) {
            revert WrongLeaseState(id, uint8(lease.state));
        }
        if (lease.escrowTicks < lease.price) revert EscrowEmpty(id);
        _resume(id, lease);
    }

    /// @inheritdoc IComputeMarket
    function giveNotice(uint256 id) external {
        Lease storage lease = _running(id);
        bool requester = msg.sender == lease.requester;
        if (!requester && msg.sender != _offers[lease.offer].provider) revert NotEntitled(msg.sender);
        uint256 end = requester ? _slotNow() : _slotNow() + NOTICE_SLOTS;
        if (end < lease.endSlot) lease.endSlot = uint24(end);
        emit NoticeGiven(id, msg.sender, lease.endSlot);
    }

    /// @inheritdoc IComputeMarket
    function closeLease(uint256 id) external {
        Lease storage lease = _running(id);
        _requireOver(id, lease);
        uint256 refund = lease.escrowTicks;
        uint256 stake = lease.stakeTicks;
        lease.state = LeaseState.Closed;
        lease.escrowTicks = 0;
        lease.stakeTicks = 0;
        _offers[lease.offer].leasedAccelerators -= lease.accelerators;
        _credit(lease.requester, refund);
        emit LeaseClosed(id, lease.requester, refund);
        providers.releaseStake(_offers[lease.offer].provider, stake);
    }

    function _checkUse(
        uint256 id,
        Lease storage lease,
        uint256 acceleratorSeconds,
        ReadingLeaf calldata leaf
    ) private view {
        uint256 slot = _slotNow();
        uint256 first = Math.max(Math.max(lease.firstSlot, uint256(lease.lastUseSlot) + 1), slot - REPORT_SLOTS);
        uint256 last = Math.min(lease.endSlot, slot - 1);
        if (lease.state == LeaseState.Paused) last = Math.min(last, uint256(lease.pausedSlot) - 1);
        if (leaf.slot < first || leaf.slot > last) revert UseOutOfRange(id, leaf.slot, first, last);
        uint256 most = lease.accelerators * Clock.SLOT_SECONDS;
        if (acceleratorSeconds == 0 || acceleratorSeconds > most) revert UseTooLarge(id, acceleratorSeconds, most);
        if (lease.escrowTicks < lease.price) revert EscrowEmpty(id);
        if (lease.uses >= MAX_OPEN_USES && _isOpen(id, lease, lease.uses - MAX_OPEN_USES)) revert TooManyOpenUses(id);
        if (leaf.meter != providers.meterOf(msg.sender) || leaf.zone != lease.zone) {
            revert ForeignReading(leaf.meter, leaf.zone);
        }
        if (leaf.flags & GAP != 0) revert GapReading(leaf.meter, leaf.slot);
        (uint24 importPrice, , int32 scarcityPpm) = exchange.tariffAt(lease.zone, leaf.slot);
        if (!_meets(lease, importPrice, scarcityPpm)) revert PolicyNotMet(id, leaf.slot, importPrice, scarcityPpm);
    }

    /// @dev Pay of a slot; where the escrow ends within it, of the accelerator-seconds that it still pays for.
    function _pay(Lease storage lease, uint256 acceleratorSeconds) private view returns (uint64) {
        return uint64(Math.min(acceleratorSeconds, lease.escrowTicks / lease.price) * lease.price);
    }

    /// @dev Whether a use can still be objected to. Reports come in order of time, so it can of all after it.
    function _isOpen(uint256 id, Lease storage lease, uint256 use) private view returns (bool) {
        if (use < lease.acceptedUses) return false;
        return block.timestamp < uint256(_uses[id][use].time) + OBJECTION_SLOTS * Clock.SLOT_SECONDS;
    }

    function _asRequester(uint256 id) private view returns (Lease storage lease) {
        lease = _running(id);
        if (msg.sender != lease.requester) revert NotEntitled(msg.sender);
    }

    function _pause(uint256 id, Lease storage lease, bool dry) private {
        lease.state = LeaseState.Paused;
        lease.pausedSlot = _slotNow();
        emit LeasePaused(id, lease.pausedSlot, dry);
    }

    /// @dev Slots of the pause are never paid, nor those before it that were not reported: the requester was not told.
    function _resume(uint256 id, Lease storage lease) private {
        lease.state = LeaseState.Active;
        lease.firstSlot = _slotNow();
        lease.activeSlot = lease.firstSlot;
        emit LeaseResumed(id, lease.firstSlot);
    }

    /// @dev By the time that anybody may close it, no use of a lease can be reported or objected to any more.
    function _requireOver(uint256 id, Lease storage lease) private view {
        uint256 slot = _slotNow();
        uint256 from = lease.endSlot + REPORT_SLOTS + OBJECTION_SLOTS + 1;
        if (lease.state == LeaseState.Paused) from = Math.min(from, lease.pausedSlot + PAUSE_SLOTS);
        if (slot >= from) return;
        bool waived =
            msg.sender == _offers[lease.offer].provider &&
                slot > lease.endSlot &&
                (lease.uses == 0 || !_isOpen(id, lease, lease.uses - 1));
        if (!waived) revert TooSoon(id, from);
    }
}
