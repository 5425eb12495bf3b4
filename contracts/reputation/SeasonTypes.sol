// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ReadingLeaf} from "../energy/types/ExchangeTypes.sol";

/// @notice Where a site stands in a season.
enum SiteStage {
    None,
    Enrolled,
    Concluded,
    Collected
}

/// @notice What a quest asks for. The order is part of the ABI: append only.
enum QuestGoal {
    Points,
    ShedWh,
    Tier,
    Streak
}

/// @notice A meter in a season. One word.
struct MeterTally {
    uint40 importWh; // registers where the meter's part in the season begins
    uint40 exportWh;
    uint40 provedImportWh; // energy since then that was proved, in the season or not
    uint40 provedExportWh;
    uint24 provedThrough; // newest proved slot; at the beginning the newest settled one
    uint32 site; // 0 = not part of the season
    bool concluded;
}

/// @notice A site in a season.
struct SiteTally {
    // word 1
    int96 pointsPpm; // sum of points so far, a millionth of a point each
    uint40 importWh; // proved import of the season's slots
    uint40 shedWh; // energy shed in demand-response events
    uint24 pointPrice; // highest reward and rebate, ticks per point and per Wh
    uint24 rebatePrice; // ticks per proved imported Wh, set at the conclusion
    uint8 meters; // meters that were enrolled
    SiteStage stage;
    uint8 tier; // lowest tier of its meters at the conclusion
    uint8 streak; // seasons with points in a row, this one included
    // word 2
    address owner; // at the conclusion: who is paid and gets badges
    uint96 points; // whole points of the concluded season, never negative
}

/// @notice Sums over the sites that concluded a season.
struct SeasonTotals {
    // word 1
    uint96 points;
    uint96 rebateTicks; // before scaling
    uint32 sites;
    bool finished;
    // word 2
    uint128 pool; // credit base units shared out
    uint128 rebates; // base units of it that all rebates get together
}

/// @notice A demand-response event. One word.
struct DemandEvent {
    uint32 season;
    uint16 zone;
    uint24 firstSlot;
    uint8 slots;
    uint24 pointsPpm; // points per Wh shed, ppm
}

/// @notice A goal that earns a badge.
struct Quest {
    // word 1
    QuestGoal goal;
    uint96 threshold; // least value, in the goal's unit
    uint32 fromSeason; // first season it can be reached in
    uint32 throughSeason; // last one, or 0 = no end
    // word 2
    bytes32 title; // letters, digits, spaces and hyphens, padded with zeros
}

/// @notice A settled reading with the path that proves it.
struct ProvenReading {
    ReadingLeaf leaf;
    bytes32 root;
    bytes32[] proof;
}
