// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IEnergyCredit} from "../../credit/IEnergyCredit.sol";
import {IMintBound} from "../../credit/IMintBound.sol";
import {
    MeterConfig,
    MeterRegistration,
    MeterReplacement,
    PlacedOrder,
    ReadingLeaf,
    ReceiptedOrder,
    SiteView,
    SlotRecord,
    Withdrawal,
    ZoneAccounts,
    ZoneLimits,
    ZoneTerms,
    ZoneView
} from "../types/ExchangeTypes.sol";
import {MeterWord} from "../types/MeterWord.sol";
import {IExchangeErrors} from "./IExchangeErrors.sol";
import {IExchangeEvents} from "./IExchangeEvents.sol";

/// @notice The exchange. Energies are watt-hours, money is ticks (1e9 credit base units), prices are ticks per Wh, slots
/// count 900 s from the epoch. Verbs without a role named may be called by anybody.
interface IEnergyExchange is IExchangeErrors, IExchangeEvents {
    // ---- The market slot, from order to money

    /// @notice Place an order on chain instead of with the matcher: the worst case and a placement fee are locked, the
    /// fee comes back if the order trades. It supersedes a signed order, and an earlier placed one of the meter and slot.
    /// Caller: the meter's owner, delegate or device key, while the gate is open. Stopped by a pause.
    /// @param side 1 = bid, 2 = offer.
    function placeOrder(uint32 slot, address meter, uint8 side, uint24 energyWh, uint24 limitPrice) external;

    /// @notice Void the meter's orders of a slot, signed or placed. Same callers and time; costs the placement fee.
    function cancelOrder(uint32 slot, address meter) external;

    /// @notice Commit to the signed orders of a slot before they are cleared. Caller: the zone's bonded matcher, from gate
    /// closure (-10 minutes) until -8 minutes. Stopped by a pause.
    /// @param bookHash keccak256 over the order hashes, bids then offers, each in strict order.
    /// @param orders Number of signed orders.
    function commitBook(uint16 zone, uint32 slot, bytes32 bookHash, uint256 orders) external;

    /// @notice Clear a slot: the committed book and all orders placed on chain, in strict order. The matcher alone until
    /// -5 minutes, anybody the committed book until -2, anybody the placed orders alone from -2 (from -8 if nothing was
    /// committed) until the slot starts. What is wrong by its bytes reverts; an order that cannot trade is skipped with
    /// an `OrderSkipped` event. A pause does not stop it: the orders entered before, and their matcher answers for them.
    /// @param bids Entries as `OrderBook` lays them out.
    function clear(uint16 zone, uint32 slot, bytes calldata bids, bytes calldata offers) external;

    /// @notice Settle signed readings of one zone and slot; a refused one is skipped with a `ReadingSkipped` event.
    /// @param readings 74 bytes each: import register (5), export register (5), signature (64, EIP-2098).
    /// @return root Merkle root over the settled ones, for `verifyReading`.
    function settle(uint16 zone, uint32 slot, bytes calldata readings) external returns (bytes32 root);

    /// @notice Settle one reading, or revert with the error that a batch would carry in its event.
    function settleReading(uint16 zone, uint32 slot, bytes calldata reading) external returns (bytes32 root);

    /// @notice Settle the open positions of unread meters as if nothing had flowed, and close the slot when none is left:
    /// from its reading deadline on, or once every meter and the feeder have been read. Slots close in order.
    /// @return closed Whether the slot is closed now; false asks for further batches.
    function close(uint16 zone, uint32 slot, address[] calldata meters) external returns (bool closed);

    /// @notice Pass over slots that nobody ever touched, up to `through`, whose reading deadline is over.
    function passOver(uint16 zone, uint32 through) external;

    // ---- Matcher

    /// @notice Add credits of the caller to a matcher's bond.
    function postMatcherBond(address matcher, uint256 amountTicks) external;

