// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {DemandEvent, MeterTally, ProvenReading, SeasonTotals, SiteTally} from "./SeasonTypes.sol";
import {ISeasonErrors} from "./ISeasonErrors.sol";

/// @notice Seasons: points for using energy when it is plentiful and giving it when it is scarce, demand-response events,
/// and a reward pool that is shared by points. Quests and badges are in `Badges`.
///
/// A season is a run of slots. Then a claim window is open, in which owners prove readings and conclude; then its pool is
/// shared out, until the next season's claims end. What nobody collected belongs to the next pool. The pool is whatever
/// credits the contract holds: the zones' season charges, slashed bonds, gifts.
///
/// A reading earns `-scarcity * (import - export)` points, scarcity as published with the slot's tariff. Energy between
/// the registers at enrolment and at conclusion that was not proved counts -1 point a Wh, import and export alike, the
/// worst that it could have been: hiding a slot never pays.
///
/// Assumptions: the exchange verifies readings and publishes scarcity; the REGISTRAR attests which meters make up a
/// site; GRID calls events in good faith, within bounds that keep a baseline from being worth inflating.
interface ISeasons is ISeasonErrors {
    /// @notice The seasons of this contract, fixed at its deployment: first slot of season 1, slots of a season, slots of a
    /// claim window.
    event SeasonsStarted(uint32 startSlot, uint32 seasonSlots, uint32 claimSlots);
    /// @notice A site takes part; rewards and rebates are at most `pointPrice` ticks per point and per Wh.
    event SiteEnrolled(uint32 indexed season, uint32 indexed site, uint24 pointPrice);
    /// @notice A meter's part begins: its registers and its newest settled slot.
    event MeterEnrolled(
        uint32 indexed season,
        uint32 indexed site,
        address indexed meter,
        uint40 importWh,
        uint40 exportWh,
        uint24 lastSlot
    );
    /// @notice A reading was proved; outside the season it earns nothing and hides nothing.
    event ReadingProved(
        uint32 indexed season,
        uint32 indexed site,
        address indexed meter,
        uint32 slot,
        uint64 importWh,
        uint64 exportWh,
        int256 pointsPpm
    );
    /// @notice The grid asks a zone to use less in `slots` slots from `firstSlot`.
    event EventCalled(
        uint256 indexed eventId,
        uint16 indexed zone,
        uint32 indexed season,
        uint32 firstSlot,
        uint8 slots,
        uint24 pointsPpm
    );
    /// @notice A site showed what it used: net import, and the mean of three comparable days times three.
    event LoadShed(
        uint256 indexed eventId,
        uint32 indexed site,
        uint32 slot,
        int256 baselineWhTimesThree,
        int256 actualWh,
        uint256 shedWh,
        int256 pointsPpm
    );
    /// @notice A meter's part ends: its registers, and the energy that was not proved.
    event MeterConcluded(
        uint32 indexed season,
        uint32 indexed site,
        address indexed meter,
        uint40 importWh,
        uint40 exportWh,
        uint256 unprovedWh
    );
    /// @notice A site's season is over; `tally` is what it stands at.
    event SiteConcluded(uint32 indexed season, uint32 indexed site, address indexed owner, SiteTally tally);
    /// @notice The season's pool is fixed, credit base units; all rebates together get `rebates` of it.
    event SeasonFinished(uint32 indexed season, uint256 sites, uint256 points, uint256 pool, uint256 rebates);
    /// @notice A site's reward and rebate were paid, credit base units.
    event RewardCollected(
        uint32 indexed season,
        uint32 indexed site,
        address indexed owner,
        uint256 reward,
        uint256 rebate
    );
    /// @notice Rebates by tier: 8 lanes of 32 bits, ticks per proved imported Wh, tier 0 lowest.
    event RebatePricesSet(uint256 lanes);
    /// @notice Who may act for an owner; zero = nobody.
    event AgentSet(address indexed owner, address indexed agent);

    /// @notice Name who may enrol, prove and conclude for the caller's sites; zero revokes.
    function setAgent(address agent) external;

    /// @notice Take part in the season under way or the next one: the registers of the site's meters are noted. Calling
    /// again adds meters that have joined since, with the registers they were registered with. Caller: owner or agent.
    /// @dev Errors: `NotEntitled`, `EnrolmentClosed`, `AlreadyEnrolled`, `NoMeters`, `WrongStage`.
    function enrol(uint32 season, uint32 site) external;

