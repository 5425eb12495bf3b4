// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {MeterWord} from "../types/MeterWord.sol";
import {Fill, SettlementLine} from "../types/Packed.sol";
import {EnergySource, MeterKind, ZoneAccounts, ZoneAccruals, ZoneLimits, ZoneTerms} from "../types/ExchangeTypes.sol";

/// @notice Everything that happens, complete enough to rebuild the state from events alone. `word` is always the
/// meter's word afterwards (see `MeterWord`), `line` the grid leg and charges (see `SettlementLine`).
interface IExchangeEvents {
    // ---- Zones and slots
    event ZoneCreated(uint16 indexed zone, ZoneLimits limits, ZoneTerms terms, ZoneAccounts accounts);
    event ZoneTermsSet(uint16 indexed zone, ZoneTerms terms);
    event ZoneAccountsSet(uint16 indexed zone, ZoneAccounts accounts);
    event TierDiscountsSet(uint256 discounts);
    event TariffFixed(
        uint16 indexed zone,
        uint32 indexed slot,
        uint24 importPrice,
        uint24 exportPrice,
        int32 scarcityPpm,
        uint48 queuedWh
    );
    event EnergyQueueSet(address indexed queue, uint32 fromSlot);
    event MatcherSet(uint16 indexed zone, address indexed matcher, uint32 fromSlot);
    event SlotOpened(uint16 indexed zone, uint32 indexed slot, ZoneTerms terms);
    event SlotClosed(
        uint16 indexed zone,
        uint32 indexed slot,
        bool flagged,
        uint48 importWh,
        uint48 exportWh,
        int56 feederWh,
        uint16 readCount
    );
    event SlotsPassedOver(uint16 indexed zone, uint32 indexed fromSlot, uint32 throughSlot);
    event InspectionEnded(uint16 indexed zone, uint32 indexed slot, address inspector, string reason);
    event ChargesAccrued(uint16 indexed zone, uint32 indexed slot, ZoneAccruals added);
    event ChargesCollected(uint16 indexed zone, ZoneAccruals amounts);
    event WorkPaid(uint16 indexed zone, uint32 indexed slot, address indexed worker, uint256 amountTicks);
    event EarningsCollected(address indexed account, address to, uint256 amountTicks);

    // ---- Sites and meters
    event SiteRegistered(uint32 indexed site, address indexed owner, uint16 indexed zone);
    event SiteTransferred(uint32 indexed site, address indexed from, address indexed to);
    event MeterRegistered(
        address indexed meter,
        uint32 indexed site,
        MeterKind kind,
        EnergySource source,
        uint32 storageCapacityWh,
        uint24 bestEfficiencyPpm,
        uint256 word
    );
    event MeterReplaced(
        address indexed oldMeter,
        address indexed newMeter,
        uint40 finalImportWh,
        uint40 finalExportWh,
        bool estimated,
        uint256 oldWord,
        uint256 newWord
    );
    event MeterStatusChanged(address indexed meter, uint8 status, uint256 word);
    event DelegateSet(address indexed meter, address indexed delegate);
    event MeterSynced(address indexed meter, uint256 word);
    /// @notice All meters of the site now have this tier and neutral reliability.
    event TierSet(uint32 indexed site, uint8 tier);
    /// @notice A fault of a meter was proven: the cut left its site's bond, a part of it for the reporter and the rest for
    /// the zone's season. The meter's reliability is 0 now and the tier of all meters of the site is 0.
    event Penalised(
        uint32 indexed site,
        address indexed meter,
        uint32 indexed slot,
        uint8 kind,
        uint256 cutTicks,
        uint256 rewardTicks,
        address reporter
    );
    /// @notice Two meters of a site trade with each other: neither's reliability is above neutral now.
    event SelfTrade(
        uint32 indexed site,
        uint32 indexed slot,
        address meterA,
        address meterB,
        uint256 wordA,
        uint256 wordB
    );
    event ReadingCorrected(
        address indexed meter,
        uint32 indexed slot,
        bytes32 leaf,
        int256 amountTicks,
        string reason,
        uint256 word
    );