    /// @notice The calling matcher asks for its bond back; it commits no more books and stays liable for 256 slots.
    function requestMatcherUnlock() external;

    /// @notice Pay the calling matcher its unlocked bond.
    function collectMatcherBond(address to) external;

    /// @notice Prove that a committed book was not cleared before its slot started. The caller gets half of the penalty.
    function reportUncleared(uint16 zone, uint32 slot) external;

    /// @notice Prove that an order with the matcher's receipt is not in the committed book.
    /// @param book All order hashes of the committed book, empty if none was committed.
    function reportMissing(
        ReceiptedOrder calldata order,
        bytes calldata orderSignature,
        bytes calldata receipt,
        bytes32[] calldata book
    ) external;

    // ---- Money of a meter and a site

    /// @notice Credit a meter's prepaid balance from the caller's credits.
    function deposit(address meter, uint256 amountTicks) external;

    /// @notice The same with an EIP-2612 permit, in one transaction.
    function depositWithPermit(
        address meter,
        uint256 amountTicks,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice Move balance between meters of one site. Caller: its owner.
    function moveBalance(address from, address to, uint256 amountTicks) external;

    /// @notice Ask for balance back; collectable when every slot up to now is closed and unflagged. Caller: the owner.
    function requestWithdrawal(address meter, uint256 amountTicks, address to) external returns (uint256 id);

    /// @notice Pay out a mature withdrawal to where its owner said.
    function collectWithdrawal(uint256 id) external;

    /// @notice Add credits of the caller to a site's bond.
    function postBond(uint32 site, uint256 amountTicks) external;

    /// @notice Ask for bond back. It stops counting at once and stays liable for 128 slots. Caller: the owner.
    function requestUnbond(uint32 site, uint256 amountTicks) external;

    /// @notice Pay out unbonded credits. Caller: the owner.
    function collectBond(uint32 site, address to) external;

    /// @notice Pay a site's debt to the grid from the caller's credits.
    function payDebt(uint32 site, uint256 amountTicks) external;

    /// @notice Burn balances of an indebted site's meters against its debt.
    function seize(uint32 site) external;

    /// @notice Pay a meter's claim on the grid as far as the mint bound leaves room.
    function payClaim(address meter) external;

    /// @notice Give up debt of a site. Role: GRID.
    function writeOff(uint32 site, uint256 amountTicks) external;

    // ---- Sites and meters

    /// @notice Register a grid connection point. Role: REGISTRAR. Stopped by a pause.
    /// @param ownerSignature The owner's `SiteConsent` for the next site number.
    function registerSite(uint16 zone, address owner, bytes calldata ownerSignature) external returns (uint32 site);

    /// @notice Register a meter. Role: REGISTRAR. Stopped by a pause.
    /// @param ownerSignature The owner's `MeterConsent`.
    /// @param deviceSignature The same by the device key: proof of possession.
    function registerMeter(
        MeterRegistration calldata registration,
        bytes calldata ownerSignature,
        bytes calldata deviceSignature
    ) external;

    /// @notice Put a new device or key in place of a meter; balance, claim, bond and history are carried over. Role: REGISTRAR.
    function replaceMeter(
        MeterReplacement calldata replacement,
        bytes calldata ownerSignature,
        bytes calldata deviceSignature
    ) external;

    /// @notice Suspend a meter: it neither trades nor is read; its money stays its owner's. Role: REGISTRAR.
    function suspendMeter(address meter) external;

    /// @notice End a suspension. Role: REGISTRAR.
    function reinstateMeter(address meter) external;

    /// @notice Retire a meter without open position, balance or claim. Role: REGISTRAR.
    function retireMeter(address meter) external;

    /// @notice Change a site's owner with both signatures (`SiteTransfer`), while no position is open. Revokes delegates.
    function transferSite(
        uint32 site,
        address newOwner,
        bytes calldata ownerSignature,
        bytes calldata newOwnerSignature
    ) external;

    /// @notice Name who may sign orders for a meter besides its device key; zero revokes. Caller: the owner.
    function setDelegate(address meter, address delegate) external;

    /// @notice Bring a meter's debt and bond flags up to date with its site.
    function syncMeter(address meter) external;

    /// @notice Set the tier (0 to 7) of all meters of a site and put their reliability back to neutral. Role: REPUTATION.
    function setTier(uint32 site, uint8 tier) external;

    // ---- Faults of a meter: proven by what its key signed, each once, while the slot is younger than 128 slots

    /// @notice Two readings of one meter and slot with different registers.
    /// @param readingA 74 bytes, as in `settle`.
    /// @param readingB The same.
    function reportEquivocation(uint16 zone, uint32 slot, bytes calldata readingA, bytes calldata readingB) external;

    /// @notice A reading of a slot after the meter's newest settled one that rated power, or the physics of its storage,
    /// rules out.
    /// @param reading 74 bytes, as in `settle`.
    function reportImpossible(uint16 zone, uint32 slot, bytes calldata reading) external;

    /// @notice Two meters of one site hold positions of the slot on opposite sides: the reliability of both falls to neutral
    /// where it is above. No money moves.
    function reportSelfTrade(address meterA, address meterB, uint32 slot) external;

    // ---- Evidence

    /// @notice The leaf's hash if the reading was settled and not voided; reverts otherwise.
    function verifyReading(
        ReadingLeaf calldata leaf,
        bytes32 root,
        bytes32[] calldata proof
    ) external view returns (bytes32 leafHash);

    /// @notice Use imported energy of a proven reading as evidence, each watt-hour once. Role: EVIDENCE.
    function drawEvidence(ReadingLeaf calldata leaf, bytes32 root, bytes32[] calldata proof, uint256 amountWh) external;

    /// @notice Use the exported energy of a proven reading as evidence, whole and once. A reading that was certified cannot
    /// be corrected any more. Role: EVIDENCE.
    function certifyExport(ReadingLeaf calldata leaf, bytes32 root, bytes32[] calldata proof) external;

    /// @notice Correct a settled reading by money alone, with the owner's `ReadingCorrection`. Role: REGISTRAR.
    function correctReading(
        ReadingLeaf calldata leaf,
        bytes32 root,
        bytes32[] calldata proof,
        int256 amountTicks,
        string calldata reason,
        bytes calldata ownerSignature
    ) external;

    // ---- Zones

    /// @notice Create a zone. Role: REGISTRAR.
    function createZone(
        uint16 zone,
        ZoneLimits calldata limits,
        ZoneTerms calldata terms,
        ZoneAccounts calldata accounts
    ) external;

    /// @notice Change terms from a slot whose gate is not open. Role: GOVERNOR.
    function setZoneTerms(uint16 zone, ZoneTerms calldata terms) external;

    /// @notice Change the accounts that charges go to. Role: GOVERNOR.
    function setZoneAccounts(uint16 zone, ZoneAccounts calldata accounts) external;

    /// @notice Set what buyers of each reputation tier pay less of the trading fee, from the next clearing on. What a bid
    /// must be covered by and what a placed one locks is the whole fee. Role: GOVERNOR.
    /// @param discounts Eight lanes of 32 bits in ppm of the fee, tier 0 in the lowest: zero for tier 0, not falling from
    /// tier to tier, at most 500,000.
    /// Errors: `BadParameter`, with the first tier that breaks this.
    function setTierDiscounts(uint256 discounts) external;

    /// @notice Fix the prices of every slot up to `through`, whose gate must be open. Anybody; who touches a slot does it
    /// too. A price does not depend on who fixes it, or when.
    function fixTariffs(uint16 zone, uint32 through) external;

    /// @notice Name the contract that knows the queued training energy (`IEnergyQueue`), once; it counts from the first
    /// slot whose gate is not open. Role: GOVERNOR.
    function setEnergyQueue(address queue) external;

    /// @notice Name the zone's matcher from a slot on whose gate is not open. Role: GOVERNOR.
    function setMatcher(uint16 zone, address matcher, uint32 fromSlot) external;

    /// @notice End the inspection of a flagged slot. Role: INSPECTOR.
    function endInspection(uint16 zone, uint32 slot, string calldata reason) external;

    /// @notice Pay a zone's accrued charges to its accounts.
    function collectCharges(uint16 zone) external;

    /// @notice Pay the caller what it earned by work or by proving a fault.
    function collectEarnings(address to) external;

    /// @notice Stop entries: placing, committing, registering. Never an exit. Role: GUARDIAN.
    function pause() external;

    /// @notice End a pause. Role: GOVERNOR.
    function unpause() external;

    // ---- Views

    /// @notice A meter's packed word.
    function meterWord(address meter) external view returns (MeterWord);

    /// @notice What a meter is.
    function meterConfig(address meter) external view returns (MeterConfig memory);

    /// @notice A site with its bond and debt.
    function siteInfo(uint32 site) external view returns (SiteView memory);

    /// @notice A zone.
    function zoneInfo(uint16 zone) external view returns (ZoneView memory);

    /// @notice The record of a slot, while the ring still holds it.
    function slotRecord(uint16 zone, uint32 slot) external view returns (SlotRecord memory);

    /// @notice Orders placed and cancelled on chain for a slot.
    function placedOrders(uint16 zone, uint32 slot) external view returns (PlacedOrder[] memory);

    /// @notice Terms that hold for a slot: its charges, and the base of its prices.
    function termsAt(uint16 zone, uint32 slot) external view returns (ZoneTerms memory);

    /// @notice Discounts of the trading fee by tier, as set by `setTierDiscounts`.
    function tierDiscounts() external view returns (uint256 lanes);

    /// @notice Prices of a slot whose gate is open (ticks per Wh) and its published scarcity: of the slots of the last
    /// day, and of any that could be fixed now. `SlotOutOfRange` for others.
    function tariffAt(
        uint16 zone,
        uint32 slot
    ) external view returns (uint24 importPrice, uint24 exportPrice, int32 scarcityPpm);

    /// @notice Published scarcity of a fixed slot of the last 42 days, ppm: 1,000,000 = nothing but demand.
    /// `SlotOutOfRange` for others.
    function scarcityAt(uint16 zone, uint32 slot) external view returns (int256 ppm);

    /// @notice Who knows the queued training energy, and from which slot it counts; zero while nobody does.
    function energyQueue() external view returns (address queue, uint32 fromSlot);

    /// @notice A withdrawal that was not collected yet.
    function withdrawal(uint256 id) external view returns (Withdrawal memory);

    /// @notice What an account earned and has not collected.
    function earned(address account) external view returns (uint256 ticks);

    /// @notice A matcher's bond, and the slot from which it may be collected (0 = not asked back).
    function matcherBond(address matcher) external view returns (uint256 ticks, uint256 unlockSlot);

    /// @notice How much of a reading's import was used as evidence, whether it was voided, and whether its export was
    /// certified.
    function evidence(address meter, uint32 slot) external view returns (uint256 usedWh, bool void, bool certified);

    /// @notice Bond a site needs so that its meters may offer.
    function requiredBond(uint32 site) external view returns (uint256 ticks);

    /// @notice The matcher that may commit the book of a slot and is liable for it.
    function matcherAt(uint16 zone, uint32 slot) external view returns (address);

    /// @notice Whether a flag on the slot still delays money.
    function isFlagged(uint16 zone, uint32 slot) external view returns (bool);

    /// @notice EIP-712 domain separator of every message the exchange accepts.
    function domainSeparator() external view returns (bytes32);

    /// @notice The credit token.
    function credit() external view returns (IEnergyCredit);

    /// @notice Who says how much may be minted.
    function mintBound() external view returns (IMintBound);
}
