import { SLOTS_PER_DAY } from "../units.ts";
import type { Scenario } from "./scenario.ts";

const SLOTS_PER_HOUR = SLOTS_PER_DAY / 24;

/** The most that a zone may take from the grid and give to it in a slot, Wh. */
export interface LineLimits {
  readonly importWh: number;
  readonly exportWh: number;
}

/** The limits of a scenario's zones; undefined where there are none. */
export function lineLimits({ grid: { importLimitW, exportLimitW } }: Scenario): LineLimits | undefined {
  if (importLimitW === undefined && exportLimitW === undefined) return undefined;
  return {
    importWh: Math.floor((importLimitW ?? Infinity) / SLOTS_PER_HOUR),
    exportWh: Math.floor((exportLimitW ?? Infinity) / SLOTS_PER_HOUR),
  };
}

/** What a line's limits cost in a slot, Wh. */
export interface LimitedFlow {
  /** Generation that was turned down. */
  readonly curtailedWh: number;
  /** Load that was not served. */
  readonly unservedWh: number;
}

/**
 * Brings a zone's net energy within its line: whoever gives is turned down, or whoever takes is not served, all by the same share, to whole Wh of which none is
 * lost. Changes `netWh`.
 */
export function keepWithin(
  { importWh, exportWh }: LineLimits,
  from: number,
  to: number,
  netWh: Int32Array,
): LimitedFlow {
  const sums = { taken: 0, given: 0 };
  for (let agent = from; agent < to; ++agent) {
    const net = netWh[agent] ?? 0;
    if (net > 0) sums.taken += net;
    else sums.given -= net;
  }
  const net = sums.taken - sums.given;
  const unservedWh = Math.max(0, net - importWh);
  const curtailedWh = Math.max(0, -net - exportWh);
  if (unservedWh > 0) cut(1, unservedWh, sums.taken, from, to, netWh);
  if (curtailedWh > 0) cut(-1, curtailedWh, sums.given, from, to, netWh);
  return { curtailedWh, unservedWh };
}

/** Takes `cutWh` of the `wholeWh` that flow in one direction, by cumulative floor. */
function cut(sign: 1 | -1, cutWh: number, wholeWh: number, from: number, to: number, netWh: Int32Array): void {
  let before = 0;
  let done = 0;
  for (let agent = from; agent < to; ++agent) {
    const flow = sign * (netWh[agent] ?? 0);
    if (flow <= 0) continue;
    before += flow;
    const through = Math.floor((before * cutWh) / wholeWh);
    netWh[agent] = sign * (flow - (through - done));
    done = through;
  }
}