    /// @notice Prove readings of the site's meters, of each meter in rising slots. Until the claims end. Caller: owner or
    /// agent.
    /// @dev Errors: `NotEntitled`, `ClaimsClosed`, `WrongStage`, `ForeignMeter`, `ReadingOutOfOrder`, `GapReading`, and
    /// those of the exchange's `verifyReading` and `scarcityAt`.
    function prove(uint32 season, uint32 site, ProvenReading[] calldata readings) external;

    /// @notice Show how much less than usual the site used in a slot of an event. For each of the site's meters that is
    /// no feeder, in the site's order: the three baseline slots, the newest first, then the event's. Until the claims
    /// end. Caller: owner or agent.
    /// @dev Errors: `NotEntitled`, `UnknownEvent`, `ClaimsClosed`, `WrongStage`, `EventClaimed`, `NoBaseline`,
    /// `UnexpectedReading`, `GapReading`, and those of `verifyReading`.
    function claimEvent(uint256 eventId, uint32 slot, uint32 site, ProvenReading[] calldata readings) external;

    /// @notice Conclude the site's season after its end: unproved energy is charged, points are fixed. Caller: owner or
    /// agent.
    /// @param former Meters that were enrolled and have been retired or replaced since.
    /// @dev Errors: `NotEntitled`, `SeasonRunning`, `ClaimsClosed`, `WrongStage`, `MeterUnread`, `ForeignMeter`,
    /// `MetersMissing`.
    function conclude(uint32 season, uint32 site, address[] calldata former) external;

    /// @notice Fix the pool of a season whose claims have ended. Anybody.
    /// @dev Errors: `ClaimsOpen`, `AlreadyFinished`.
    function finish(uint32 season) external;

    /// @notice Pay a site's reward and rebate to its owner at the conclusion. Anybody, until the next season's claims end.
    /// @return amount Credit base units.
    /// @dev Errors: `PayoutClosed`, `WrongStage`, `NothingToCollect`.
    function collect(uint32 season, uint32 site) external returns (uint256 amount);

    /// @notice Ask a zone to use less in some slots, 8 to 95 slots ahead, when every baseline day has passed. Role: GRID.
    /// @param pointsPpm Points per Wh shed, at most 1,000,000.
    /// @dev Errors: `BadParameter`, `EventOutOfRange`, `EventTooSoon`, `NoBaseline`.
    function callEvent(uint16 zone, uint32 firstSlot, uint8 slots, uint24 pointsPpm) external returns (uint256 eventId);

    /// @notice Set the rebates by tier for conclusions from now on. Role: GOVERNOR.
    /// @param lanes 8 lanes of 32 bits, ticks per proved imported Wh, tier 0 lowest: zero, then not falling, each at most
    /// 100,000.
    /// @dev Error: `BadParameter`.
    function setRebatePrices(uint256 lanes) external;

    /// @notice The season that a slot belongs to; 0 before the first.
    function seasonAt(uint32 slot) external view returns (uint32 season);

    /// @notice First and last slot of a season, and the last one of its claim window.
    function seasonBounds(
        uint32 season
    ) external view returns (uint32 firstSlot, uint32 lastSlot, uint32 claimsLastSlot);

    /// @notice A meter in a season.
    function meterTally(uint32 season, address meter) external view returns (MeterTally memory);

    /// @notice A site in a season.
    function siteTally(uint32 season, uint32 site) external view returns (SiteTally memory);

    /// @notice Sums of a season.
    function seasonTotals(uint32 season) external view returns (SeasonTotals memory);

    /// @notice What a concluded site of a finished season gets, credit base units.
    function rewardOf(uint32 season, uint32 site) external view returns (uint256 reward, uint256 rebate);

    /// @notice An event.
    function demandEvent(uint256 eventId) external view returns (DemandEvent memory);

    /// @notice Whether a slot of a zone belongs to an event.
    function isEventSlot(uint16 zone, uint32 slot) external view returns (bool);

    /// @notice The three baseline slots of a slot, the newest first.
    /// @dev Error: `NoBaseline`.
    function baselineSlots(uint16 zone, uint32 slot) external view returns (uint32[3] memory);

    /// @notice Whether a site claimed a slot of an event.
    function isEventClaimed(uint256 eventId, uint32 site, uint32 slot) external view returns (bool);

    /// @notice Rebates by tier, see `setRebatePrices`.
    function rebatePrices() external view returns (uint256 lanes);

    /// @notice Who may act for an owner.
    function agentOf(address owner) external view returns (address);
}
