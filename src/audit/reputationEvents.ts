import { NEW_REPUTATION, syncReputation, type SiteReputation, type SyncedReputation } from "../game/reputation.ts";
import { addWork, NO_WORK, type NotedRegisters, type PendingWork, type SampledMeter } from "../game/samples.ts";
import type { TierRules } from "../game/tiers.ts";
import { METER_STATUS_CODES } from "../market/codes.ts";
import { meterSlotLimitWh } from "../market/meterWord.ts";
import { mismatch } from "./mismatch.ts";
import { NOBODY, type Run } from "./run.ts";
import { meterOf, siteOf, type AuditState } from "./state.ts";
import type { ReputationEvent, ReputationEventOf } from "./types.ts";

/** What stands for "no sample" in events. */
const NO_SAMPLE = 2 ** 24 - 1;
const MAX_FLEXIBLE_WH = 2 ** 48 - 1;
const DAY_SECONDS = 86_400;

/** Reputation as its events and the meters tell it. */
export interface ReputationState {
  address: string | undefined;
  rules: TierRules | undefined;
  readonly sites: Map<number, SiteReputation>;
  /** Who holds a site's votes. */
  readonly holders: Map<number, string>;
  /** Registers of storage meters at their last sample. */
  readonly noted: Map<string, NotedRegisters>;
  /** Compute work that waits for a site's next sync. */
  readonly work: Map<number, PendingWork>;
  readonly units: Map<string, number>;
  readonly delegates: Map<string, string>;
  readonly votes: Map<string, bigint>;
  /** A sync under way: what the meters say it must come to. */
  pending: { readonly site: number; readonly synced: SyncedReputation } | undefined;
  /** Of the transaction at hand. */
  readonly synced: { readonly site: number; readonly tier: number }[];
  votesTouched: boolean;
}

export function createReputation(): ReputationState {
  return {
    address: undefined,
    rules: undefined,
    sites: new Map(),
    holders: new Map(),
    noted: new Map(),
    work: new Map(),
    units: new Map(),
    delegates: new Map(),
    votes: new Map(),
    pending: undefined,
    synced: [],
    votesTouched: false,
  };
}

/** Every event of Reputation: each score is recomputed from the meters, each vote from the scores. */
export function reputationEvent(run: Run, event: ReputationEvent): void {
  const { reputation } = run.state;
  reputation.address ??= event.address;
  switch (event.name) {
    case "TierRulesSet":
      reputation.rules = event.args.rules;
      return;
    case "FlexibleNoted": {
      const { site, energyWh, totalWh } = event.args;
      const before = reputationOf(run.state, site);
      const flexibleWh = Math.min(MAX_FLEXIBLE_WH, before.flexibleWh + energyWh);
      run.findings.expect("reputation", { site }, "flexible energy", flexibleWh, totalWh);
      reputation.sites.set(site, { ...before, flexibleWh });
      return;
    }
    case "WorkNoted": {
      const { site, contributionPpm, efficiencyPpm, contributions, efficiencies } = event.args;
      const work = addWork(reputation.work.get(site) ?? NO_WORK, sampleOf(contributionPpm), sampleOf(efficiencyPpm));
      run.findings.expect("reputation", { site }, "samples of contribution by work", work.contributions, contributions);
      run.findings.expect("reputation", { site }, "samples of efficiency by work", work.efficiencies, efficiencies);
      reputation.work.set(site, work);
      return;
    }
    case "ReputationSampled":
      sampled(run, event);
      return;
    case "ReputationSynced":
      synced(run, event);
      return;
    case "DelegateChanged": {
      const { delegator, fromDelegate, toDelegate } = event.args;
      const before = reputation.delegates.get(delegator) ?? NOBODY;
      run.findings.expect("reputation", { account: delegator }, "delegate before", before, fromDelegate);
      reputation.delegates.set(delegator, toDelegate);
      reputation.votesTouched = true;
      return;
    }
    case "DelegateVotesChanged": {
      const { delegate, previousVotes, newVotes } = event.args;
      const before = reputation.votes.get(delegate) ?? 0n;
      run.findings.expect("reputation", { account: delegate }, "votes before", before, previousVotes);
      reputation.votes.set(delegate, newVotes);
      reputation.votesTouched = true;
      return;
    }
    case "AuthorityUpdated":
    case "EIP712DomainChanged":
      return;
  }
}

