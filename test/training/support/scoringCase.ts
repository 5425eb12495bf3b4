import { decodeUpdate } from "../../../src/training/federated/decodeUpdate.ts";
import { encodeUpdate } from "../../../src/training/federated/encodeUpdate.ts";
import { initialState } from "../../../src/training/federated/initialState.ts";
import { localUpdate } from "../../../src/training/federated/localUpdate.ts";
import { scoreUpdates } from "../../../src/training/federated/scoreUpdates.ts";
import { trainHere } from "../../../src/training/federated/trainHere.ts";
import type { RoundScores, ScoringRule } from "../../../src/training/federated/types.ts";
import { bigramTrainer } from "./bigramTrainer.ts";
import { sentences } from "./texts.ts";

export const RULE: ScoringRule = {
  outer: { learningRate: 0.7, momentum: 0.9 },
  aggregation: { kind: "mean" },
  measure: { kind: "leave-one-out" },
  nearCopyPpm: 990_000,
  leastSharePpm: 50_000,
};
export const SHAPLEY: ScoringRule = {
  ...RULE,
  measure: { kind: "shapley", permutations: 12, seed: `0x${"5a".repeat(32)}`, toleranceMicroNats: 1_000n },
};

export const TRAINER = bigramTrainer();
export const STATE = initialState(TRAINER, 1);
export const SLICE = sentences("validation", 2_000);

/** The update of somebody who trains on `shard`. */
export async function honest(seed: number, shard = sentences(`shard ${seed}`, 4_000), steps = 12): Promise<Uint8Array> {
  const train = trainHere({ trainer: TRAINER, batch: 4, learningRate: 0.05 });
  return (await localUpdate({ state: STATE, train, shard, seed, steps })).bytes;
}

/** Another update made of one: each value mapped. */
export function remade(update: Uint8Array, map: (value: number, place: number) => number): Uint8Array {
  return encodeUpdate(TRAINER.model, decodeUpdate(TRAINER.model, TRAINER.parameters, update).map(map));
}

/** Scores updates that were committed to in the order of their seats. */
export function score(
  updates: readonly (Uint8Array | null)[],
  rule: ScoringRule = RULE,
  earlier: readonly string[] = [],
): Promise<RoundScores> {
  return scoreUpdates({
    trainer: TRAINER,
    state: STATE,
    updates: updates.map((bytes, seat) => ({ bytes, commitOrder: seat + 1 })),
    earlier: new Set(earlier),
    slice: SLICE,
    rule,
  });
}

/** A whole scoring as text, from nothing but code: for comparing processes. */
export async function scoringAsText(rule: ScoringRule = SHAPLEY): Promise<string> {
  const [a, b, c] = [await honest(1), await honest(2), await honest(3)];
  const result = await score([a, b, remade(a, (value) => -10 * value), remade(b, (value) => value * 0.97), c, a], rule);
  const { scores, aggregateRoot, lossBefore, lossAfter, updates } = result;
  const verdicts = updates.map(({ verdict }) => verdict);
  return [...scores, ...verdicts, aggregateRoot, lossBefore, lossAfter].join("\n");
}
