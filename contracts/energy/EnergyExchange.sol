// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IEnergyCredit} from "../credit/IEnergyCredit.sol";
import {IMintBound} from "../credit/IMintBound.sol";
import {ExchangeStorage} from "./ExchangeStorage.sol";
import {IEnergyExchange} from "./interfaces/IEnergyExchange.sol";
import {Accounts} from "./libraries/Accounts.sol";
import {Closing} from "./libraries/Closing.sol";
import {ExchangeViews} from "./libraries/ExchangeViews.sol";
import {GateOrders} from "./libraries/GateOrders.sol";
import {MatcherDuty} from "./libraries/MatcherDuty.sol";
import {MeterRegistry} from "./libraries/MeterRegistry.sol";
import {OrderBook} from "./libraries/OrderBook.sol";
import {Penalties} from "./libraries/Penalties.sol";
import {ReadingEvidence} from "./libraries/ReadingEvidence.sol";
import {Settlement} from "./libraries/Settlement.sol";
import {Tariff} from "./libraries/Tariff.sol";
import {ZoneRegistry} from "./libraries/ZoneRegistry.sol";
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
} from "./types/ExchangeTypes.sol";
import {MeterWord} from "./types/MeterWord.sol";

/// @title EnergyExchange
/// @notice Peer-to-peer energy in 15-minute slots: signed orders clear at one price a zone and slot, signed meter
/// readings settle them, and the imbalance is settled with the grid. This contract is the table of contents; each
/// verb lives in a linked library over the same storage (`ExchangeStorage`). `docs/economics.md` tells the whole story.
contract EnergyExchange is IEnergyExchange, AccessManaged, Pausable, EIP712, Multicall {
    constructor(
        IEnergyCredit credit_,
        IMintBound mintBound_,
        address authority_
    ) AccessManaged(authority_) EIP712("Joulework", "1") {
        ExchangeStorage.Layout storage $ = ExchangeStorage.load();
        $.credit = credit_;
        $.mintBound = mintBound_;
    }

    // ---- The market slot, from order to money

    /// @inheritdoc IEnergyExchange
    function placeOrder(
        uint32 slot,
        address meter,
        uint8 side,
        uint24 energyWh,
        uint24 limitPrice
    ) external whenNotPaused {
        GateOrders.place(slot, meter, side, energyWh, limitPrice);
    }

    /// @inheritdoc IEnergyExchange
    function cancelOrder(uint32 slot, address meter) external {
        GateOrders.cancel(slot, meter);
    }

    /// @inheritdoc IEnergyExchange
    function commitBook(uint16 zone, uint32 slot, bytes32 bookHash, uint256 orders) external whenNotPaused {
        GateOrders.commit(zone, slot, bookHash, orders);
    }

    /// @inheritdoc IEnergyExchange
    function clear(uint16 zone, uint32 slot, bytes calldata bids, bytes calldata offers) external {
        OrderBook.clear(_domainSeparatorV4(), zone, slot, bids, offers);
    }

    /// @inheritdoc IEnergyExchange
    function settle(uint16 zone, uint32 slot, bytes calldata readings) external returns (bytes32 root) {
        return Settlement.settle(_domainSeparatorV4(), zone, slot, readings, false);
    }

    /// @inheritdoc IEnergyExchange
    function settleReading(uint16 zone, uint32 slot, bytes calldata reading) external returns (bytes32 root) {
        if (reading.length != Settlement.READING_BYTES) revert BadBatchLength(reading.length);
        return Settlement.settle(_domainSeparatorV4(), zone, slot, reading, true);
    }

    /// @inheritdoc IEnergyExchange
    function close(uint16 zone, uint32 slot, address[] calldata meters) external returns (bool closed) {
        return Closing.close(zone, slot, meters);
    }

    /// @inheritdoc IEnergyExchange
    function passOver(uint16 zone, uint32 through) external {
        Closing.passOver(zone, through);
    }

    // ---- Matcher

    /// @inheritdoc IEnergyExchange
    function postMatcherBond(address matcher, uint256 amountTicks) external {
        MatcherDuty.post(matcher, amountTicks);
    }

    /// @inheritdoc IEnergyExchange
    function requestMatcherUnlock() external {
        MatcherDuty.requestUnlock();
    }

    /// @inheritdoc IEnergyExchange
    function collectMatcherBond(address to) external {
        MatcherDuty.collect(to);
    }

    /// @inheritdoc IEnergyExchange
    function reportUncleared(uint16 zone, uint32 slot) external {
        MatcherDuty.reportUncleared(zone, slot);
    }

    /// @inheritdoc IEnergyExchange
    function reportMissing(
        ReceiptedOrder calldata order,
        bytes calldata orderSignature,
        bytes calldata receipt,
        bytes32[] calldata book
    ) external {
        MatcherDuty.reportMissing(_domainSeparatorV4(), order, orderSignature, receipt, book);
    }

    // ---- Money of a meter and a site

    /// @inheritdoc IEnergyExchange
    function deposit(address meter, uint256 amountTicks) external {
        Accounts.deposit(meter, amountTicks);
    }

    /// @inheritdoc IEnergyExchange
    function depositWithPermit(
        address meter,
        uint256 amountTicks,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        // A permit that somebody else has submitted already is as good: then the allowance decides.
        try
            ExchangeStorage.load().credit.permit(msg.sender, address(this), amountTicks * 1e9, deadline, v, r, s)
        {} catch {}
        Accounts.deposit(meter, amountTicks);
    }

    /// @inheritdoc IEnergyExchange
    function moveBalance(address from, address to, uint256 amountTicks) external {
        Accounts.move(from, to, amountTicks);
    }

    /// @inheritdoc IEnergyExchange
    function requestWithdrawal(address meter, uint256 amountTicks, address to) external returns (uint256 id) {
        return Accounts.requestWithdrawal(meter, amountTicks, to);
    }

    /// @inheritdoc IEnergyExchange
    function collectWithdrawal(uint256 id) external {
        Accounts.collectWithdrawal(id);
    }

    /// @inheritdoc IEnergyExchange
    function postBond(uint32 site, uint256 amountTicks) external {
        Accounts.postBond(site, amountTicks);
    }

    /// @inheritdoc IEnergyExchange
    function requestUnbond(uint32 site, uint256 amountTicks) external {
        Accounts.requestUnbond(site, amountTicks);
    }

    /// @inheritdoc IEnergyExchange
    function collectBond(uint32 site, address to) external {
        Accounts.collectBond(site, to);
    }

    /// @inheritdoc IEnergyExchange
    function payDebt(uint32 site, uint256 amountTicks) external {
        Accounts.payDebt(site, amountTicks);
    }

    /// @inheritdoc IEnergyExchange
    function seize(uint32 site) external {
        Accounts.seize(site);
    }

    /// @inheritdoc IEnergyExchange
    function payClaim(address meter) external {
        Accounts.payClaim(meter);
    }

    /// @inheritdoc IEnergyExchange
    function writeOff(uint32 site, uint256 amountTicks) external restricted {
        Accounts.writeOff(site, amountTicks);
    }

    // ---- Sites and meters

    /// @inheritdoc IEnergyExchange
    function registerSite(
        uint16 zone,
        address owner,
        bytes calldata ownerSignature
    ) external restricted whenNotPaused returns (uint32) {
        return MeterRegistry.registerSite(_domainSeparatorV4(), zone, owner, ownerSignature);
    }

    /// @inheritdoc IEnergyExchange
    function registerMeter(
        MeterRegistration calldata registration,
        bytes calldata ownerSignature,
        bytes calldata deviceSignature
    ) external restricted whenNotPaused {
        MeterRegistry.registerMeter(_domainSeparatorV4(), registration, ownerSignature, deviceSignature);
    }

    /// @inheritdoc IEnergyExchange
    function replaceMeter(
        MeterReplacement calldata replacement,
        bytes calldata ownerSignature,
        bytes calldata deviceSignature
    ) external restricted {
        MeterRegistry.replaceMeter(_domainSeparatorV4(), replacement, ownerSignature, deviceSignature);
    }

    /// @inheritdoc IEnergyExchange
    function suspendMeter(address meter) external restricted {
        MeterRegistry.suspend(meter);
    }

    /// @inheritdoc IEnergyExchange
    function reinstateMeter(address meter) external restricted {
        MeterRegistry.reinstate(meter);
    }

    /// @inheritdoc IEnergyExchange
    function retireMeter(address meter) external restricted {
        MeterRegistry.retire(meter);
    }

    /// @inheritdoc IEnergyExchange
    function transferSite(
        uint32 site,
        address newOwner,
        bytes calldata ownerSignature,
        bytes calldata newOwnerSignature
    ) external {
        MeterRegistry.transferSite(_domainSeparatorV4(), site, newOwner, ownerSignature, newOwnerSignature);
    }

    /// @inheritdoc IEnergyExchange
    function setDelegate(address meter, address delegate) external {
        MeterRegistry.setDelegate(meter, delegate);
    }

    /// @inheritdoc IEnergyExchange
    function syncMeter(address meter) external {
        MeterRegistry.sync(meter);
    }

    /// @inheritdoc IEnergyExchange
    function setTier(uint32 site, uint8 tier) external restricted {
        MeterRegistry.setTier(site, tier);
    }

    // ---- Faults of a meter

    /// @inheritdoc IEnergyExchange
    function reportEquivocation(uint16 zone, uint32 slot, bytes calldata readingA, bytes calldata readingB) external {
        Penalties.reportEquivocation(_domainSeparatorV4(), zone, slot, readingA, readingB);
    }

    /// @inheritdoc IEnergyExchange
    function reportImpossible(uint16 zone, uint32 slot, bytes calldata reading) external {
        Penalties.reportImpossible(_domainSeparatorV4(), zone, slot, reading);
    }

    /// @inheritdoc IEnergyExchange
    function reportSelfTrade(address meterA, address meterB, uint32 slot) external {
        Penalties.reportSelfTrade(meterA, meterB, slot);
    }

    // ---- Evidence

    /// @inheritdoc IEnergyExchange
    function verifyReading(
        ReadingLeaf calldata leaf,
        bytes32 root,
        bytes32[] calldata proof
    ) external view returns (bytes32) {
        return ReadingEvidence.verify(leaf, root, proof);
    }

    /// @inheritdoc IEnergyExchange
    function drawEvidence(
        ReadingLeaf calldata leaf,
        bytes32 root,
        bytes32[] calldata proof,
        uint256 amountWh
    ) external restricted {
        ReadingEvidence.draw(leaf, root, proof, amountWh);
    }

    /// @inheritdoc IEnergyExchange
    function certifyExport(ReadingLeaf calldata leaf, bytes32 root, bytes32[] calldata proof) external restricted {
        ReadingEvidence.certify(leaf, root, proof);
    }

    /// @inheritdoc IEnergyExchange
    function correctReading(
        ReadingLeaf calldata leaf,
        bytes32 root,
        bytes32[] calldata proof,
        int256 amountTicks,
        string calldata reason,
        bytes calldata ownerSignature
    ) external restricted {
        ReadingEvidence.correct(_domainSeparatorV4(), leaf, root, proof, amountTicks, reason, ownerSignature);
    }

    // ---- Zones

    /// @inheritdoc IEnergyExchange
    function createZone(
        uint16 zone,
        ZoneLimits calldata limits,
        ZoneTerms calldata terms,
        ZoneAccounts calldata accounts
    ) external restricted {
        ZoneRegistry.create(zone, limits, terms, accounts);
    }

    /// @inheritdoc IEnergyExchange
    function setZoneTerms(uint16 zone, ZoneTerms calldata terms) external restricted {
        ZoneRegistry.setTerms(zone, terms);
    }

    /// @inheritdoc IEnergyExchange
    function setZoneAccounts(uint16 zone, ZoneAccounts calldata accounts) external restricted {
        ZoneRegistry.setAccounts(zone, accounts);
    }

    /// @inheritdoc IEnergyExchange
    function setTierDiscounts(uint256 discounts) external restricted {
        ZoneRegistry.setTierDiscounts(discounts);
    }

    /// @inheritdoc IEnergyExchange
    function fixTariffs(uint16 zone, uint32 through) external {
        Tariff.fix(zone, through);
    }

    /// @inheritdoc IEnergyExchange
    function setEnergyQueue(address queue) external restricted {
        Tariff.setQueue(queue);
    }

    /// @inheritdoc IEnergyExchange
    function setMatcher(uint16 zone, address matcher, uint32 fromSlot) external restricted {
        ZoneRegistry.setMatcher(zone, matcher, fromSlot);
    }

    /// @inheritdoc IEnergyExchange
    function endInspection(uint16 zone, uint32 slot, string calldata reason) external restricted {
        ZoneRegistry.endInspection(zone, slot, reason);
    }

    /// @inheritdoc IEnergyExchange
    function collectCharges(uint16 zone) external {
        ZoneRegistry.collectCharges(zone);
    }

    /// @inheritdoc IEnergyExchange
    function collectEarnings(address to) external {
        ZoneRegistry.collectEarnings(to);
    }

    /// @inheritdoc IEnergyExchange
    function pause() external restricted {
        _pause();
    }

    /// @inheritdoc IEnergyExchange
    function unpause() external restricted {
        _unpause();
    }

    // ---- Views, most of them in `ExchangeViews`

    /// @inheritdoc IEnergyExchange
    function meterWord(address meter) external view returns (MeterWord) {
        return ExchangeStorage.load().words[meter];
    }

    /// @inheritdoc IEnergyExchange
    function meterConfig(address meter) external view returns (MeterConfig memory) {
        return ExchangeStorage.load().configs[meter];
    }

    /// @inheritdoc IEnergyExchange
    function siteInfo(uint32) external view returns (SiteView memory) {
        _answer();
    }

    /// @inheritdoc IEnergyExchange
    function zoneInfo(uint16) external view returns (ZoneView memory) {
        _answer();
    }

    /// @inheritdoc IEnergyExchange
    function slotRecord(uint16, uint32) external view returns (SlotRecord memory) {
        _answer();
    }

    /// @inheritdoc IEnergyExchange
    function placedOrders(uint16, uint32) external view returns (PlacedOrder[] memory) {
        _answer();
    }

    /// @inheritdoc IEnergyExchange
    function termsAt(uint16, uint32) external view returns (ZoneTerms memory) {
        _answer();
    }

    /// @inheritdoc IEnergyExchange
    function tierDiscounts() external view returns (uint256) {
        _answer();
    }

    /// @inheritdoc IEnergyExchange
    function tariffAt(
        uint16 zone,
        uint32 slot
    ) external view returns (uint24 importPrice, uint24 exportPrice, int32 scarcityPpm) {
        return Tariff.priceAt(zone, slot);
    }

    /// @inheritdoc IEnergyExchange
    function scarcityAt(uint16 zone, uint32 slot) external view returns (int256 ppm) {
        return Tariff.scarcityAt(zone, slot);
    }

    /// @inheritdoc IEnergyExchange
    function energyQueue() external view returns (address queue, uint32 fromSlot) {
        return Tariff.queueInForce();
    }

    /// @inheritdoc IEnergyExchange
    function withdrawal(uint256) external view returns (Withdrawal memory) {
        _answer();
    }

    /// @inheritdoc IEnergyExchange
    function earned(address account) external view returns (uint256 ticks) {
        return ExchangeViews.earned(account);
    }

    /// @inheritdoc IEnergyExchange
    function matcherBond(address matcher) external view returns (uint256 ticks, uint256 unlockSlot) {
        return ExchangeViews.matcherBond(matcher);
    }

    /// @inheritdoc IEnergyExchange
    function evidence(address meter, uint32 slot) external view returns (uint256 usedWh, bool void, bool certified) {
        return ExchangeViews.evidence(meter, slot);
    }

    /// @inheritdoc IEnergyExchange
    function requiredBond(uint32 site) external view returns (uint256 ticks) {
        return ExchangeViews.requiredBond(site);
    }

    /// @inheritdoc IEnergyExchange
    function matcherAt(uint16 zone, uint32 slot) external view returns (address) {
        return ExchangeViews.matcherAt(zone, slot);
    }

    /// @inheritdoc IEnergyExchange
    function isFlagged(uint16 zone, uint32 slot) external view returns (bool) {
        return ExchangeViews.isFlagged(zone, slot);
    }

    /// @inheritdoc IEnergyExchange
    function domainSeparator() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    /// @inheritdoc IEnergyExchange
    function credit() external view returns (IEnergyCredit) {
        return ExchangeStorage.load().credit;
    }

    /// @inheritdoc IEnergyExchange
    function mintBound() external view returns (IMintBound) {
        return ExchangeStorage.load().mintBound;
    }

    /// @dev Answer a view with the bytes that the function of the same name and arguments in `ExchangeViews` returns for
    /// the same calldata, or revert with its error: decoding and encoding structs here again would not fit into a
    /// contract's size. It ends the call, so no view that calls it has a value to return.
    function _answer() private view {
        bytes memory answer = _asView(Address.functionDelegateCall)(address(ExchangeViews), msg.data);
        assembly ("memory-safe") {
            return(add(answer, 0x20), mload(answer))
        }
    }

    /// @dev The compiler takes any delegatecall for one that may write; those of `_answer` go to views only.
    function _asView(
        function(address, bytes memory) internal returns (bytes memory) write
    ) private pure returns (function(address, bytes memory) internal view returns (bytes memory) read) {
        assembly ("memory-safe") {
            read := write
        }
    }
}
