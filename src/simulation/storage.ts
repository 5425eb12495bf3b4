import { PPM } from "../units.ts";

/** Storage behind meters, a column a field. Sums stay below 2^31 Wh. */
export interface Batteries {
  readonly agent: Int32Array;
  readonly capacityWh: Int32Array;
  readonly limitWh: Int32Array;
  readonly roundTripPpm: Int32Array;
  readonly storedWh: Int32Array;
  /** Part of a stored Wh, in millionths, that has been charged and not counted yet. */
  readonly remainder: Float64Array;
  /** Cumulative charge and discharge, Wh. */
  readonly takenWh: Float64Array;
  readonly givenWh: Float64Array;
}

/** Charges a row with at most `wantedWh`, as far as power and room allow, and says with how much. Accounts are those of `storedEnergy`. */
export function takeIn(batteries: Batteries, row: number, wantedWh: number): number {
  const stored = batteries.storedWh[row] ?? 0;
  const efficiency = batteries.roundTripPpm[row] ?? PPM;
  const rest = batteries.remainder[row] ?? 0;
  const room = Math.floor((((batteries.capacityWh[row] ?? 0) - stored + 1) * PPM - 1 - rest) / efficiency);
  const taken = Math.min(wantedWh, batteries.limitWh[row] ?? 0, room);
  const gained = taken * efficiency + rest;
  const whole = Math.floor(gained / PPM);
  batteries.storedWh[row] = stored + whole;
  batteries.remainder[row] = gained - whole * PPM;
  batteries.takenWh[row] = (batteries.takenWh[row] ?? 0) + taken;
  return taken;
}

/** Takes at most `wantedWh` out of a row and says how much. */
export function giveOut(batteries: Batteries, row: number, wantedWh: number): number {
  const stored = batteries.storedWh[row] ?? 0;
  const given = Math.min(wantedWh, batteries.limitWh[row] ?? 0, stored);
  batteries.storedWh[row] = stored - given;
  batteries.givenWh[row] = (batteries.givenWh[row] ?? 0) + given;
  return given;
}

/** What has to flow into a row so that it holds `storedWh`; power and room are not looked at. */
export function neededFor(batteries: Batteries, row: number, storedWh: number): number {
  const missing = (storedWh - (batteries.storedWh[row] ?? 0)) * PPM - (batteries.remainder[row] ?? 0);
  return Math.max(0, Math.ceil(missing / (batteries.roundTripPpm[row] ?? PPM)));
}

/** What storage has lost so far: `taken - floor(taken * efficiency)` of each, as the energy ledger counts it. */
export function storageLossWh({ agent, takenWh, roundTripPpm }: Batteries): number {
  let sum = 0;
  for (let row = 0; row < agent.length; ++row) {
    const taken = takenWh[row] ?? 0;
    sum += taken - Number((BigInt(taken) * BigInt(roundTripPpm[row] ?? PPM)) / BigInt(PPM));
  }
  return sum;
}
