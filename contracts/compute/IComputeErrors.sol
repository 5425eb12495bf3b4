// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice Reasons for which the compute market refuses something, besides those of `IProviders`; `docs/errors.md` says for
/// each what to do.
interface IComputeErrors {
    /// @notice A parameter is outside its bounds.
    error BadParameter(bytes32 name, uint256 value);
    /// @notice The caller is not who this verb is for.
    error NotEntitled(address caller);

    /// @notice The account has not named the caller as its sponsor, so the caller cannot register it.
    error NotSponsored(address provider, address caller);
    /// @notice The meter is not an active meter of a site that the caller owns, or is a feeder's.
    error MeterUnfit(address meter);
    /// @notice Another provider stands for the meter.
    error MeterTaken(address meter, address provider);
    /// @notice Nothing was asked back, or it may be collected from `time` on (unix seconds, 0 = nothing was asked back).
    error StakeUnbonding(address provider, uint256 time);
    /// @notice The account has nothing to collect.
    error NothingToPay(address account);

    /// @notice No such offer.
    error UnknownOffer(uint256 offer);
    /// @notice The offer was cancelled.
    error OfferClosed(uint256 offer);
    /// @notice The price is below the offer's.
    error BidTooLow(uint256 offer, uint256 price, uint256 leastPrice);
    /// @notice As many requests wait as may, and the new one is not ahead of the last of them.
    error WaitingFull(uint256 offer);
    /// @notice No request of an earlier slot fits the free capacity, the provider's zone and the slot's price and scarcity.
    error NothingWaits(uint256 offer);
    /// @notice The lease is not in a state for this; `state` is a `LeaseState`.
    error WrongLeaseState(uint256 lease, uint8 state);
    /// @notice The time for this comes with slot `fromSlot`.
    error TooSoon(uint256 lease, uint256 fromSlot);
    /// @notice Use of this slot does not count: only slots after the last reported one that are over, within the lease, not
    /// in a pause, and at most a day old, do: from `first` to `last`.
    error UseOutOfRange(uint256 lease, uint32 slot, uint256 first, uint256 last);
    /// @notice The slot's import price or published scarcity is above what the lease allows.
    error PolicyNotMet(uint256 lease, uint32 slot, uint256 importPrice, int256 scarcityPpm);
    /// @notice Nothing, or more accelerator-seconds than the lease's accelerators have in a slot.
    error UseTooLarge(uint256 lease, uint256 acceleratorSeconds, uint256 most);
    /// @notice The escrow does not pay for one accelerator-second more.
    error EscrowEmpty(uint256 lease);
    /// @notice As many uses are open to objection as may be.
    error TooManyOpenUses(uint256 lease);
    /// @notice The reading is not of the provider's meter or of the lease's zone.
    error ForeignReading(address meter, uint16 zone);
    /// @notice The reading spans more than its slot.
    error GapReading(address meter, uint32 slot);
    /// @notice No use can be paid out: none was reported, or the time to object to the next one is not over.
    error NothingToClaim(uint256 lease);
    /// @notice There is no such use, or the time to object to it is over.
    error UseSettled(uint256 lease, uint256 use);
}
