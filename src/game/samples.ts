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

/** Flexible energy against two slots at the site's rated power; it starts at neutral, so that a little never hurts. */
export function contributionSample(flexibleWh: number, ratedWh: number): number | undefined {
  if (flexibleWh === 0 || ratedWh === 0) return undefined;
  if (flexibleWh >= 2 * ratedWh) return PPM;
  return NEUTRAL_PPM + Math.floor((flexibleWh * (PPM - NEUTRAL_PPM)) / (2 * ratedWh));
}
