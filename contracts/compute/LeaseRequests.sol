// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Lease, LeaseRequest, LeaseState, Offer} from "./ComputeTypes.sol";
import {CreditMoves} from "./CreditMoves.sol";
import {IComputeMarket} from "./IComputeMarket.sol";
import {IEnergyQueueLedger} from "./IEnergyQueueLedger.sol";
import {IQueueRank} from "./IQueueRank.sol";
import {Offers} from "./Offers.sol";

/// @notice Requests that wait for an offer's capacity, and their order.
abstract contract LeaseRequests is Offers {
    using CreditMoves for IERC20;

    /// @notice So many requests wait for one offer.
    uint256 public constant MAX_WAITING = 16;
    uint256 private constant MAX_WAIT_SLOTS = 192;
    uint256 private constant MAX_LEASE_SLOTS = 2_688;
    uint256 private constant HOUR_SECONDS = 3_600;

    /// @notice Who ranks sites.
    IQueueRank public immutable reputation;
    /// @notice Where waiting requests queue their energy.
    IEnergyQueueLedger public immutable energyQueue;

    constructor(IQueueRank reputation_, IEnergyQueueLedger energyQueue_) {
        reputation = reputation_;
        energyQueue = energyQueue_;
    }

    /// @inheritdoc IComputeMarket
    function requestLease(LeaseRequest calldata request) external returns (uint256 id) {
        Offer storage terms = _openOffer(request.offer);
        uint16 zone = exchange.siteInfo(_requireActive(terms.provider).site).zone;
        uint64 escrow = _checked(request, terms);
        uint24 slot = _slotNow();
        id = ++_leaseCount;
        Lease storage lease = _leases[id];
        lease.requester = msg.sender;
        lease.offer = request.offer;
        lease.accelerators = request.accelerators;
        lease.durationSlots = request.durationSlots;
        lease.state = LeaseState.Waiting;
        lease.escrowTicks = escrow;
        lease.price = request.price;
        lease.maxImportPrice = request.maxImportPrice;
        lease.maxScarcityPpm = request.maxScarcityPpm;
        lease.site = request.site;
        lease.madeSlot = slot;
        lease.untilSlot = slot + request.waitSlots;
        lease.zone = zone;
        _makeRoom(request.offer, id);
        _waiting[request.offer].push(id);
        emit LeaseRequested(id, request.offer, msg.sender, request, escrow, zone, lease.untilSlot);
        credit.pull(msg.sender, escrow);
        uint256 energyWh = (uint256(request.acceleratorSeconds) * terms.powerW) / HOUR_SECONDS;
        energyQueue.setQueued(bytes32(id), zone, msg.sender, energyWh, escrow);
    }

    /// @inheritdoc IComputeMarket
    function withdrawRequest(uint256 id) external {
        Lease storage lease = _leases[id];
        if (lease.state != LeaseState.Waiting) revert WrongLeaseState(id, uint8(lease.state));
        if (msg.sender != lease.requester && _slotNow() <= lease.untilSlot) {
            revert TooSoon(id, uint256(lease.untilSlot) + 1);
        }
        uint256[] storage waiting = _waiting[lease.offer];
        uint256 place = 0;
        while (waiting[place] != id) ++place;
        _endRequest(waiting, place);
    }

    /// @inheritdoc IComputeMarket
    function startNext(uint256 offer) external returns (uint256 id) {
        Offer storage terms = _openOffer(offer);
        uint256 place;
        (id, place) = _next(offer);
        if (id == 0) revert NothingWaits(offer);
        Lease storage lease = _leases[id];
        uint24 slot = _slotNow();
        lease.state = LeaseState.Active;
        lease.firstSlot = slot;
        lease.endSlot = slot + lease.durationSlots - 1;
        lease.activeSlot = slot;
        lease.stakeTicks = terms.stakeTicks;
        terms.leasedAccelerators += lease.accelerators;
        _drop(_waiting[offer], place);
        emit LeaseStarted(id, offer, slot, lease.endSlot, lease.stakeTicks);
        providers.lockStake(terms.provider, lease.stakeTicks);
        energyQueue.setQueued(bytes32(id), lease.zone, lease.requester, 0, 0);
    }

    /// @inheritdoc IComputeMarket
    function nextRequest(uint256 offer) external view returns (uint256 lease) {
        (lease, ) = _next(offer);
    }

    /// @dev Whether a slot's price and scarcity are what a lease allows.
    function _meets(Lease storage lease, uint256 importPrice, int256 scarcityPpm) internal view returns (bool) {
        return importPrice <= lease.maxImportPrice && scarcityPpm <= lease.maxScarcityPpm;
    }

    function _checked(LeaseRequest calldata request, Offer storage terms) private view returns (uint64) {
        if (request.accelerators == 0 || request.accelerators > terms.accelerators) {
            revert BadParameter("accelerators", request.accelerators);
        }
        if (
            request.acceleratorSeconds < terms.minAcceleratorSeconds ||
            request.acceleratorSeconds > terms.maxAcceleratorSeconds
        ) revert BadParameter("acceleratorSeconds", request.acceleratorSeconds);
        if (request.price < terms.price) revert BidTooLow(request.offer, request.price, terms.price);
        if (request.durationSlots == 0 || request.durationSlots > MAX_LEASE_SLOTS) {
            revert BadParameter("durationSlots", request.durationSlots);
        }
        if (request.waitSlots == 0 || request.waitSlots > MAX_WAIT_SLOTS) {
            revert BadParameter("waitSlots", request.waitSlots);
        }
        if (request.site != 0 && exchange.siteInfo(request.site).owner != msg.sender) revert NotEntitled(msg.sender);
        return CreditMoves.plus(0, uint256(request.acceleratorSeconds) * request.price);
    }

    /// @dev The first in order that can start now, and its place in the list; 0 if none can.
    function _next(uint256 offer) private view returns (uint256 best, uint256 place) {
        Offer storage terms = _offers[offer];
        uint256[] storage waiting = _waiting[offer];
        uint256 count = waiting.length;
        if (count == 0) return (0, 0);
        uint256 free = uint256(terms.accelerators) - terms.leasedAccelerators;
        uint24 slot = _slotNow();
        uint16 zone = exchange.siteInfo(providers.providerInfo(terms.provider).site).zone;
        (uint24 importPrice, , int32 scarcityPpm) = exchange.tariffAt(zone, slot);
        for (uint256 i = 0; i < count; ++i) {
            uint256 id = waiting[i];
            Lease storage lease = _leases[id];
            // Who asked in one slot competes for what is free in the next: who is first in a block gains nothing.
            bool fits =
                lease.madeSlot < slot &&
                    slot <= lease.untilSlot &&
                    lease.accelerators <= free &&
                    lease.zone == zone &&
                    _meets(lease, importPrice, scarcityPpm);
            if (fits && (best == 0 || _ahead(id, best))) (best, place) = (id, i);
        }
    }

    /// @dev Whether one request is served before another: by price, then by rank, then by age.
    function _ahead(uint256 id, uint256 other) private view returns (bool) {
        Lease storage lease = _leases[id];
        Lease storage than = _leases[other];
        if (lease.price != than.price) return lease.price > than.price;
        uint256 rank = _rank(lease);
        uint256 otherRank = _rank(than);
        return rank == otherRank ? id < other : rank > otherRank;
    }

    /// @dev Rank goes with the site: who sold it keeps none.
    function _rank(Lease storage lease) private view returns (uint256) {
        if (lease.site == 0 || exchange.siteInfo(lease.site).owner != lease.requester) return 0;
        return reputation.queueRank(lease.site);
    }

    /// @dev When the list is full, one out of time leaves it, or else the last in order if the new one is ahead of it.
    function _makeRoom(uint256 offer, uint256 id) private {
        uint256[] storage waiting = _waiting[offer];
        if (waiting.length < MAX_WAITING) return;
        uint24 slot = _slotNow();
        uint256 last = 0;
        for (uint256 i = 0; i < MAX_WAITING; ++i) {
            if (_leases[waiting[i]].untilSlot < slot) {
                _endRequest(waiting, i);
                return;
            }
            if (i != 0 && _ahead(waiting[last], waiting[i])) last = i;
        }
        if (!_ahead(id, waiting[last])) revert WaitingFull(offer);
        _endRequest(waiting, last);
    }

    function _endRequest(uint256[] storage waiting, uint256 place) private {
        uint256 id = waiting[place];
        Lease storage lease = _leases[id];
        uint256 refund = lease.escrowTicks;
        lease.escrowTicks = 0;
        lease.state = LeaseState.Closed;
        _drop(waiting, place);
        _credit(lease.requester, refund);
        emit RequestEnded(id, lease.requester, refund);
        energyQueue.setQueued(bytes32(id), lease.zone, lease.requester, 0, 0);
    }

    function _drop(uint256[] storage waiting, uint256 place) private {
        waiting[place] = waiting[waiting.length - 1];
        waiting.pop();
    }
}
