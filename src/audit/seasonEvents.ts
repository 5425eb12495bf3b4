import type { ExchangeEvent } from "../chain/exchange.ts";
import { pointPrice, pointsOfReading, concludedPoints, unprovedWh } from "../game/points.ts";
import { seasonAt, seasonBounds, type SeasonBounds, type SeasonClock } from "../game/seasonClock.ts";
import { rebatePriceOf, shareSeason } from "../game/seasonRewards.ts";
import { slotOf } from "../units.ts";
import { badgeNumber } from "./badgeEvents.ts";
import { loadShed, eventCalled } from "./demandEvents.ts";
import { mismatch } from "./mismatch.ts";
import type { Run } from "./run.ts";
import {
  seasonOf,
  type MeterSeason,
  type SeasonEntry,
  type SeasonsState,
  type SiteSeasonEntry,
} from "./seasonState.ts";
import { meterOf, siteOf, zoneOf } from "./state.ts";
import type { Place, SeasonsEvent, SeasonsEventOf } from "./types.ts";

/** `SiteStage.Concluded` of the contract. */
const CONCLUDED = 2;

/** Every event of the seasons: points, the pool and its division are recomputed from the readings. */
export function seasonsEvent(run: Run, event: SeasonsEvent): void {
  const { seasons } = run.state;
  switch (event.name) {
    case "SeasonsStarted":
      seasons.clock = event.args;
      seasons.address = event.address;
      return;
    case "RebatePricesSet":
      seasons.rebateLanes = event.args.lanes;
      return;
    case "AgentSet":
      seasons.agents.set(event.args.owner, event.args.agent);
      return;
    case "SiteEnrolled":
      siteEnrolled(run, event);
      return;
    case "MeterEnrolled":
      meterEnrolled(run, event);
      return;
    case "ReadingProved":
      readingProved(run, event);
      return;
    case "EventCalled":
      eventCalled(run, event);
      return;
    case "LoadShed":
      loadShed(run, event);
      return;
    case "MeterConcluded":
      meterConcluded(run, event);
      return;
    case "SiteConcluded":
      siteConcluded(run, event);
      return;
    case "SeasonFinished":
      seasonFinished(run, event);
      return;
    case "RewardCollected":
      rewardCollected(run, event);
      return;
    case "AuthorityUpdated":
      return;
  }
}

/** Notes the scarcity that a slot's price was fixed with; where no price was fixed it carried over, at scarcity 0. */
export function noteScarcity({ scarcity }: SeasonsState, event: ExchangeEvent): void {
  if (event.name !== "TariffFixed") return;
  const { zone, slot, scarcityPpm } = event.args;
  scarcity.set(`${String(zone)}/${String(slot)}`, scarcityPpm);
}

/** At the end of a transaction: credits left the seasons only as rewards that were told of. */
export function finishSeasons(run: Run): void {
  const { address } = run.state.seasons;
  if (address === undefined) return;
  let told = 0n;
  let moved = 0n;
  const badges: bigint[] = [];
  const minted: bigint[] = [];
  const locked: bigint[] = [];
  for (const { source, event } of run.tx.transaction.events) {
    if (source === "seasons" && event.name === "RewardCollected") told += event.args.reward + event.args.rebate;
    if (source === "credit" && event.name === "Transfer" && event.args.from === address) moved += event.args.value;
    if (source !== "badges") continue;
    if (event.name === "BadgeEarned") badges.push(badgeNumber(event.args));
    if (event.name === "Transfer") minted.push(event.args.tokenId);
    if (event.name === "Locked") locked.push(event.args.tokenId);
  }
  if (badges.length + minted.length + locked.length > 0) {
    run.findings.expect("seasons", {}, "badges minted", badges.join(), minted.join());
    run.findings.expect("seasons", {}, "badges locked", badges.join(), locked.join());
  }
  if (told !== 0n || moved !== 0n) run.findings.expect("seasons", {}, "credits paid by the seasons", told, moved);
}