    // ---- Orders
    event OrderPlaced(
        address indexed meter,
        uint16 indexed zone,
        uint32 indexed slot,
        uint256 index,
        uint8 side,
        uint24 energyWh,
        uint24 limitPrice,
        uint256 word
    );
    event OrderCancelled(address indexed meter, uint16 indexed zone, uint32 indexed slot, uint256 index, uint256 word);
    event PlacedOrderReleased(address indexed meter, uint16 indexed zone, uint32 indexed slot, uint256 word);
    event BookCommitted(
        uint16 indexed zone,
        uint32 indexed slot,
        address indexed matcher,
        bytes32 bookHash,
        uint256 orders
    );
    event OrderCleared(address indexed meter, Fill fill);
    event OrderSkipped(address indexed meter, uint16 indexed zone, uint32 indexed slot, bytes4 reason);
    event SlotCleared(
        uint16 indexed zone,
        uint32 indexed slot,
        uint24 clearingPrice,
        uint40 matchedWh,
        uint16 positions,
        uint64 feeTicks,
        uint64 workTicks
    );
    event MatcherBondChanged(address indexed matcher, int256 changeTicks, uint256 bondTicks);
    event MatcherUnlockRequested(address indexed matcher, uint32 unlockSlot);
    event MatcherPenalised(
        address indexed matcher,
        uint16 indexed zone,
        uint32 indexed slot,
        bytes32 fault,
        uint256 cutTicks,
        address reporter,
        uint256 rewardTicks
    );

    // ---- Readings and settlement
    event ReadingSettled(address indexed meter, MeterWord word, SettlementLine line);
    event ReadingSkipped(address indexed meter, uint16 indexed zone, uint32 indexed slot, bytes4 reason);
    event BatchSettled(
        uint16 indexed zone,
        uint32 indexed slot,
        bytes32 indexed root,
        uint256 readings,
        uint256 mintedTicks,
        uint256 burnedTicks
    );
    event PositionClosed(address indexed meter, uint32 indexed slot, MeterWord word, SettlementLine line);
    event CloseSkipped(address indexed meter, uint16 indexed zone, uint32 indexed slot, bytes4 reason);
    event ChargesLapsed(address indexed meter, uint32 indexed slot, uint256 networkTicks, uint256 levyTicks);
    event DisconnectionRequested(
        address indexed meter,
        uint32 indexed slot,
        uint256 balanceTicks,
        uint256 depositTicks
    );

    // ---- Money
    event Deposited(address indexed meter, address indexed from, uint256 amountTicks, uint256 word);
    event BalanceMoved(address indexed from, address indexed to, uint256 amountTicks, uint256 fromWord, uint256 toWord);
    event WithdrawalRequested(
        uint256 indexed id,
        address indexed meter,
        address indexed to,
        uint256 amountTicks,
        uint32 maturitySlot,
        uint256 word
    );
    event WithdrawalCollected(uint256 indexed id, address indexed to, uint256 amountTicks, uint256 debtTicks);
    event BondPosted(uint32 indexed site, address indexed from, uint256 amountTicks, uint256 bondTicks);
    event UnbondRequested(uint32 indexed site, uint256 amountTicks, uint32 maturitySlot);
    event BondCollected(uint32 indexed site, address indexed to, uint256 amountTicks, uint256 bondTicks);
    event DebtIncurred(
        uint32 indexed site,
        address indexed meter,
        uint256 bondBurnedTicks,
        uint256 addedTicks,
        uint256 debtTicks
    );
    event DebtRepaid(uint32 indexed site, address indexed meter, uint256 amountTicks, uint256 debtTicks);
    event DebtWrittenOff(uint32 indexed site, uint256 amountTicks, uint256 debtTicks);
    event BalanceSeized(uint32 indexed site, address indexed meter, uint256 amountTicks, uint256 word);
    event ClaimGranted(address indexed meter, uint256 amountTicks, uint256 claimTicks);
    event ClaimPaid(
        address indexed meter,
        uint256 mintedTicks,
        uint256 debtOffsetTicks,
        uint256 claimTicks,
        uint256 word
    );

    // ---- Evidence
    event EvidenceDrawn(
        address indexed meter,
        uint32 indexed slot,
        address indexed by,
        uint256 amountWh,
        uint256 usedWh
    );
    event ExportCertified(address indexed meter, uint32 indexed slot, address indexed by, uint256 exportWh);
}
