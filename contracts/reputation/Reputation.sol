// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Votes} from "@openzeppelin/contracts/governance/utils/Votes.sol";
import {IERC6372} from "@openzeppelin/contracts/interfaces/IERC6372.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SiteView} from "../energy/types/ExchangeTypes.sol";
import {Components} from "./Components.sol";
import {IReputation, ReputationView, TierRules} from "./IReputation.sol";
import {IReputationSource} from "./IReputationSource.sol";
import {IWorkLedger} from "./IWorkLedger.sol";
import {Samples} from "./Samples.sol";
import {WorkSamples} from "./WorkSamples.sol";

/// @title Reputation
/// @notice Scores, tiers and votes of sites, out of facts that the energy exchange holds. `docs/reputation.md` tells how.
contract Reputation is IReputation, IWorkLedger, AccessManaged, Votes {
    using WorkSamples for WorkSamples.Work;

    /// @notice A site as of its last sync.
    struct Record {
        // word 1
        uint24 reliabilityPpm;
        uint24 efficiencyPpm;
        uint24 contributionPpm;
        uint8 tier;
        uint24 day; // 0 = never synced
        uint16 faults;
        uint24 votes;
        // word 2
        address owner;
        uint48 flexibleWh;
    }

    uint256 private constant DAY_SECONDS = 86_400;
    uint256 private constant MAX_HYSTERESIS = 50_000;

    IReputationSource public immutable exchange;

    /// @inheritdoc IReputation
    uint256 public votingSites;

    mapping(uint32 site => Record) private _records;
    mapping(address meter => Samples.Registers) private _noted;
    mapping(uint32 site => WorkSamples.Work) private _work;
    mapping(address account => uint256 units) private _units;
    TierRules private _rules;

    constructor(
        IReputationSource exchange_,
        address authority_
    ) AccessManaged(authority_) EIP712("Joulework Reputation", "1") {
        exchange = exchange_;
        _setTierRules(TierRules(550_000, 620_000, 700_000, 800_000, 20_000));
    }

    /// @inheritdoc IReputation
    function sync(uint32 site) external {
        SiteView memory facts = _known(site);
        uint24 day = _today();
        if (_records[site].day == day) revert AlreadySynced(site, day);
        _sync(site, facts, day);
    }

    /// @inheritdoc IReputation
    function syncMany(uint32[] calldata sites) external returns (uint256 synced) {
        uint24 day = _today();
        for (uint256 i = 0; i < sites.length; ++i) {
            if (_records[sites[i]].day == day) continue;
            SiteView memory facts = exchange.siteInfo(sites[i]);
            if (facts.owner == address(0)) continue;
            _sync(sites[i], facts, day);
            ++synced;
        }
    }

    /// @inheritdoc IReputation
    function noteFlexible(uint32 site, uint256 energyWh) external restricted {
        _known(site);
        Record storage record = _records[site];
        uint48 noted = energyWh > type(uint48).max ? type(uint48).max : uint48(energyWh);
        uint256 total = uint256(record.flexibleWh) + noted;
        record.flexibleWh = total > type(uint48).max ? type(uint48).max : uint48(total);
        emit FlexibleNoted(site, noted, record.flexibleWh);
    }

    /// @inheritdoc IWorkLedger
    function noteWork(uint32 site, uint256 contributionPpm, uint256 efficiencyPpm) external restricted {
        _known(site);
        WorkSamples.Work storage work = _work[site];
        work.add(contributionPpm, efficiencyPpm);
        emit WorkNoted(
            site,
            uint24(WorkSamples.capped(contributionPpm)),
            uint24(WorkSamples.capped(efficiencyPpm)),
            work.contributions,
            work.efficiencies
        );
    }

    /// @inheritdoc IReputation
    function setTierRules(TierRules calldata rules) external restricted {
        _setTierRules(rules);
    }

    /// @inheritdoc IReputation
    function reputationOf(uint32 site) external view returns (ReputationView memory result) {
        Record memory record = _load(site);
        result.reliabilityPpm = record.reliabilityPpm;
        result.efficiencyPpm = record.efficiencyPpm;
        result.contributionPpm = record.contributionPpm;
        result.scorePpm = uint24(_score(record));
        result.tier = record.tier;
        result.day = record.day;
        result.faults = record.faults;
        result.votes = record.votes;
        result.owner = record.owner;
        result.flexibleWh = record.flexibleWh;
    }

    /// @inheritdoc IReputation
    function tierOf(uint32 site) external view returns (uint8) {
        return _records[site].tier;
    }

    /// @inheritdoc IReputation
    function queueRank(uint32 site) external view returns (uint256 rank) {
        Record memory record = _records[site];
        if (record.day == 0) return 0;
        uint256 idle = _today() - record.day;
        uint256 score = Components.score(
            Components.decay(record.reliabilityPpm, idle),
            Components.decay(record.efficiencyPpm, idle),
            Components.decay(record.contributionPpm, idle)
        );
        return (Components.tierOf(score, record.tier, _rules) << 24) | score;
    }

    /// @inheritdoc IReputation
    function pendingWork(
        uint32 site
    ) external view returns (uint64 contributionSum, uint32 contributions, uint64 efficiencySum, uint32 efficiencies) {
        WorkSamples.Work storage work = _work[site];
        return (work.contributionSum, work.contributions, work.efficiencySum, work.efficiencies);
    }

    /// @inheritdoc IReputation
    function votingUnits(address account) external view returns (uint256) {
        return _units[account];
    }

    /// @inheritdoc IReputation
    function tierRules() external view returns (TierRules memory) {
        return _rules;
    }

    /// @notice Votes are counted by time: seconds.
    function clock() public view override(Votes, IERC6372) returns (uint48) {
        return uint48(block.timestamp);
    }

    /// @inheritdoc IERC6372
    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() public pure override(Votes, IERC6372) returns (string memory) {
        return "mode=timestamp";
    }

    /// @dev Reads first, writes its own state, and calls the exchange, which calls nobody, last: the exchange forgets
    /// the reliability that was sampled, so that no trade counts twice.
    function _sync(uint32 site, SiteView memory facts, uint24 day) private {
        Samples.Result memory taken = Samples.take(exchange, facts.meters, _noted);
        Record memory record = _load(site);
        WorkSamples.Work memory work = _work[site];
        uint256 flexible = Samples.contribution(record.flexibleWh, taken.ratedWh);
        uint256 contribution = work.contribution(flexible);
        taken.efficiency = work.efficiency(taken.efficiency);
        emit ReputationSampled(
            site,
            uint24(taken.reliability),
            uint24(taken.efficiency),
            uint24(contribution),
            facts.faults
        );
        if (flexible != Components.NO_SAMPLE) record.flexibleWh = 0;
        if (work.contributions != 0 || work.efficiencies != 0) delete _work[site];

        uint256 elapsed = record.day == 0 ? 1 : day - record.day;
        record.day = day;
        record.reliabilityPpm = uint24(Components.advance(record.reliabilityPpm, elapsed, taken.reliability));
        record.efficiencyPpm = uint24(Components.advance(record.efficiencyPpm, elapsed, taken.efficiency));
        record.contributionPpm = uint24(Components.advance(record.contributionPpm, elapsed, contribution));
        if (facts.faults != record.faults) {
            record.faults = facts.faults;
            record.reliabilityPpm = 0;
        }
        record.tier = uint8(Components.tierOf(_score(record), record.tier, _rules));
        // A site where nobody is connected any more takes part in nothing.
        uint24 votes = taken.activeMeters == 0 ? 0 : uint24(_score(record));
        _moveVotes(record.owner, record.votes, facts.owner, votes);
        record.owner = facts.owner;
        record.votes = votes;
        _records[site] = record;
        emit ReputationSynced(
            site,
            facts.owner,
            day,
            record.reliabilityPpm,
            record.efficiencyPpm,
            record.contributionPpm,
            record.tier,
            votes
        );
        exchange.setTier(site, record.tier);
    }

    /// @dev Votes of a site go with the site: to its owner of today.
    function _moveVotes(address from, uint256 before, address to, uint256 units) private {
        if (before == 0 && units != 0) ++votingSites;
        if (before != 0 && units == 0) --votingSites;
        if (from != to) {
            _changeUnits(from, before, 0);
            before = 0;
        }
        // Who never chose a delegate votes for itself; otherwise its votes would count for nothing.
        if (_units[to] == 0 && units != 0 && delegates(to) == address(0)) _delegate(to, to);
        _changeUnits(to, before, units);
    }

    function _changeUnits(address account, uint256 before, uint256 units) private {
        if (units == before) return;
        _units[account] = _units[account] + units - before;
        if (units > before) _transferVotingUnits(address(0), account, units - before);
        else _transferVotingUnits(account, address(0), before - units);
    }

    function _setTierRules(TierRules memory rules) private {
        bool rising =
            rules.tier1Ppm < rules.tier2Ppm && rules.tier2Ppm < rules.tier3Ppm && rules.tier3Ppm < rules.tier4Ppm;
        // Who does nothing ends at neutral and must lose every tier there.
        bool earned = rules.tier1Ppm > Components.NEUTRAL + rules.hysteresisPpm;
        if (!rising || !earned || rules.tier4Ppm > Components.ONE || rules.hysteresisPpm > MAX_HYSTERESIS) {
            revert BadTierRules(rules);
        }
        _rules = rules;
        emit TierRulesSet(rules);
    }

    function _known(uint32 site) private view returns (SiteView memory facts) {
        facts = exchange.siteInfo(site);
        if (facts.owner == address(0)) revert UnknownSite(site);
    }

    /// @dev A site that was never synced stands at neutral.
    function _load(uint32 site) private view returns (Record memory record) {
        record = _records[site];
        if (record.day != 0) return record;
        record.reliabilityPpm = uint24(Components.NEUTRAL);
        record.efficiencyPpm = uint24(Components.NEUTRAL);
        record.contributionPpm = uint24(Components.NEUTRAL);
    }

    function _score(Record memory record) private pure returns (uint256) {
        return Components.score(record.reliabilityPpm, record.efficiencyPpm, record.contributionPpm);
    }

    function _today() private view returns (uint24) {
        return uint24(block.timestamp / DAY_SECONDS);
    }

    function _getVotingUnits(address account) internal view override returns (uint256) {
        return _units[account];
    }
}
