import { fetchEvents } from "../../chain/logs.ts";
import { blockNumberCall } from "../../chain/calls.ts";
import type { ConnectedExchange } from "../../chain/exchange.ts";
import { contractAddress } from "../../chain/deployment.ts";
import { SEASONS_ABI } from "../../chain/seasonsAbi.ts";
import { netCostTicks, summariseRun, type MeterTotals } from "../../community/summariseRun.ts";
import type { ZoneTerms } from "../../market/tariff.ts";
import { BASE_UNITS_PER_TICK, SLOTS_PER_DAY, TICKS_PER_CREDIT } from "../../units.ts";
import type { ChainSeason } from "./readSeason.ts";
import type { SeasonMeter } from "./seasonMeters.ts";

/** Figures of the days of a season. Money in credits. */
export interface SeasonFigures {
  /** Largest mean power of a slot through the feeders of all zones together, W. */
  readonly peakW: number;
  /** What all meters but feeders paid for the slots' energy, less what they earned and what the season paid. */
  readonly costCredits: number;
  /** Of it, what the season paid: rewards and rebates. */
  readonly rewardCredits: number;
  /** What the very same energy would have cost at the grid's constant prices: the step without control. */
  readonly gridCostCredits: number;
  /** Cost as a share of that. */
  readonly cost: number;
  /** The largest gain of a penalised meter over the others of its kind; 0 where none was, and below 0 where it lost. */
  readonly cheating: number;
}

/**
 * Measures the days of a season from its chain alone: readings, trades, settlements and payments.
 *
 * @param rules The rules of the step without control by zone: those before a change, also for a season after it.
 */
export async function seasonFigures(
  exchange: ConnectedExchange,
  season: ChainSeason,
  rules: (zone: number) => ZoneTerms,
): Promise<SeasonFigures> {
  const { events, firstSlot, days } = season;
  const members = season.meters.map((meter) => ({ ...meter, key: { address: meter.meter } }));
  const { meters } = summariseRun(events, members, firstSlot, days * SLOTS_PER_DAY);
  const rewardCredits = await paidBySeason(exchange, season);
  const costCredits = credits(meters.reduce((sum, meter) => sum + netCostTicks(meter), 0n)) - rewardCredits;
  const gridCostCredits = credits(
    season.meters.reduce((sum, meter) => sum + gridCostTicks(meter, rules(meter.zone), season), 0n),
  );
  return {
    peakW: peakW(season),
    ...{ costCredits, rewardCredits, gridCostCredits, cost: costCredits / gridCostCredits },
    cheating: cheatingGain(meters, season),
  };
}

/** What a meter would have paid that buys all from the grid and sells all to it at the base prices. */
function gridCostTicks(
  { importWh, exportWh }: SeasonMeter,
  { importPrice, exportPrice, networkGridPrice, levyPrice }: ZoneTerms,
  { dayBefore }: ChainSeason,
): bigint {
  const first = dayBefore ? SLOTS_PER_DAY : 0;
  const sum = (energies: Uint32Array) => energies.subarray(first).reduce((all, wh) => all + wh, 0);
  const taken = BigInt(sum(importWh)) * BigInt(importPrice + networkGridPrice + levyPrice);
  return taken - BigInt(sum(exportWh)) * BigInt(exportPrice);
}

/** The feeders say what came in; a zone whose slot was not closed has said nothing. */
function peakW({ events, firstSlot, days, zones }: ChainSeason): number {
  const flows = new Map<number, number>();
  const own = new Set(zones.map(({ zone }) => zone));
  for (const { name, args } of events) {
    if (name !== "SlotClosed" || !own.has(args.zone)) continue;
    if (args.slot < firstSlot || args.slot >= firstSlot + days * SLOTS_PER_DAY) continue;
    flows.set(args.slot, (flows.get(args.slot) ?? 0) + args.feederWh);
  }
  return [...flows.values()].reduce((most, wh) => Math.max(most, Math.abs(wh)), 0) * SLOTS_PER_HOUR;
}

const SLOTS_PER_HOUR = 4;

/** Rewards and rebates of the season to the sites in question, as far as they were collected. */
async function paidBySeason(
  { rpc, deployment }: ConnectedExchange,
  { season, events, meters }: ChainSeason,
): Promise<number> {
  const collected = await fetchEvents({
    ...{ rpc, abi: SEASONS_ABI, address: contractAddress(deployment, "Seasons") },
    ...{ names: ["RewardCollected"], fromBlock: deployment.deployBlock, toBlock: await rpc.call(blockNumberCall()) },
  });
  const own = new Set(meters.map(({ meter }) => meter));
  const sites = new Set(
    events.flatMap(({ name, args }) => (name === "MeterRegistered" && own.has(args.meter) ? [args.site] : [])),
  );
  const units = collected
    .filter(({ args }) => args.season === season && sites.has(args.site))
    .reduce((sum, { args }) => sum + args.reward + args.rebate, 0n);
  return credits(units / BASE_UNITS_PER_TICK);
}

type Totals = MeterTotals<SeasonMeter & { readonly key: { readonly address: string } }>;

/** A penalty is part of what cheating costs. */
function cheatingGain(meters: readonly Totals[], { events, firstSlot, days }: ChainSeason): number {
  const cuts = new Map<string, bigint>();
  for (const { name, args } of events) {
    if (name !== "Penalised" || args.slot < firstSlot || args.slot >= firstSlot + days * SLOTS_PER_DAY) continue;
    cuts.set(args.meter, (cuts.get(args.meter) ?? 0n) + args.cutTicks);
  }
  let largest: number | undefined;
  for (const cheat of meters) {
    const cut = cuts.get(cheat.member.meter);
    if (cut === undefined) continue;
    const beside = meters.filter(({ member }) => member.kind === cheat.member.kind && !cuts.has(member.meter));
    const honest = unitCost(beside, 0n);
    const own = unitCost([cheat], cut);
    if (honest === undefined || own === undefined || honest === 0) continue;
    const gain = (honest - own) / Math.abs(honest);
    largest = Math.max(largest ?? gain, gain);
  }
  return largest ?? 0;
}

/** Credits per Wh that was metered. */
function unitCost(meters: readonly Totals[], cutTicks: bigint): number | undefined {
  const energyWh = meters.reduce((sum, { importWh, exportWh }) => sum + importWh + exportWh, 0);
  if (energyWh === 0) return undefined;
  return credits(meters.reduce((sum, meter) => sum + netCostTicks(meter), cutTicks)) / energyWh;
}

function credits(ticks: bigint): number {
  return Number(ticks) / Number(TICKS_PER_CREDIT);
}
