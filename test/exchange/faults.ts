import { encodeReadings } from "../../src/market/readings.ts";
import { signReading } from "../../src/market/sign.ts";
import type { TestMarket, TestMeter } from "../support/testMarket.ts";
import { S } from "./given.ts";

/** Power class 0x34 carries 2,560 Wh a slot. */
export const LIMIT_WH = 2_560;
/** The meter's part of the bond: that times 101 slots at 200,000 ticks. */
export const PART = 51_712_000_000n;
/** Half of it is cut, a quarter of the cut goes to the reporter. */
export const CUT = 25_856_000_000n;
export const REWARD = 6_464_000_000n;

/** One reading of a batch. */
export function reading(
  market: TestMarket,
  { key }: Pick<TestMeter, "key">,
  slot: number,
  importWh: number,
  exportWh: number,
  zone = 1,
): string {
  return encodeReadings([signReading(market.domain, key, { zone, slot, importWh, exportWh })]);
}

/** Zone, slot and two readings of it that contradict each other, as `reportEquivocation` takes them. */
export function twoTales(
  market: TestMarket,
  meter: Pick<TestMeter, "key">,
  slot = S,
): [number, number, string, string] {
  return [1, slot, reading(market, meter, slot, 0, 100), reading(market, meter, slot, 0, 101)];
}
