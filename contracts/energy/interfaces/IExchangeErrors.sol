// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice Every reason for which the exchange refuses something; `docs/errors.md` says for each what to do.
interface IExchangeErrors {
    // ---- One order or reading: in a batch it is skipped with an event that carries the error's selector, a verb
    // ---- for a single item reverts with it. All have the same shape so that both ways share one path.

    /// @notice The signer (or named meter) is not a registered meter, or has been retired.
    error UnknownMeter(address meter, uint32 slot);
    /// @notice The meter belongs to another zone than the one named.
    error WrongZone(address meter, uint32 slot);
    /// @notice The registrar has suspended the meter.
    error MeterSuspended(address meter, uint32 slot);
    /// @notice The meter's site owes the grid; settle the debt and sync the meter.
    error MeterIndebted(address meter, uint32 slot);
    /// @notice The meter's newest settled reading is not that of `slot - 2`: without a reading there is no trading.
    error MeterUnread(address meter, uint32 slot);
    /// @notice Only meters whose site posted the required bond may offer.
    error MeterNotBonded(address meter, uint32 slot);
    /// @notice A feeder meter measures; it does not trade.
    error FeederCannotTrade(address meter, uint32 slot);
    /// @notice The prepaid balance does not cover the limit price, the fee and the placement fee.
    error InsufficientBalance(address meter, uint32 slot);
    /// @notice The order's energy is beyond rated power times the slot.
    error OrderBeyondRatedPower(address meter, uint32 slot);
    /// @notice The limit price is outside the slot's [export, import] band.
    error LimitOutsideTariff(address meter, uint32 slot);
    /// @notice The meter placed or cancelled an order on chain for the slot, which supersedes a signed one.
    error OrderSuperseded(address meter, uint32 slot);
    /// @notice The order is signed by neither the device key nor the delegate that the owner names now.
    error NotDelegate(address meter, uint32 slot);
    /// @notice A reading of this or a later slot is settled already.
    error ReadingTooOld(address meter, uint32 slot);
    /// @notice The slot has not ended yet.
    error ReadingTooEarly(address meter, uint32 slot);
    /// @notice An earlier slot of the meter is unread and before its reading deadline.
    error EarlierSlotOpen(address meter, uint32 slot);
    /// @notice A register is below its last settled value.
    error RegisterDecreased(address meter, uint32 slot);
    /// @notice A register rose by more than rated power times the time since the last reading.
    error EnergyBeyondRatedPower(address meter, uint32 slot);
    /// @notice A storage meter exported more than it took in times its best efficiency plus what it can hold.
    error StorageBeyondCapacity(address meter, uint32 slot);
    /// @notice The prepaid balance would not fit its 58 bits; withdraw first.
    error BalanceOverflow(address meter, uint32 slot);
    /// @notice The meter has no open position of the slot to close.
    error NothingToClose(address meter, uint32 slot);

    // ---- A batch that is wrong by its bytes alone

    /// @notice The calldata is truncated or over-long: `length` is not a whole number of entries.
    error BadBatchLength(uint256 length);
    /// @notice An entry begins with an unknown kind.
    error UnknownEntryKind(uint256 offset, uint256 kind);
    /// @notice Entry `index` of its side does not come after the one before it in the strict order.
    error UnsortedBook(uint256 side, uint256 index);
    /// @notice The signed orders of the book are not those that were committed.
    error BookNotCommitted(bytes32 given, bytes32 committed);
    /// @notice The book has two orders of this meter.
    error MeterTwice(address meter);
    /// @notice The book leaves out orders that were placed on chain.
    error PlacedOrderMissing(uint256 given, uint256 placed);
    /// @notice There is no live placed order at this index.
    error NoPlacedOrder(uint256 index);
    /// @notice The book is larger than a slot may have.
    error TooManyOrders(uint256 orders, uint256 most);
    /// @notice The signature's `s` is in the upper half of the curve order.
    error MalleableSignature(uint256 index);
    /// @notice No key can be recovered from the signature.
    error UnrecoverableSignature(uint256 index);
    /// @notice An order asks for no energy.
    error ZeroEnergy(uint256 index);