function siteEnrolled({ state, findings, tx }: Run, { args }: SeasonsEventOf<"SiteEnrolled">): void {
  const { season, site } = args;
  const place = { site };
  const entry = seasonOf(state.seasons, season);
  const current = seasonAt(clockOf(state.seasons.clock), slotOf(tx.transaction.timestamp));
  const inTime = season >= Math.max(1, current) && season <= current + 1;
  findings.expect("seasons", place, "enrolled in the season under way or the next", true, inTime);
  findings.expect("seasons", place, "enrolled once", false, entry.sites.has(site));
  findings.expect("seasons", place, "point price", pointPriceOf({ state }, site), args.pointPrice);
  entry.sites.set(site, {
    pointsPpm: 0n,
    importWh: 0,
    shedWh: 0,
    pointPrice: args.pointPrice,
    rebatePrice: 0,
    meters: 0,
    stage: "enrolled",
    tier: 0,
    streak: 0,
    owner: "",
    points: 0n,
    unprovedWh: 0,
  });
  findings.add("seasons", "enrolments", 1);
}

function meterEnrolled({ state, findings, tx }: Run, { args }: SeasonsEventOf<"MeterEnrolled">): void {
  const { season, site, meter } = args;
  const place = { site, meter };
  const entry = seasonOf(state.seasons, season);
  const { word, storage, site: home } = meterOf(state, meter);
  findings.expect("seasons", place, "site of the meter", home, site);
  findings.expect("seasons", place, "meter enrolled once", false, entry.meters.has(meter));
  findings.expect("seasons", place, "a feeder takes no part", false, word.flags.feeder);
  // A meter of an enrolled site counts from its registration.
  const first = tx.transaction.events.some(
    ({ source, event }) =>
      source === "seasons" && event.name === "SiteEnrolled" && event.args.site === site && event.args.season === season,
  );
  const start = first ? word : { importWh: storage.firstImportWh, exportWh: storage.firstExportWh };
  findings.expect("seasons", place, "import register at the beginning", start.importWh, args.importWh);
  findings.expect("seasons", place, "export register at the beginning", start.exportWh, args.exportWh);
  findings.expect("seasons", place, "newest slot at the beginning", first ? word.lastSlot : 0, args.lastSlot);
  entry.meters.set(meter, {
    site,
    start: { importWh: args.importWh, exportWh: args.exportWh },
    proved: { importWh: 0, exportWh: 0 },
    provedThrough: args.lastSlot,
    concluded: false,
  });
  const concluding = tx.transaction.events.some(
    ({ source, event }) => source === "seasons" && event.name === "SiteConcluded" && event.args.site === site,
  );
  if (!concluding) enrolledSite(entry, place, site).meters += 1;
}

function readingProved({ state, findings, tx }: Run, { args }: SeasonsEventOf<"ReadingProved">): void {
  const { season, site, meter, slot } = args;
  const place = { site, meter, slot };
  const entry = seasonOf(state.seasons, season);
  const bounds = boundsOf(state.seasons.clock, season);
  const tally = enrolledSite(entry, place, site);
  const part = partOf(entry, place, meter);
  const reading = state.seasons.readings.get(`${meter}/${String(slot)}`);
  findings.expect("seasons", place, "claims open", true, slotOf(tx.transaction.timestamp) <= bounds.claimsLastSlot);
  findings.expect("seasons", place, "site of the meter", part.site, site);
  findings.expect("seasons", place, "proved in rising slots", true, slot > part.provedThrough);
  findings.expect("seasons", place, "not a gap reading", false, reading?.gap ?? "none");
  findings.expect("seasons", place, "import settled", reading?.importWh ?? "none", args.importWh);
  findings.expect("seasons", place, "export settled", reading?.exportWh ?? "none", args.exportWh);
  const inSeason = slot >= bounds.firstSlot && slot <= bounds.lastSlot;
  const { zone } = siteOf(state, site);
  const scarcityPpm = state.seasons.scarcity.get(`${String(zone)}/${String(slot)}`) ?? 0;
  const pointsPpm = inSeason && reading !== undefined ? pointsOfReading(scarcityPpm, reading) : 0n;
  findings.expect("seasons", place, "points", pointsPpm, args.pointsPpm);
  findings.add("seasons", "readings", 1);
  part.provedThrough = slot;
  part.proved = {
    importWh: part.proved.importWh + args.importWh,
    exportWh: part.proved.exportWh + args.exportWh,
  };
  tally.pointsPpm += args.pointsPpm;
  if (inSeason) tally.importWh += args.importWh;
}

