// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Clock} from "../energy/libraries/Clock.sol";
import {ReadingLeaf, SiteView, ZoneView} from "../energy/types/ExchangeTypes.sol";
import {MeterWord} from "../energy/types/MeterWord.sol";
import {IFlexibilityLedger} from "./IFlexibilityLedger.sol";
import {ISeasonExchange} from "./ISeasonExchange.sol";
import {ISeasons} from "./ISeasons.sol";
import {DemandEvent, MeterTally, ProvenReading, SeasonTotals, SiteStage, SiteTally} from "./SeasonTypes.sol";

/// @notice State of the seasons, their clock, and what every verb checks first.
abstract contract SeasonBase is ISeasons, AccessManaged {
    uint256 internal constant BASE_UNITS_PER_TICK = 1e9;
    /// @dev Bit of `MeterWord.flags` of a feeder.
    uint256 internal constant FLAG_FEEDER = 16;
    /// @dev Bit 0 of a leaf's flags.
    uint256 internal constant GAP = 1;
    uint256 private constant MIN_SEASON_SLOTS = 96;
    uint256 private constant MAX_SEASON_SLOTS = 2688;
    uint256 private constant MIN_CLAIM_SLOTS = 8;
    uint256 private constant MAX_CLAIM_SLOTS = 960;

    /// @notice The exchange whose readings are proved.
    ISeasonExchange public immutable exchange;
    /// @notice The credits that the pool is made of.
    IERC20 public immutable credit;
    /// @notice Where flexible energy is reported.
    IFlexibilityLedger public immutable reputation;
    /// @notice First slot of season 1.
    uint32 public immutable startSlot;
    /// @notice Slots of a season: 96 to 2,688 (a day to four weeks).
    uint32 public immutable seasonSlots;
    /// @notice Slots after a season's end in which it is proved and concluded: 8 to 960. With the longest season that is
    /// less than the 4,096 slots for which the exchange knows scarcities.
    uint32 public immutable claimSlots;

    /// @inheritdoc ISeasons
    mapping(address owner => address agent) public agentOf;
    mapping(uint256 season => mapping(address meter => MeterTally)) internal _meters;
    mapping(uint256 season => mapping(uint256 site => SiteTally)) internal _sites;
    mapping(uint256 season => SeasonTotals) internal _totals;
    /// @notice The newest season whose pool is fixed.
    uint32 public lastFinished;
    /// @dev When a site last had points: season << 8 | seasons in a row.
    mapping(uint256 site => uint256) internal _streaks;
    DemandEvent[] internal _events;
    mapping(uint256 zone => mapping(uint256 word => uint256 bits)) internal _eventSlots;
    mapping(uint256 eventId => mapping(uint256 site => uint256 bits)) internal _eventClaims;
    /// @inheritdoc ISeasons
    uint256 public rebatePrices;

    /// @param startSlot_ First slot of season 1.
    /// @param seasonSlots_ Slots of a season.
    /// @param claimSlots_ Slots of a claim window.
    constructor(
        ISeasonExchange exchange_,
        IERC20 credit_,
        IFlexibilityLedger reputation_,
        uint32 startSlot_,
        uint32 seasonSlots_,
        uint32 claimSlots_
    ) {
        if (seasonSlots_ < MIN_SEASON_SLOTS || seasonSlots_ > MAX_SEASON_SLOTS) {
            revert BadParameter("seasonSlots", seasonSlots_);
        }
        if (claimSlots_ < MIN_CLAIM_SLOTS || claimSlots_ > MAX_CLAIM_SLOTS) {
            revert BadParameter("claimSlots", claimSlots_);
        }
        exchange = exchange_;
        credit = credit_;
        reputation = reputation_;
        startSlot = startSlot_;
        seasonSlots = seasonSlots_;
        claimSlots = claimSlots_;
        emit SeasonsStarted(startSlot_, seasonSlots_, claimSlots_);
    }

    /// @inheritdoc ISeasons
    function setAgent(address agent) external {
        agentOf[msg.sender] = agent;
        emit AgentSet(msg.sender, agent);
    }

    /// @inheritdoc ISeasons
    function seasonAt(uint32 slot) public view returns (uint32 season) {
        return slot < startSlot ? 0 : (slot - startSlot) / seasonSlots + 1;
    }

    /// @inheritdoc ISeasons
    function seasonBounds(
        uint32 season
    ) public view returns (uint32 firstSlot, uint32 lastSlot, uint32 claimsLastSlot) {
        return _bounds(season);
    }

    /// @inheritdoc ISeasons
    function meterTally(uint32 season, address meter) external view returns (MeterTally memory) {
        return _meters[season][meter];
    }

    /// @inheritdoc ISeasons
    function siteTally(uint32 season, uint32 site) external view returns (SiteTally memory) {
        return _sites[season][site];
    }

    /// @inheritdoc ISeasons
    function seasonTotals(uint32 season) external view returns (SeasonTotals memory) {
        return _totals[season];
    }

    /// @dev A season whose slots no meter can count does not exist, nor does season 0.
    function _bounds(uint256 season) internal view returns (uint32 firstSlot, uint32 lastSlot, uint32 claimsLastSlot) {
        uint256 next = startSlot + season * seasonSlots;
        if (season == 0 || next + claimSlots > type(uint24).max) revert BadParameter("season", season);
        return (uint32(next - seasonSlots), uint32(next - 1), uint32(next - 1 + claimSlots));
    }

    function _slotNow() internal view returns (uint32) {
        return uint32(Clock.slotNow());
    }

    /// @dev Proofs and conclusions end with the claim window.
    function _requireClaimsOpen(uint32 season) internal view {
        (, , uint256 claimsLastSlot) = seasonBounds(season);
        if (_slotNow() > claimsLastSlot) revert ClaimsClosed(season);
    }

    function _requireEntitled(address owner) internal view {
        if (msg.sender != owner && msg.sender != agentOf[owner]) revert NotEntitled(msg.sender);
    }

    function _atStage(uint32 season, uint32 site, SiteStage stage) internal view returns (SiteTally storage tally) {
        tally = _sites[season][site];
        if (tally.stage != stage) revert WrongStage(season, site, uint8(tally.stage));
    }

    function _site(uint32 site) internal view returns (SiteView memory) {
        return exchange.siteInfo(site);
    }

    function _zone(uint16 zone) internal view returns (ZoneView memory) {
        return exchange.zoneInfo(zone);
    }

    function _word(address meter) internal view returns (MeterWord) {
        return exchange.meterWord(meter);
    }

    /// @dev A reading of exactly one slot, settled and not voided.
    function _verify(ProvenReading calldata reading) internal view {
        ReadingLeaf calldata leaf = reading.leaf;
        if (leaf.flags & GAP != 0) revert GapReading(leaf.meter, leaf.slot);
        exchange.verifyReading(leaf, reading.root, reading.proof);
    }
}
