// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {MeterConfig, ReadingLeaf, SiteView, ZoneTerms, ZoneView} from "../energy/types/ExchangeTypes.sol";
import {MeterWord} from "../energy/types/MeterWord.sol";
import {ISeasons} from "./ISeasons.sol";
import {SeasonBase} from "./SeasonBase.sol";
import {SeasonPoints} from "./SeasonPoints.sol";
import {MeterTally, ProvenReading, SeasonTotals, SiteStage, SiteTally} from "./SeasonTypes.sol";

/// @notice A site's way through a season: enrolled with its registers, readings proved, concluded with its registers.
abstract contract SeasonTallies is SeasonBase {
    /// @notice A point and a Wh of rebate are worth at most this part of what an imported Wh costs in charges. There are
    /// five ways in which one imported Wh can earn: its rebate; a point when it is imported; a point through baselines
    /// (a day without an event weighs in at most three, a third each); when a battery gives it back, a point for the
    /// scarcity and one for load shed. So whoever moves energy in a circle pays in charges for all that it can earn.
    uint256 private constant SHARES_OF_CHARGES = 5;

    /// @dev What a conclusion gathers over a site's meters.
    struct Sums {
        uint256 unprovedWh;
        uint256 found; // enrolled meters
        uint256 tier; // lowest
    }

    /// @inheritdoc ISeasons
    function enrol(uint32 season, uint32 site) external {
        SiteView memory info = _site(site);
        _requireEntitled(info.owner);
        SiteTally storage tally = _sites[season][site];
        bool first = tally.stage == SiteStage.None;
        if (!first) {
            if (tally.stage != SiteStage.Enrolled) revert WrongStage(season, site, uint8(tally.stage));
            _requireClaimsOpen(season);
        } else {
            uint256 current = seasonAt(_slotNow());
            if (season == 0 || season < current || season > current + 1) revert EnrolmentClosed(season);
            tally.stage = SiteStage.Enrolled;
            tally.pointPrice = _pointPrice(info.zone);
            emit SiteEnrolled(season, site, tally.pointPrice);
        }
        uint256 added;
        for (uint256 i = 0; i < info.meters.length; ++i) {
            address meter = info.meters[i];
            MeterTally storage place = _meters[season][meter];
            if (place.site != 0) continue;
            MeterWord word = _word(meter);
            if (word.has(FLAG_FEEDER)) continue;
            MeterTally memory entry = _begin(season, site, meter, word, !first);
            _meters[season][meter] = entry;
            ++added;
        }
        if (added == 0) {
            if (first) revert NoMeters(site);
            revert AlreadyEnrolled(season, site);
        }
        tally.meters += uint8(added);
    }

    /// @inheritdoc ISeasons
    function prove(uint32 season, uint32 site, ProvenReading[] calldata readings) external {
        _requireEntitled(_site(site).owner);
        _requireClaimsOpen(season);
        SiteTally storage tally = _atStage(season, site, SiteStage.Enrolled);
        (uint256 firstSlot, uint256 lastSlot, ) = seasonBounds(season);
        int256 pointsPpm;
        uint256 importWh;
        address current;
        MeterTally memory entry;
        for (uint256 i = 0; i < readings.length; ++i) {
            ReadingLeaf calldata leaf = readings[i].leaf;
            // Readings of one meter in a row share one read and one write of its word.
            if (leaf.meter != current) {
                if (current != address(0)) _meters[season][current] = entry;
                current = leaf.meter;
                entry = _meters[season][current];
                if (entry.site != site) revert ForeignMeter(current, site);
            }
            if (leaf.slot <= entry.provedThrough) {
                revert ReadingOutOfOrder(current, leaf.slot, entry.provedThrough);
            }
            _verify(readings[i]);
            entry.provedThrough = uint24(leaf.slot);
            entry.provedImportWh += uint40(leaf.importWh);
            entry.provedExportWh += uint40(leaf.exportWh);
            int256 earned;
            if (leaf.slot >= firstSlot && leaf.slot <= lastSlot) {
                earned = SeasonPoints.ofReading(
                    exchange.scarcityAt(leaf.zone, leaf.slot),
                    leaf.importWh,
                    leaf.exportWh
                );
                pointsPpm += earned;
                importWh += leaf.importWh;
            }
            emit ReadingProved(season, site, current, leaf.slot, leaf.importWh, leaf.exportWh, earned);
        }
        if (current != address(0)) _meters[season][current] = entry;
        tally.pointsPpm += int96(pointsPpm);
        tally.importWh += uint40(importWh);
    }

    /// @inheritdoc ISeasons
    function conclude(uint32 season, uint32 site, address[] calldata former) external {
        SiteView memory info = _site(site);
        _requireEntitled(info.owner);
        (, uint256 lastSlot, ) = seasonBounds(season);
        if (_slotNow() <= lastSlot) revert SeasonRunning(season);
        _requireClaimsOpen(season);
        SiteTally storage tally = _atStage(season, site, SiteStage.Enrolled);

        Sums memory sums;
        sums.tier = type(uint8).max;
        for (uint256 i = 0; i < info.meters.length; ++i) _endCurrent(season, site, info.meters[i], lastSlot, sums);
        for (uint256 i = 0; i < former.length; ++i) _endFormer(season, site, former[i], sums);
        if (sums.found != tally.meters) revert MetersMissing(site, tally.meters, sums.found);
        if (sums.tier == type(uint8).max) sums.tier = 0;
        _fix(season, site, info, SeasonPoints.concluded(tally.pointsPpm, sums.unprovedWh), sums.tier);
    }

    /// @dev End the part of a meter that is the site's now.
    function _endCurrent(uint32 season, uint32 site, address meter, uint256 lastSlot, Sums memory sums) private {
        MeterWord word = _word(meter);
        if (word.has(FLAG_FEEDER)) return;
        if (word.lastSlot() < lastSlot) revert MeterUnread(meter, uint32(lastSlot));
        MeterTally memory entry = _meters[season][meter];
        // A meter that joined and was not enrolled counts from the registers it was registered with.
        if (entry.site == 0) entry = _begin(season, site, meter, word, true);
        else ++sums.found;
        sums.unprovedWh += _end(season, site, meter, word, entry);
        if (word.tier() < sums.tier) sums.tier = word.tier();
    }

    /// @dev End the part of a meter that was enrolled and has been retired or replaced.
    function _endFormer(uint32 season, uint32 site, address meter, Sums memory sums) private {
        MeterTally memory entry = _meters[season][meter];
        MeterWord word = _word(meter);
        if (entry.site != site || entry.concluded || word.isMeter()) revert ForeignMeter(meter, site);
        ++sums.found;
        sums.unprovedWh += _end(season, site, meter, word, entry);
    }

    /// @dev Where a meter's part begins: with its registers of now, or, if it joined an enrolled site, with those it was
    /// registered with, so that joining hides nothing.
    function _begin(
        uint32 season,
        uint32 site,
        address meter,
        MeterWord word,
        bool joined
    ) private returns (MeterTally memory entry) {
        entry.site = site;
        if (joined) {
            MeterConfig memory config = exchange.meterConfig(meter);
            entry.importWh = config.firstImportWh;
            entry.exportWh = config.firstExportWh;
        } else {
            entry.importWh = uint40(word.importWh());
            entry.exportWh = uint40(word.exportWh());
            entry.provedThrough = uint24(word.lastSlot());
        }
        emit MeterEnrolled(season, site, meter, entry.importWh, entry.exportWh, entry.provedThrough);
    }

    /// @dev Where a meter's part ends; returns the energy that was not proved.
    function _end(
        uint32 season,
        uint32 site,
        address meter,
        MeterWord word,
        MeterTally memory entry
    ) private returns (uint256 unprovedWh) {
        unprovedWh =
            SeasonPoints.unproved(word.importWh(), entry.importWh, entry.provedImportWh) +
            SeasonPoints.unproved(word.exportWh(), entry.exportWh, entry.provedExportWh);
        entry.concluded = true;
        _meters[season][meter] = entry;
        emit MeterConcluded(season, site, meter, uint40(word.importWh()), uint40(word.exportWh()), unprovedWh);
    }

    /// @dev Fix the site's figures and add them to the season's.
    function _fix(uint32 season, uint32 site, SiteView memory info, uint256 points, uint256 tier) private {
        SiteTally storage tally = _sites[season][site];
        tally.stage = SiteStage.Concluded;
        tally.owner = info.owner;
        tally.points = uint96(points);
        tally.tier = uint8(tier);
        uint24 pointPrice = _pointPrice(info.zone);
        if (pointPrice < tally.pointPrice) tally.pointPrice = pointPrice;
        uint256 rebatePrice = (rebatePrices >> (32 * tier)) & type(uint32).max;
        tally.rebatePrice = uint24(rebatePrice < tally.pointPrice ? rebatePrice : tally.pointPrice);
        tally.streak = points == 0 ? 0 : _streak(season, site);

        SeasonTotals storage totals = _totals[season];
        totals.points += uint96(points);
        totals.rebateTicks += uint96(uint256(tally.importWh) * tally.rebatePrice);
        ++totals.sites;
        emit SiteConcluded(season, site, info.owner, tally);
        if (points != 0) reputation.noteFlexible(site, points);
    }

    /// @dev Seasons with points in a row. Windows may overlap: one that is concluded after a later one counts alone.
    function _streak(uint256 season, uint256 site) private returns (uint8 streak) {
        uint256 held = _streaks[site];
        uint256 last = held >> 8;
        streak = 1;
        if (last >= season) return streak;
        if (last != 0 && last + 1 == season) {
            streak = uint8(held);
            if (streak != type(uint8).max) ++streak;
        }
        _streaks[site] = (season << 8) | streak;
    }

    /// @dev The least that an imported Wh costs in charges in the zone, now or by terms that are decided, shared out.
    function _pointPrice(uint16 zone) private view returns (uint24) {
        ZoneView memory view_ = _zone(zone);
        uint256 least = _charges(view_.terms);
        if (view_.nextTerms.fromSlot != 0) {
            uint256 next = _charges(view_.nextTerms);
            if (next < least) least = next;
        }
        return uint24(least / SHARES_OF_CHARGES);
    }

    function _charges(ZoneTerms memory terms) private pure returns (uint256) {
        return uint256(terms.networkLocalPrice) + terms.levyPrice;
    }
}