/** At the end of a transaction: votes are the units behind them, and tiers move by a sync alone. */
export function finishReputation(run: Run): void {
  const { findings, state, tx } = run;
  const { reputation } = state;
  if (reputation.pending !== undefined) {
    findings.fail("reputation", { site: reputation.pending.site }, "ReputationSynced", "an event", "none");
    reputation.pending = undefined;
  }
  for (const { source, event } of tx.transaction.events) {
    if (source !== "exchange" || event.name !== "TierSet") continue;
    const { site, tier } = event.args;
    const at = reputation.synced.findIndex((done) => done.site === site);
    findings.expect("reputation", { site }, "tier set by a sync", reputation.synced[at]?.tier ?? "none", tier);
    if (at >= 0) reputation.synced.splice(at, 1);
  }
  for (const { site, tier } of reputation.synced.splice(0)) {
    findings.fail("reputation", { site }, "tier on the exchange", String(tier), "not set");
  }
  if (!reputation.votesTouched) return;
  reputation.votesTouched = false;
  const expected = votesOf(reputation);
  for (const account of new Set([...expected.keys(), ...reputation.votes.keys()])) {
    const votes = reputation.votes.get(account) ?? 0n;
    findings.expect("reputation", { account }, "votes", expected.get(account) ?? 0, votes);
  }
}

/** Units of every account by its delegate. */
export function votesOf({ units, delegates }: ReputationState): Map<string, number> {
  const votes = new Map<string, number>();
  for (const [account, held] of units) {
    const delegate = delegates.get(account) ?? NOBODY;
    if (delegate !== NOBODY) votes.set(delegate, (votes.get(delegate) ?? 0) + held);
  }
  return votes;
}

export function reputationOf({ reputation }: AuditState, site: number): SiteReputation {
  return reputation.sites.get(site) ?? NEW_REPUTATION;
}

function sampled(run: Run, { args }: ReputationEventOf<"ReputationSampled">): void {
  const { state, findings, tx } = run;
  const { reputation } = state;
  const { site } = args;
  const { meters } = siteOf(state, site);
  const rules = reputation.rules ?? mismatch("A site was synced before there were rules of tiers", { site });
  const before = reputationOf(state, site);
  const day = Math.floor(tx.transaction.timestamp / DAY_SECONDS);
  const result = syncReputation({
    before,
    day,
    faults: siteOf(state, site).faults,
    meters: meters.flatMap((meter) => sampledMeter(state, meter)),
    noted: reputation.noted,
    rules,
    work: reputation.work.get(site) ?? NO_WORK,
  });
  findings.add("reputation", "syncs", 1);
  findings.expect("reputation", { site }, "first sync of the day", true, day > before.day);
  findings.expect("reputation", { site }, "faults", siteOf(state, site).faults, args.faults);
  for (const [name, found] of [
    ["reliability", args.reliabilitySample],
    ["efficiency", args.efficiencySample],
    ["contribution", args.contributionSample],
  ] as const) {
    const expected = result.samples[name];
    findings.expect(
      "reputation",
      { site },
      `sample of ${name}`,
      expected ?? "none",
      found === NO_SAMPLE ? "none" : found,
    );
    if (expected !== undefined) findings.add("reputation", `${name}Samples`, 1);
  }
  reputation.pending = { site, synced: result };
}

function synced({ state, findings }: Run, { args }: ReputationEventOf<"ReputationSynced">): void {
  const { reputation } = state;
  const { site } = args;
  const { pending } = reputation;
  if (pending?.site !== site) mismatch("A site was synced without its samples", { site });
  const { after, noted } = pending.synced;
  reputation.pending = undefined;
  for (const name of ["day", "reliabilityPpm", "efficiencyPpm", "contributionPpm", "tier", "votes"] as const) {
    findings.expect("reputation", { site }, name, after[name], args[name]);
  }
  for (const component of [args.reliabilityPpm, args.efficiencyPpm, args.contributionPpm]) {
    findings.expect("reputation", { site }, "component within 0 and 1,000,000", true, component <= 1_000_000);
  }
  const { owner } = siteOf(state, site);
  findings.expect("reputation", { site }, "votes go to the owner", owner, args.owner);
  const holder = reputation.holders.get(site);
  if (holder !== undefined) addUnits(reputation, holder, -reputationOf(state, site).votes);
  addUnits(reputation, args.owner, args.votes);
  reputation.holders.set(site, args.owner);
  reputation.sites.set(site, after);
  reputation.work.delete(site);
  for (const [meter, registers] of noted) reputation.noted.set(meter, registers);
  reputation.synced.push({ site, tier: args.tier });
  reputation.votesTouched = true;
}

function sampleOf(ppm: number): number | undefined {
  return ppm === NO_SAMPLE ? undefined : ppm;
}

function addUnits({ units }: ReputationState, account: string, change: number): void {
  units.set(account, (units.get(account) ?? 0) + change);
}

function sampledMeter(state: AuditState, meter: string): SampledMeter[] {
  const { word, kind, status, storage, storageCapacityWh: capacityWh } = meterOf(state, meter);
  if (kind === "feeder" || status !== METER_STATUS_CODES.active) return [];
  const { importWh, exportWh, reliability } = word;
  const { bestEfficiencyPpm } = storage;
  return [
    {
      meter,
      reliability,
      slotLimitWh: meterSlotLimitWh(word),
      ...(kind === "storage" ? { storage: { importWh, exportWh, capacityWh, bestEfficiencyPpm } } : {}),
    },
  ];
}
