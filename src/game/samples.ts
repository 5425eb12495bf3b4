import { NEUTRAL_RELIABILITY } from "../market/meterWord.ts";
import { PPM } from "../units.ts";
import { NEUTRAL_PPM } from "./components.ts";

const MAX_RELIABILITY = 4095;

/** What reputation looks at of an active meter of a site that is not a feeder. */
export interface SampledMeter {
  readonly meter: string;
  /** 0 to 4095, neutral 2048. */
  readonly reliability: number;
  readonly slotLimitWh: number;
  /** Of a storage meter only. */
  readonly storage?: {
    readonly importWh: number;
    readonly exportWh: number;
    readonly capacityWh: number;
    readonly bestEfficiencyPpm: number;
  };
}

/** Where the registers of a storage meter stood when its efficiency was last sampled. */
export interface NotedRegisters {
  readonly importWh: number;
  readonly exportWh: number;
}

/** Delivered against traded: the worst meter where one is below neutral, else the best; none where no meter traded. */
export function reliabilitySample(meters: readonly SampledMeter[]): number | undefined {
  const values = meters.map(({ reliability }) => reliability);
  if (values.every((value) => value === NEUTRAL_RELIABILITY)) return undefined;
  const least = Math.min(...values);
  const counted = least < NEUTRAL_RELIABILITY ? least : Math.max(...values);
  return Math.floor((counted * PPM) / MAX_RELIABILITY);
}

/** What storage gave back of what its best efficiency would have given, once two capacities have flowed. */
export function efficiencySample(
  meters: readonly SampledMeter[],
  noted: ReadonlyMap<string, NotedRegisters>,
): number | undefined {
  let [flowed, exported, expected, capacity] = [0n, 0n, 0n, 0n];
  for (const { meter, storage } of meters) {
    if (storage === undefined) continue;
    capacity += BigInt(storage.capacityWh);
    const from = noted.get(meter);
    if (from === undefined) continue;
    const importedWh = BigInt(storage.importWh - from.importWh);
    const exportedWh = BigInt(storage.exportWh - from.exportWh);
    flowed += importedWh + exportedWh;
    exported += exportedWh;
    expected += (importedWh * BigInt(storage.bestEfficiencyPpm)) / BigInt(PPM);
  }
  if (expected === 0n || flowed < 2n * capacity) return undefined;
  return Math.min(PPM, Number((exported * BigInt(PPM)) / expected));
}

/** Samples of settled compute work that wait for a sync: sums in ppm, and how many there are. */
export interface PendingWork {
  readonly contributionSum: bigint;
  readonly contributions: number;
  readonly efficiencySum: bigint;
  readonly efficiencies: number;
}

export const NO_WORK: PendingWork = { contributionSum: 0n, contributions: 0, efficiencySum: 0n, efficiencies: 0 };
const MOST_SAMPLES = 2 ** 32 - 1;

/** Work that was reported, added to what waits; undefined = no sample. */
export function addWork(
  work: PendingWork,
  contributionPpm: number | undefined,
  efficiencyPpm: number | undefined,
): PendingWork {
  const contribution = work.contributions < MOST_SAMPLES ? contributionPpm : undefined;
  const efficiency = work.efficiencies < MOST_SAMPLES ? efficiencyPpm : undefined;
  return {
    contributionSum: work.contributionSum + BigInt(Math.min(PPM, contribution ?? 0)),
    contributions: work.contributions + (contribution === undefined ? 0 : 1),
    efficiencySum: work.efficiencySum + BigInt(Math.min(PPM, efficiency ?? 0)),
    efficiencies: work.efficiencies + (efficiency === undefined ? 0 : 1),
  };
}

/** Mean quality of the work, and on top what flexible energy gives beyond neutral. */
export function contributionOfWork(work: PendingWork, flexible: number | undefined): number | undefined {
  if (work.contributions === 0) return flexible;
  const quality = Number(work.contributionSum / BigInt(work.contributions));
  return Math.min(PPM, quality + (flexible ?? NEUTRAL_PPM) - NEUTRAL_PPM);
}

/** Mean of the work's efficiency and the storage's, or the one that there is. */
export function efficiencyOfWork(work: PendingWork, storage: number | undefined): number | undefined {
  if (work.efficiencies === 0) return storage;
  const mean = Number(work.efficiencySum / BigInt(work.efficiencies));
  return storage === undefined ? mean : Math.floor((mean + storage) / 2);
}

/** Flexible energy against two slots at the site's rated power; it starts at neutral, so that a little never hurts. */
export function contributionSample(flexibleWh: number, ratedWh: number): number | undefined {
  if (flexibleWh === 0 || ratedWh === 0) return undefined;
  if (flexibleWh >= 2 * ratedWh) return PPM;
  return NEUTRAL_PPM + Math.floor((flexibleWh * (PPM - NEUTRAL_PPM)) / (2 * ratedWh));
}
