import { PPM } from "../units.ts";
import { decodeCertificateId } from "./certificateId.ts";

/** Energy that a job's workers proved in a slot, and what it emits by the grid's intensity. */
export interface ProvedSlot {
  readonly slot: number;
  readonly energyWh: number;
  readonly co2Mg: bigint;
}

/** Certificates that were cancelled against energy of a slot. */
export interface CancelledMatch {
  readonly slot: number;
  readonly certificate: bigint;
  readonly amountWh: number;
}

/** How far consumption is matched with renewable production of its own time, and what is left to be emitted. */
export interface MatchedEnergy {
  readonly provedWh: number;
  readonly matchedWh: number;
  /** Of it, with production of the very market slot. */
  readonly slotMatchedWh: number;
  /** Share of the consumption that is matched within its hour, ppm, rounded down: the number to quote. */
  readonly hourMatchedPpm: number;
  /** CO2 of all consumption by the grid's intensity of its slots, milligrams. */
  readonly locationCo2Mg: bigint;
  /** CO2 of what is not matched, slot by slot by the same intensity, milligrams, rounded up. */
  readonly timeCo2Mg: bigint;
}

/** Compares what was consumed with what was cancelled against it. A match is within the hour by the contract's policies. */
export function matchedEnergy(proved: readonly ProvedSlot[], matches: readonly CancelledMatch[]): MatchedEnergy {
  const bySlot = new Map<number, { energyWh: number; co2Mg: bigint; matchedWh: number }>();
  for (const { slot, energyWh, co2Mg } of proved) {
    const sums = bySlot.get(slot) ?? { energyWh: 0, co2Mg: 0n, matchedWh: 0 };
    bySlot.set(slot, { ...sums, energyWh: sums.energyWh + energyWh, co2Mg: sums.co2Mg + co2Mg });
  }
  let slotMatchedWh = 0;
  for (const { slot, certificate, amountWh } of matches) {
    const sums = bySlot.get(slot);
    if (sums === undefined) continue;
    sums.matchedWh += amountWh;
    if (decodeCertificateId(certificate).slot === slot) slotMatchedWh += amountWh;
  }
  const sums = [...bySlot.values()];
  const provedWh = sums.reduce((sum, { energyWh }) => sum + energyWh, 0);
  const matchedWh = sums.reduce((sum, one) => sum + one.matchedWh, 0);
  return {
    provedWh,
    matchedWh,
    slotMatchedWh,
    hourMatchedPpm: provedWh === 0 ? 0 : Number((BigInt(matchedWh) * BigInt(PPM)) / BigInt(provedWh)),
    locationCo2Mg: sums.reduce((sum, { co2Mg }) => sum + co2Mg, 0n),
    timeCo2Mg: sums.reduce((sum, { energyWh, co2Mg, matchedWh: done }) => {
      const left = BigInt(energyWh - done) * co2Mg;
      return sum + (left + BigInt(energyWh) - 1n) / BigInt(energyWh);
    }, 0n),
  };
}