    // ---- Time

    /// @notice The slot's gate is not open: it opens at `opensAt` and closes at `closesAt` (unix seconds).
    error GateNotOpen(uint256 slot, uint256 opensAt, uint256 closesAt);
    /// @notice This caller may commit or clear this slot between `from` and `to` only (unix seconds).
    error OutsideWindow(uint256 slot, uint256 from, uint256 to);
    /// @notice The slot has been cleared already.
    error AlreadyCleared(uint256 slot);
    /// @notice A book has been committed already.
    error AlreadyCommitted(uint256 slot);
    /// @notice The slot cannot be closed yet: its deadline is at `deadline` and meters or positions are open.
    error ClosingTooEarly(uint256 slot, uint256 deadline, uint256 openPositions);
    /// @notice Slots close in order; the next one of the zone is `expected`.
    error ClosingOutOfOrder(uint256 slot, uint256 expected);
    /// @notice The ring record is still needed for `heldSlot`, which must be closed and its flag ended first.
    error RecordInUse(uint256 slot, uint256 heldSlot);
    /// @notice The exchange has no record of this slot (never touched, or reused since).
    error NoSlotRecord(uint256 zone, uint256 slot);
    /// @notice The slot is outside what its field can hold, already closed, before its gate opens, or so old that what is
    /// asked for is no longer held.
    error SlotOutOfRange(uint256 slot);

    /// @notice Too little gas is left to ask for the queued energy as the price needs it; send more.
    error TooLittleGas(uint256 leftGas, uint256 neededGas);

    // ---- Parties and registration

    /// @notice The caller is neither the owner nor otherwise entitled.
    error NotEntitled(address caller);
    /// @notice The consent of `signer` is missing or not valid (EIP-712; contracts by ERC-1271).
    error InvalidConsent(address signer);
    /// @notice The zone does not exist, or its number is taken or out of range.
    error BadZone(uint256 zone);
    /// @notice The site does not exist.
    error UnknownSite(uint256 site);
    /// @notice The address is or was a meter; a device key serves once.
    error MeterAlreadyRegistered(address meter);
    /// @notice A meter needs another status for this.
    error BadMeterStatus(address meter, uint8 status);
    /// @notice The meter has an open position; wait until it is settled or closed.
    error OpenPosition(address meter);
    /// @notice A site holds at most `most` meters, a zone one feeder.
    error TooManyMeters(uint256 most);
    /// @notice The named parameter is outside its bounds.
    error BadParameter(bytes32 name, uint256 value);

    // ---- Money

    /// @notice More is asked for than is there.
    error AmountTooLarge(uint256 asked, uint256 available);
    /// @notice Nothing to pay, move or claim.
    error NothingToPay();
    /// @notice The site owes `debtTicks`, which come first.
    error SiteIndebted(uint256 site, uint256 debtTicks);
    /// @notice The money is not mature: slot `maturitySlot` is not closed.
    error NotMature(uint256 maturitySlot, uint256 closedThrough);
    /// @notice A flag on `slot` delays the money until its inspection ends.
    error SlotUnderInspection(uint256 slot);
    /// @notice There is no such withdrawal.
    error UnknownWithdrawal(uint256 id);

    // ---- Evidence

    /// @notice The leaf is not in a settled batch with this root.
    error UnprovenReading(bytes32 leaf, bytes32 root);
    /// @notice The leaf was voided by a correction.
    error ReadingVoid(bytes32 leaf);
    /// @notice The reading has too little energy left as evidence.
    error EvidenceUsed(address meter, uint32 slot, uint256 askedWh, uint256 leftWh);
    /// @notice What was handed in proves no fault: of the matcher, or of a meter.
    error NothingProven();
    /// @notice The fault has been punished already.
    error AlreadyPenalised(bytes32 fault);
}
