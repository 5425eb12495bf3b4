// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IJobErrors} from "../IJobErrors.sol";
import {IJobEvents} from "../IJobEvents.sol";
import {ProviderView} from "../IProviders.sol";
import {JobState, JobTerms, Place} from "../JobTypes.sol";
import {JobCalls} from "./JobCalls.sol";
import {JobEscrow} from "./JobEscrow.sol";
import {JobStorage} from "./JobStorage.sol";

/// @notice Posting a job, and the places of its workers and evaluators while it waits.
library JobPlaces {
    uint256 internal constant WORKER = 1;
    uint256 internal constant EVALUATOR = 2;
    uint256 private constant MAX_WORKERS = 16;
    uint256 private constant MAX_EVALUATORS = 32;
    uint256 private constant MAX_DRAWN = 5;
    uint256 private constant MAX_ROUNDS = 256;
    uint256 private constant MAX_WAIT_SLOTS = 2688;
    uint256 private constant MIN_WINDOW = 60;
    uint256 private constant MAX_WINDOW = 7 days;
    uint256 private constant SLOT_SECONDS = 900;

    function post(JobTerms calldata terms) external returns (uint256 id) {
        _check(terms);
        JobStorage.Layout storage $ = JobStorage.load();
        $.exchange.zoneInfo(terms.zone);
        uint256 budget = uint256(terms.rounds) * (uint256(terms.poolTicks) + terms.feeTicks);
        if (budget > type(uint64).max) revert IJobErrors.BadTerm("budget", budget);
        id = ++$.jobCount;
        JobStorage.Job storage job = $.jobs[id];
        job.terms = terms;
        job.requester = msg.sender;
        job.modelRoot = terms.modelRoot;
        job.roots[terms.modelRoot] = JobStorage.RootUse({known: true, model: true, round: 0, seat: 0});
        emit IJobEvents.JobPosted(id, msg.sender, terms.specHash, terms);
        JobEscrow.fund(job, msg.sender, uint64(budget));
        wait_(id, job);
    }

    function join(uint256 id) external {
        JobStorage.Job storage job = JobStorage.inTime(id, JobState.Waiting);
        JobStorage.Layout storage $ = JobStorage.load();
        ProviderView memory provider = $.providers.providerInfo(msg.sender);
        _requireNew(id, job, provider);
        uint16 zone = $.exchange.siteInfo(provider.site).zone;
        if (provider.site != 0 && zone != job.terms.zone) revert IJobErrors.SiteElsewhere(id, provider.site, zone);
        Place memory evicted = _take(id, job, job.workers, WORKER, provider);
        if (++job.siteWorkers[provider.site] > job.terms.workersPerSite || job.siteEvaluators[provider.site] != 0) {
            revert IJobErrors.SiteFull(id, provider.site);
        }
        _letGo(id, evicted, false);
        $.providers.lockStake(msg.sender, job.terms.workerBondTicks);
    }

    function joinEvaluators(uint256 id) external {
        JobStorage.Job storage job = JobStorage.inTime(id, JobState.Waiting);
        JobStorage.Layout storage $ = JobStorage.load();
        ProviderView memory provider = $.providers.providerInfo(msg.sender);
        _requireNew(id, job, provider);
        Place memory evicted = _take(id, job, job.evaluators, EVALUATOR, provider);
        if (++job.siteEvaluators[provider.site] > 1 || job.siteWorkers[provider.site] != 0) {
            revert IJobErrors.SiteFull(id, provider.site);
        }
        _letGo(id, evicted, true);
        $.providers.lockStake(msg.sender, job.terms.evaluatorBondTicks);
    }

    function vacate(uint256 id) external {
        JobStorage.Job storage job = JobStorage.inState(id, JobState.Waiting);
        uint256 kind = job.placeKind[msg.sender];
        if (kind == 0) revert IJobErrors.NotPlaced(id, msg.sender);
        removePlace(id, job, kind == EVALUATOR, indexOf(kind == EVALUATOR ? job.evaluators : job.workers, msg.sender));
    }

    /// @notice Let a job wait for its next round.
    function wait_(uint256 id, JobStorage.Job storage job) internal {
        uint256 slots = uint256(job.terms.maxWaitSlots) + 1;
        uint256 end = (block.timestamp / SLOT_SECONDS + slots) * SLOT_SECONDS;
        JobStorage.move(id, job, JobState.Waiting, end - block.timestamp);
        JobCalls.queue(id, job, uint256(job.terms.energyWh) * job.terms.maxWorkers);
    }

    /// @notice Free a place and what is left of its bond.
    function removePlace(uint256 id, JobStorage.Job storage job, bool evaluator, uint256 index) internal {
        Place[] storage places = evaluator ? job.evaluators : job.workers;
        Place memory place = places[index];
        _forget(job, place, evaluator);
        uint256 last = places.length - 1;
        if (index != last) places[index] = places[last];
        places.pop();
        _letGo(id, place, evaluator);
    }

    function indexOf(Place[] storage places, address provider) internal view returns (uint256 index) {
        while (places[index].provider != provider) ++index;
    }

    function _requireNew(uint256 id, JobStorage.Job storage job, ProviderView memory provider) private view {
        if (job.placeKind[msg.sender] != 0) revert IJobErrors.AlreadyPlaced(id, msg.sender);
        if (provider.site == 0) revert IJobErrors.NotPlaced(id, msg.sender);
    }

    /// @dev A new place, or that of the lowest rank below the caller's, the latest of equals.
    function _take(
        uint256 id,
        JobStorage.Job storage job,
        Place[] storage places,
        uint256 kind,
        ProviderView memory provider
    ) private returns (Place memory evicted) {
        uint32 rank = uint32(JobStorage.load().reputation.queueRank(provider.site));
        bool evaluator = kind == EVALUATOR;
        Place memory place = Place({
            provider: msg.sender,
            site: provider.site,
            rank: rank,
            meter: provider.meter,
            bondTicks: evaluator ? job.terms.evaluatorBondTicks : job.terms.workerBondTicks,
            sequence: ++job.sequence
        });
        if (places.length < (evaluator ? MAX_EVALUATORS : job.terms.maxWorkers)) {
            places.push(place);
        } else {
            uint256 lowest = _lowest(places);
            evicted = places[lowest];
            if (rank <= evicted.rank) revert IJobErrors.NoPlace(id, rank, evicted.rank);
            _forget(job, evicted, evaluator);
            places[lowest] = place;
        }
        job.placeKind[msg.sender] = kind;
        emit IJobEvents.PlaceTaken(id, msg.sender, provider.site, evaluator, rank);
    }

    function _lowest(Place[] storage places) private view returns (uint256 lowest) {
        for (uint256 i = 1; i < places.length; ++i) {
            Place storage one = places[i];
            Place storage low = places[lowest];
            if (one.rank < low.rank || (one.rank == low.rank && one.sequence > low.sequence)) lowest = i;
        }
    }

    function _forget(JobStorage.Job storage job, Place memory place, bool evaluator) private {
        delete job.placeKind[place.provider];
        if (evaluator) --job.siteEvaluators[place.site];
        else --job.siteWorkers[place.site];
    }

    function _letGo(uint256 id, Place memory place, bool evaluator) private {
        if (place.provider == address(0)) return;
        emit IJobEvents.PlaceLeft(id, place.provider, evaluator, place.bondTicks);
        JobCalls.release(id, place.provider, place.bondTicks);
    }

    function _check(JobTerms calldata t) private pure {
        _within("rounds", t.rounds, 1, MAX_ROUNDS);
        _within("maxWorkers", t.maxWorkers, 1, MAX_WORKERS);
        _within("minWorkers", t.minWorkers, 1, t.maxWorkers);
        _within("workersPerSite", t.workersPerSite, 1, t.maxWorkers);
        _within("evaluators", t.evaluators, 1, MAX_DRAWN);
        if (t.evaluators % 2 == 0) revert IJobErrors.BadTerm("evaluators", t.evaluators);
        _within("siteCapPpm", t.siteCapPpm, 1, JobStorage.PPM);
        _within("maxWaitSlots", t.maxWaitSlots, 1, MAX_WAIT_SLOTS);
        _within("energyWh", t.energyWh, 1, type(uint32).max);
        _within("steps", t.steps, 1, type(uint32).max);
        _within("tokens", t.tokens, 1, type(uint48).max);
        _within("maxUpdateBytes", t.maxUpdateBytes, 1, type(uint32).max);
        _within("poolTicks", t.poolTicks, 1, type(uint64).max);
        _within("feeTicks", t.feeTicks, 1, type(uint64).max);
        _within("workerBondTicks", t.workerBondTicks, 1, type(uint64).max);
        // A measured challenge is decided by a reproducible job with the same bonds.
        bool measured = t.measurement != 0;
        _within("evaluatorBondTicks", t.evaluatorBondTicks, measured ? 2 : 1, measured ? 1 << 62 : type(uint64).max);
        _within("commitSeconds", t.commitSeconds, MIN_WINDOW, MAX_WINDOW);
        _within("revealSeconds", t.revealSeconds, MIN_WINDOW, MAX_WINDOW);
        _within("validationSeconds", t.validationSeconds, MIN_WINDOW, MAX_WINDOW);
        _within("scoreCommitSeconds", t.scoreCommitSeconds, MIN_WINDOW, MAX_WINDOW);
        _within("scoreRevealSeconds", t.scoreRevealSeconds, MIN_WINDOW, MAX_WINDOW);
        _within("challengeSeconds", t.challengeSeconds, MIN_WINDOW, MAX_WINDOW);
        if (t.specHash == 0) revert IJobErrors.BadTerm("specHash", 0);
        if (t.modelRoot == 0) revert IJobErrors.BadTerm("modelRoot", 0);
        if (t.validationRoot == 0) revert IJobErrors.BadTerm("validationRoot", 0);
    }

    function _within(bytes32 name, uint256 value, uint256 least, uint256 most) private pure {
        if (value < least || value > most) revert IJobErrors.BadTerm(name, value);
    }
}
