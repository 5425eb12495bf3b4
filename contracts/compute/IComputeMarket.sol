// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Lease, LeaseRequest, Offer, Use} from "./ComputeTypes.sol";
import {IComputeErrors} from "./IComputeErrors.sol";
import {ReadingLeaf} from "../energy/types/ExchangeTypes.sol";

/// @notice The market for compute by the hour: offers, leases and their pay. Amounts are ticks, slots count 900 s.
///
/// A lease waits, runs, may be paused, and is closed. Every state has a deadline after which anybody may move it on:
/// waiting ends with `untilSlot`, running with `endSlot` and a day for late reports and four hours for objections, a pause
/// after a week. What is left of the escrow is the requester's, and everything is collected, not sent. `docs/compute.md`
/// tells how it works, decision 26 why.
interface IComputeMarket is IComputeErrors {
    event OfferMade(uint256 indexed offer, address indexed provider, Offer terms);
    event OfferCancelled(uint256 indexed offer, address indexed provider);
    /// @notice A request waits; its escrow is in.
    event LeaseRequested(
        uint256 indexed lease,
        uint256 indexed offer,
        address indexed requester,
        LeaseRequest request,
        uint64 escrowTicks,
        uint16 zone,
        uint24 untilSlot
    );
    /// @notice A request waits no more: withdrawn, out of time, or passed by a better one while the list was full.
    event RequestEnded(uint256 indexed lease, address indexed requester, uint256 refundTicks);
    event LeaseStarted(
        uint256 indexed lease,
        uint256 indexed offer,
        uint24 firstSlot,
        uint24 endSlot,
        uint64 stakeTicks
    );
    /// @notice A slot's use was reported; `use` counts from 0. `escrowTicks` is what is left.
    event UseReported(
        uint256 indexed lease,
        uint256 indexed use,
        uint32 slot,
        uint32 acceleratorSeconds,
        uint48 energyWh,
        uint64 payTicks,
        uint64 escrowTicks
    );
    /// @notice The requester accepts all uses before `uses`.
    event UseAccepted(uint256 indexed lease, uint256 uses);
    /// @notice The requester objected to the uses from `fromUse` on: their pay and two shares went to the season pool.
    event UseRefused(
        uint256 indexed lease,
        uint256 fromUse,
        uint256 payTicks,
        uint256 escrowShareTicks,
        uint256 stakeShareTicks,
        uint24 endSlot
    );
    /// @notice Pay of the uses before `settledUses` is the provider's.
    event PayClaimed(uint256 indexed lease, address indexed provider, uint256 payTicks, uint256 settledUses);
    event EscrowToppedUp(uint256 indexed lease, address indexed from, uint256 amountTicks, uint64 escrowTicks);
    /// @notice No slot from `pausedSlot` on is paid: the escrow is empty (`dry`), or nothing was reported for long.
    event LeasePaused(uint256 indexed lease, uint24 pausedSlot, bool dry);
    /// @notice Slots from `firstSlot` on are paid again.
    event LeaseResumed(uint256 indexed lease, uint24 firstSlot);
    event NoticeGiven(uint256 indexed lease, address indexed by, uint24 endSlot);
    event LeaseClosed(uint256 indexed lease, address indexed requester, uint256 refundTicks);
    event Collected(address indexed account, address to, uint256 amountTicks);

    // ---- Offers

    /// @notice Offer accelerators. Caller: an active provider.
    /// @param accelerators At most what it registered, all its offers together are its own affair.
    /// @param price Ticks per accelerator-second.
    /// @param powerW What an accelerator takes: how much energy a waiting lease queues.
    /// @dev Errors: `UnknownProvider`, `ProviderInactive`, `BadParameter`.
    function makeOffer(
        uint32 accelerators,
        uint64 price,
        uint64 stakeTicks,
        uint48 minAcceleratorSeconds,
        uint48 maxAcceleratorSeconds,
        uint16 powerW
    ) external returns (uint256 offer);

    /// @notice Start no more leases of an offer; those that run go on. Caller: its provider.
    /// @dev Errors: `UnknownOffer`, `NotEntitled`, `OfferClosed`.
    function cancelOffer(uint256 offer) external;

    // ---- Requests

    /// @notice Ask for a lease and pay `acceleratorSeconds` x `price` in. It starts in a later slot (`startNext`). At most
    /// 16 requests wait for an offer; then one out of time, or else the last in order, makes room for one ahead of it.
    /// @dev Errors: `UnknownOffer`, `OfferClosed`, `ProviderInactive`, `BadParameter`, `BidTooLow`, `NotEntitled`, `WaitingFull`.
    function requestLease(LeaseRequest calldata request) external returns (uint256 lease);

