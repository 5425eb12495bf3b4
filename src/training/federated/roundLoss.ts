import { JouleworkError } from "../../errors.ts";
import type { Trainer } from "../types.ts";

/** Taken for the loss of weights that give no finite number; differences of losses stay within 64 bits. */
export const WORST_LOSS = 1n << 62n;

/** Codes of what weights without a finite loss end with; any other failure is the machine's and no measurement. */
const NOT_FINITE = new Set(["OUTER_STEP_NOT_FINITE", "TRAINING_DIVERGED"]);

/** Loss of weights over the slice, micro-nats. */
export async function lossOf(trainer: Trainer, weights: () => Float32Array, slice: Uint8Array): Promise<bigint> {
  try {
    const loss = await trainer.evaluate(weights(), slice);
    return loss < WORST_LOSS ? loss : WORST_LOSS;
  } catch (error) {
    if (error instanceof JouleworkError && NOT_FINITE.has(error.code)) return WORST_LOSS;
    throw error;
  }
}