function meterConcluded({ state, findings }: Run, { args }: SeasonsEventOf<"MeterConcluded">): void {
  const { season, site, meter } = args;
  const place = { site, meter };
  const entry = seasonOf(state.seasons, season);
  const part = partOf(entry, place, meter);
  const { word } = meterOf(state, meter);
  findings.expect("seasons", place, "import register at the end", word.importWh, args.importWh);
  findings.expect("seasons", place, "export register at the end", word.exportWh, args.exportWh);
  const { lastSlot } = boundsOf(state.seasons.clock, season);
  findings.expect(
    "seasons",
    place,
    "read to the season's end, or retired",
    true,
    word.zone === 0 || word.lastSlot >= lastSlot,
  );
  findings.expect("seasons", place, "energy not proved", unprovedWh(word, part.start, part.proved), args.unprovedWh);
  findings.expect("seasons", place, "concluded once", false, part.concluded);
  part.concluded = true;
  enrolledSite(entry, place, site).unprovedWh += args.unprovedWh;
}

function siteConcluded(run: Run, { args }: SeasonsEventOf<"SiteConcluded">): void {
  const { state, findings, tx } = run;
  const { season, site, owner, tally: found } = args;
  const place = { site };
  const entry = seasonOf(state.seasons, season);
  const tally = enrolledSite(entry, place, site);
  const now = slotOf(tx.transaction.timestamp);
  const bounds = boundsOf(state.seasons.clock, season);
  findings.expect("seasons", place, "in its window", true, now > bounds.lastSlot && now <= bounds.claimsLastSlot);
  const { owner: holder, meters } = siteOf(state, site);
  const active = meters.map((meter) => meterOf(state, meter).word).filter(({ flags }) => !flags.feeder);
  const open = [...entry.meters.values()].filter((part) => part.site === site && !part.concluded);
  findings.expect("seasons", place, "meters that were not concluded", 0, open.length);
  const points = concludedPoints(tally);
  tally.stage = "concluded";
  tally.owner = owner;
  tally.points = points;
  tally.tier = active.length === 0 ? 0 : Math.min(...active.map(({ tier }) => tier));
  tally.pointPrice = Math.min(tally.pointPrice, pointPriceOf(run, site));
  tally.rebatePrice = Math.min(tally.pointPrice, rebatePriceOf(state.seasons.rebateLanes, tally.tier));
  tally.streak = points === 0n ? 0 : nextStreak(run, season, site);
  findings.expect("seasons", place, "owner", holder, owner);
  compareTally(run, place, tally, found);
  entry.concluded.push({ ...tally, site });
  findings.add("seasons", "conclusions", 1);
  const noted = tx.transaction.events.find(
    ({ source, event }) => source === "reputation" && event.name === "FlexibleNoted" && event.args.site === site,
  );
  const reported =
    noted?.source === "reputation" && noted.event.name === "FlexibleNoted" ? noted.event.args.energyWh : 0;
  findings.expect("seasons", place, "flexible energy reported", points, BigInt(reported));
}

function compareTally(
  { findings }: Run,
  place: Place,
  tally: SiteSeasonEntry,
  found: SeasonsEventOf<"SiteConcluded">["args"]["tally"],
): void {
  findings.expect("seasons", place, "sum of points", tally.pointsPpm, found.pointsPpm);
  findings.expect("seasons", place, "points", tally.points, found.points);
  findings.expect("seasons", place, "stage", CONCLUDED, found.stage);
  findings.expect("seasons", place, "owner in the tally", tally.owner, found.owner);
  for (const field of ["importWh", "shedWh", "pointPrice", "rebatePrice", "meters", "tier", "streak"] as const) {
    findings.expect("seasons", place, field, tally[field], found[field]);
  }
}