    /// @notice Take a waiting request back: its requester at any time, anybody once `untilSlot` is over.
    /// @dev Errors: `WrongLeaseState`, `TooSoon`.
    function withdrawRequest(uint256 lease) external;

    /// @notice Give free capacity of an offer to the first in order of the requests of earlier slots that fit it and whose
    /// policy the present slot meets. Order: higher price, then higher `queueRank` of the requester's site, then older.
    /// @dev Errors: `OfferClosed`, `NothingWaits`, `ProviderInactive`, `LockerNotAllowed`, `StakeTooSmall`.
    function startNext(uint256 offer) external returns (uint256 lease);

    // ---- Leases that run

    /// @notice Report a slot's use, with a reading of the provider's meter that proves the energy; the energy is drawn
    /// from the evidence ledger. What the escrow does not pay for is cut off, and the lease is paused. Caller: the provider.
    /// @dev Errors: `WrongLeaseState`, `NotEntitled`, `UseOutOfRange`, `UseTooLarge`, `PolicyNotMet`, `EscrowEmpty`, `TooManyOpenUses`,
    /// `ForeignReading`, `GapReading`, and those of `drawEvidence`.
    function reportUse(
        uint256 lease,
        uint32 acceleratorSeconds,
        uint48 energyWh,
        ReadingLeaf calldata leaf,
        bytes32 root,
        bytes32[] calldata proof
    ) external;

    /// @notice Accept all uses reported so far, so that they are paid at once. Caller: the requester.
    /// @dev Errors: `WrongLeaseState`, `NotEntitled`.
    function acceptUse(uint256 lease) external;

    /// @notice Object to the uses from `fromUse` on, each within four hours of its report. Nobody gets their pay: it goes
    /// to the season pool, with an eighth as much from the escrow and from the lease's stake. The lease ends with the
    /// present slot, and who objects accepts the uses before. Caller: the requester.
    /// @dev Errors: `WrongLeaseState`, `NotEntitled`, `UseSettled`.
    function refuseUse(uint256 lease, uint256 fromUse) external;

    /// @notice Make pay of uses that nobody can object to any more the provider's, at most `most` of them. Anybody.
    /// @dev Errors: `WrongLeaseState`, `NothingToClaim`.
    function claimPay(uint256 lease, uint256 most) external returns (uint256 ticks);

    /// @notice Add escrow; a lease that was paused for want of it goes on with the present slot. Anybody.
    /// @dev Errors: `WrongLeaseState`, `BadParameter`.
    function topUp(uint256 lease, uint256 amountTicks) external;

    /// @notice Pause a lease of which nothing was heard for two days. Anybody.
    /// @dev Errors: `WrongLeaseState`, `TooSoon`.
    function pauseLease(uint256 lease) external;

    /// @notice Go on with a paused lease from the present slot. Caller: the requester or the provider.
    /// @dev Errors: `WrongLeaseState`, `NotEntitled`, `EscrowEmpty`.
    function resumeLease(uint256 lease) external;

    /// @notice End a lease: the requester's with the present slot, the provider's a day later.
    /// @dev Errors: `WrongLeaseState`, `NotEntitled`.
    function giveNotice(uint256 lease) external;

    /// @notice Close a lease: what is left of its escrow is the requester's, its stake free, its accelerators too. Anybody,
    /// 113 slots after its end or 672 after it was paused; the provider as soon as it has ended and no use is open to objection.
    /// @dev Errors: `WrongLeaseState`, `TooSoon`.
    function closeLease(uint256 lease) external;

    /// @notice Pay the caller what it earned or got back.
    /// @dev Error: `NothingToPay`.
    function collect(address to) external;

    // ---- For reading

    function offerInfo(uint256 offer) external view returns (Offer memory);

    function leaseInfo(uint256 lease) external view returns (Lease memory);

    function useInfo(uint256 lease, uint256 use) external view returns (Use memory);

    /// @notice Requests that wait for an offer, in no order.
    function waitingFor(uint256 offer) external view returns (uint256[] memory leases);

    /// @notice What `startNext` would start now as far as requests, capacity and policy go; 0 = none.
    function nextRequest(uint256 offer) external view returns (uint256 lease);

    /// @notice What an account may collect.
    function earned(address account) external view returns (uint256 ticks);
}
