// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC5805} from "@openzeppelin/contracts/interfaces/IERC5805.sol";

/// @notice A site's reputation, for reading. Components and score are ppm, 0 to 1,000,000, as of the last sync.
struct ReputationView {
    uint24 reliabilityPpm;
    uint24 efficiencyPpm;
    uint24 contributionPpm;
    uint24 scorePpm;
    uint8 tier;
    uint24 day; // slot / 96 of the last sync, 0 = never synced
    uint16 faults; // proven faults taken into account
    uint24 votes; // voting units the site gives its owner
    address owner; // who holds them
    uint48 flexibleWh; // flexible energy reported since the last sample of contribution
}

/// @notice The scores from which tiers 1 to 4 begin, and how far a score may fall below before the tier is lost; ppm.
struct TierRules {
    uint24 tier1Ppm;
    uint24 tier2Ppm;
    uint24 tier3Ppm;
    uint24 tier4Ppm;
    uint24 hysteresisPpm;
}

/// @notice Reputation of sites: reliability, efficiency and contribution, each a decaying mean; tiers and votes follow.
///
/// Assumptions: the exchange tells the truth about meters, sites and proven faults; the REGISTRAR attests that a site is
/// one grid connection point, which is what keeps one owner from having the votes of many; scores move at a sync only,
/// so whoever reads an old one sees an old one (`queueRank` lets it decay first).
interface IReputation is IERC5805 {
    /// @notice The site was never registered.
    error UnknownSite(uint32 site);
    /// @notice The site was synced on this day (slot / 96) already; a site is synced at most once a day.
    error AlreadySynced(uint32 site, uint24 day);
    /// @notice Thresholds must rise, the lowest less the hysteresis be above neutral, and the highest at most
    /// 1,000,000; the hysteresis at most 50,000.
    error BadTierRules(TierRules rules);

    /// @notice The causes of a sync's moves: a sample is ppm, or 16,777,215 where there was none.
    event ReputationSampled(
        uint32 indexed site,
        uint24 reliabilitySample,
        uint24 efficiencySample,
        uint24 contributionSample,
        uint16 faults
    );
    /// @notice A site's reputation after a sync: components and votes in ppm, the day as slot / 96.
    event ReputationSynced(
        uint32 indexed site,
        address indexed owner,
        uint24 day,
        uint24 reliabilityPpm,
        uint24 efficiencyPpm,
        uint24 contributionPpm,
        uint8 tier,
        uint24 votes
    );
    /// @notice Flexible energy was reported for a site; `totalWh` waits for the next sample. Both stop at 2^48 - 1.
    event FlexibleNoted(uint32 indexed site, uint48 energyWh, uint48 totalWh);
    /// @notice Settled compute work was reported for a site: samples in ppm, 16,777,215 where there is none, and how many of
    /// each kind wait for the next sync. Counts stop at 2^32 - 1; what comes then is lost.
    event WorkNoted(
        uint32 indexed site,
        uint24 contributionPpm,
        uint24 efficiencyPpm,
        uint32 contributions,
        uint32 efficiencies
    );
    event TierRulesSet(TierRules rules);

    /// @notice Bring a site's components, tier and votes up to date. Anybody, once a day a site.
    /// @dev Errors: `UnknownSite`, `AlreadySynced`.
    function sync(uint32 site) external;

    /// @notice Sync many sites; those that were synced today or are unknown are passed over.
    /// @return synced How many were synced.
    function syncMany(uint32[] calldata sites) external returns (uint256 synced);

    /// @notice Add flexible energy (Wh shifted or shed when it helped) to a site's next sample. Role: SEASONS.
    /// @dev Error: `UnknownSite`.
    function noteFlexible(uint32 site, uint256 energyWh) external;

    /// @notice Set the rules of tiers. Role: GOVERNOR.
    /// @dev Error: `BadTierRules`. Holds from each site's next sync.
    function setTierRules(TierRules calldata rules) external;

    /// @notice A site's reputation as of its last sync; neutral components where it was never synced.
    function reputationOf(uint32 site) external view returns (ReputationView memory);

    /// @notice Tier 0 to 4 of a site as of its last sync.
    function tierOf(uint32 site) external view returns (uint8);

    /// @notice Place in a queue: the greater, the further ahead. Tier first, then score, both as a sync without any
    /// sample would leave them today: `tier << 24 | score`. A site that was never synced has no rank: 0.
    function queueRank(uint32 site) external view returns (uint256 rank);

    /// @notice Samples of compute work that wait for a site's next sync: sums in ppm, and how many there are.
    function pendingWork(
        uint32 site
    ) external view returns (uint64 contributionSum, uint32 contributions, uint64 efficiencySum, uint32 efficiencies);

    /// @notice How many sites have votes.
    function votingSites() external view returns (uint256);

    /// @notice Voting units that an account holds from all its sites, delegated or not.
    function votingUnits(address account) external view returns (uint256);

    /// @notice The rules of tiers.
    function tierRules() external view returns (TierRules memory);
}
