import { advanceComponent, decayComponent, NEUTRAL_PPM } from "./components.ts";
import {
  contributionOfWork,
  contributionSample,
  efficiencyOfWork,
  efficiencySample,
  NO_WORK,
  reliabilitySample,
  type NotedRegisters,
  type PendingWork,
  type SampledMeter,
} from "./samples.ts";
import { tierOfScore, type TierRules } from "./tiers.ts";

/** A site's reputation as of its last sync; components are ppm. */
export interface SiteReputation {
  readonly reliabilityPpm: number;
  readonly efficiencyPpm: number;
  readonly contributionPpm: number;
  readonly tier: number;
  /** Slot / 96 of the last sync; 0 = never synced. */
  readonly day: number;
  /** Proven faults taken into account. */
  readonly faults: number;
  /** Voting units that the site gives its owner. */
  readonly votes: number;
  /** Flexible energy reported since the last sample of contribution. */
  readonly flexibleWh: number;
}

/** A site that was never synced. */
export const NEW_REPUTATION: SiteReputation = {
  reliabilityPpm: NEUTRAL_PPM,
  efficiencyPpm: NEUTRAL_PPM,
  contributionPpm: NEUTRAL_PPM,
  tier: 0,
  day: 0,
  faults: 0,
  votes: 0,
  flexibleWh: 0,
};

export interface ReputationSync {
  readonly before: SiteReputation;
  /** Slot / 96 of today. */
  readonly day: number;
  /** Proven faults of the site in all. */
  readonly faults: number;
  /** Active meters of the site, feeders excluded. */
  readonly meters: readonly SampledMeter[];
  /** Registers of storage meters at their last sample. */
  readonly noted: ReadonlyMap<string, NotedRegisters>;
  readonly rules: TierRules;
  /** Compute work since the last sync; none if left out. */
  readonly work?: PendingWork;
  /** The contract's if left out; another only asks what another deployment would do. */
  readonly halfLifeDays?: number;
}

export interface SyncedReputation {
  readonly after: SiteReputation;
  /** What moved it; undefined = no sample. */
  readonly samples: {
    readonly reliability: number | undefined;
    readonly efficiency: number | undefined;
    readonly contribution: number | undefined;
  };
  /** Registers to note now. */
  readonly noted: ReadonlyMap<string, NotedRegisters>;
}

/** One number of a site's three components, ppm; reliability counts twice. */
export function reputationScore(
  site: Pick<SiteReputation, "reliabilityPpm" | "efficiencyPpm" | "contributionPpm">,
): number {
  return Math.floor((2 * site.reliabilityPpm + site.efficiencyPpm + site.contributionPpm) / 4);
}

/** What the contract's `sync` does to a site: the reference of tests and audit. */
export function syncReputation(sync: ReputationSync): SyncedReputation {
  const { before, day, faults, meters, noted, rules, work = NO_WORK, halfLifeDays } = sync;
  const ratedWh = meters.reduce((sum, { slotLimitWh }) => sum + slotLimitWh, 0);
  const flexible = contributionSample(before.flexibleWh, ratedWh);
  const stored = efficiencySample(meters, noted);
  const samples = {
    reliability: reliabilitySample(meters),
    efficiency: efficiencyOfWork(work, stored),
    contribution: contributionOfWork(work, flexible),
  };
  const elapsed = before.day === 0 ? 1 : day - before.day;
  const reliability = advanceComponent(before.reliabilityPpm, elapsed, samples.reliability, halfLifeDays);
  const components = {
    reliabilityPpm: faults === before.faults ? reliability : 0,
    efficiencyPpm: advanceComponent(before.efficiencyPpm, elapsed, samples.efficiency, halfLifeDays),
    contributionPpm: advanceComponent(before.contributionPpm, elapsed, samples.contribution, halfLifeDays),
  };
  const score = reputationScore(components);
  const renewed = meters.flatMap(({ meter, storage }) => {
    if (storage === undefined || (stored === undefined && noted.has(meter))) return [];
    return [[meter, { importWh: storage.importWh, exportWh: storage.exportWh }] as const];
  });
  return {
    samples,
    noted: new Map([...noted, ...renewed]),
    after: {
      ...components,
      tier: tierOfScore(score, before.tier, rules),
      day,
      faults,
      votes: meters.length === 0 ? 0 : score,
      flexibleWh: flexible === undefined ? before.flexibleWh : 0,
    },
  };
}

/** Place of a site in a queue on a day: the greater, the further ahead. */
export function queueRank(site: SiteReputation, day: number, rules: TierRules): number {
  if (site.day === 0) return 0;
  const idle = day - site.day;
  const score = reputationScore({
    reliabilityPpm: decayComponent(site.reliabilityPpm, idle),
    efficiencyPpm: decayComponent(site.efficiencyPpm, idle),
    contributionPpm: decayComponent(site.contributionPpm, idle),
  });
  return tierOfScore(score, site.tier, rules) * 2 ** 24 + score;
}
