import type { ProvenReading, SettledReadings } from "./settledReadings.ts";

export interface ProofPlan {
  readonly readings: SettledReadings;
  /** The site's meters, each with the newest slot that was proved. */
  readonly meters: readonly { readonly meter: string; readonly provedThrough: number }[];
  /** Readings of later slots are left out. */
  readonly throughSlot: number;
  /** Readings in a call at most; a hundred fit well into a transaction. */
  readonly callReadings?: number;
}

/**
 * All readings of a site that are left to be proved, in calls. All of them: what is not proved counts as the worst that it
 * could have been, so leaving one out never pays. Gap readings cannot be proved.
 */
export function planProofs({ readings, meters, throughSlot, callReadings = 100 }: ProofPlan): ProvenReading[][] {
  const proofs = meters.flatMap(({ meter, provedThrough }) =>
    readings
      .of(meter)
      .filter(({ slot, gap }) => !gap && slot > provedThrough && slot <= throughSlot)
      .flatMap(({ slot }) => readings.prove(meter, slot) ?? []),
  );
  const calls: ProvenReading[][] = [];
  for (let from = 0; from < proofs.length; from += callReadings) calls.push(proofs.slice(from, from + callReadings));
  return calls;
}