function seasonFinished({ state, findings, tx }: Run, { args }: SeasonsEventOf<"SeasonFinished">): void {
  const { season } = args;
  const { seasons } = state;
  const entry = seasonOf(seasons, season);
  const over = slotOf(tx.transaction.timestamp) > boundsOf(seasons.clock, season).claimsLastSlot;
  findings.expect("seasons", {}, "finished after its claims", true, over && season > seasons.lastFinished);
  const pool = seasons.address === undefined ? 0n : (state.balances.get(seasons.address) ?? 0n);
  const division = shareSeason(pool, entry.concluded);
  findings.expect("seasons", {}, "sites", BigInt(entry.concluded.length), args.sites);
  findings.expect("seasons", {}, "points of all", sum(entry.concluded.map(({ points }) => points)), args.points);
  findings.expect("seasons", {}, "pool", pool, args.pool);
  findings.expect("seasons", {}, "rebates of all", division.rebates, args.rebates);
  const total = sum(division.shares.map(({ reward, rebate }) => reward + rebate));
  findings.expect("seasons", {}, "payouts within the pool", true, total <= pool);
  entry.division = { pool, ...division };
  seasons.lastFinished = season;
  findings.add("seasons", "seasonsFinished", 1);
  findings.add("seasons", "poolBaseUnits", pool);
}

function rewardCollected({ state, findings, tx }: Run, { args }: SeasonsEventOf<"RewardCollected">): void {
  const { season, site } = args;
  const place = { site };
  const entry = seasonOf(state.seasons, season);
  const tally = entry.sites.get(site) ?? mismatch("A site was paid that was never enrolled", { season, site });
  const share = entry.division?.shares.find((one) => one.site === site);
  const next = boundsOf(state.seasons.clock, season + 1).claimsLastSlot;
  const open = season === state.seasons.lastFinished && slotOf(tx.transaction.timestamp) <= next;
  findings.expect("seasons", place, "payout open", true, open);
  findings.expect("seasons", place, "paid once, after its conclusion", "concluded", tally.stage);
  findings.expect("seasons", place, "reward", share?.reward ?? "none", args.reward);
  findings.expect("seasons", place, "rebate", share?.rebate ?? "none", args.rebate);
  findings.expect("seasons", place, "paid to the owner at the conclusion", tally.owner, args.owner);
  tally.stage = "collected";
  entry.paid += args.reward + args.rebate;
  findings.expect("seasons", place, "paid within the pool", true, entry.paid <= (entry.division?.pool ?? 0n));
  findings.add("seasons", "paidBaseUnits", args.reward + args.rebate);
}

function nextStreak({ state }: Run, season: number, site: number): number {
  const { streaks } = state.seasons;
  const last = streaks.get(site);
  if (last !== undefined && last.season >= season) return 1;
  const streak = last?.season === season - 1 ? Math.min(255, last.streak + 1) : 1;
  streaks.set(site, { season, streak });
  return streak;
}

function pointPriceOf({ state }: Pick<Run, "state">, site: number): number {
  const { terms, nextTerms } = zoneOf(state, siteOf(state, site).zone);
  return pointPrice(nextTerms === undefined || nextTerms.fromSlot === 0 ? [terms] : [terms, nextTerms]);
}

export function clockOf(clock: SeasonClock | undefined): SeasonClock {
  return clock ?? mismatch("The seasons never started", {});
}

export function boundsOf(clock: SeasonClock | undefined, season: number): SeasonBounds {
  return seasonBounds(clockOf(clock), season);
}

export function enrolledSite(entry: SeasonEntry, place: Place, site: number): SiteSeasonEntry {
  return entry.sites.get(site) ?? mismatch("The site was never enrolled in the season", { ...place });
}

function partOf(entry: SeasonEntry, place: Place, meter: string): MeterSeason {
  return entry.meters.get(meter) ?? mismatch("The meter has no part in the season", { ...place });
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}
