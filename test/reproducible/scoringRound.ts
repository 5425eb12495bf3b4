import { decodeUpdate } from "../../src/training/federated/decodeUpdate.ts";
import { encodeUpdate } from "../../src/training/federated/encodeUpdate.ts";
import type { GlobalState } from "../../src/training/federated/types.ts";
import { openTrainer, type KernelTrainer } from "../../src/training/openTrainer.ts";
import type { ModelConfig } from "../../src/training/types.ts";
import { exampleText } from "../training/goldenRun.ts";

const STEPS = 25;
const text = exampleText(60);

/** A round in the middle of a job, on a tiny model: a state with momentum, and updates of every character. */
export interface ScoringRound {
  readonly trainer: KernelTrainer;
  readonly state: GlobalState;
  readonly slice: Uint8Array;
  /** That of a worker which trained. */
  readonly honest: readonly Uint8Array[];
  /** Nearly the first honest one. */
  readonly nearCopy: Uint8Array;
  /** Ten times the first honest one, the other way. */
  readonly poison: Uint8Array;
  /** The largest values that an update can have. */
  readonly flood: Uint8Array;
  /** A state from which every move leads to weights without a finite loss. */
  readonly lost: GlobalState;
}

export async function scoringRound(model: ModelConfig, sliceBytes: number): Promise<ScoringRound> {
  const trainer = await openTrainer(model);
  const weights = trainer.initialWeights(5);
  const momentum = weights.map((_, index) => Math.fround(((index % 13) - 6) * 1e-4));
  const state: GlobalState = { model, round: 3, weights, momentum };
  const honest = await Promise.all([1, 2, 3].map((seed) => trained(trainer, state, seed)));
  const [first = new Uint8Array()] = honest;
  const remade = (map: (value: number, place: number) => number): Uint8Array =>
    encodeUpdate(model, decodeUpdate(model, trainer.parameters, first).map(map));
  return {
    // Scores between places are infinite, and the shares of infinite scores are no numbers.
    lost: { ...state, weights: weights.map((weight) => weight * 2 ** 60) },
    ...{ trainer, state, honest, slice: text.slice(-sliceBytes) },
    nearCopy: remade((value, place) => value * (place % 2 === 0 ? 1 : 0.96)),
    poison: remade((value) => -10 * value),
    flood: remade((_, place) => 127 * 2 ** 20 * (place % 3 === 0 ? -1 : 1)),
  };
}

async function trained(trainer: KernelTrainer, { model, weights }: GlobalState, seed: number): Promise<Uint8Array> {
  const optimizer = { kind: "adam", learningRate: 0.01 } as const;
  const corpus = text.slice(0, text.length / 2);
  const input = { weights, corpus, seed, firstStep: 0, steps: STEPS, batch: 4, optimizer };
  const { weights: after } = await trainer.train(input);
  return encodeUpdate(
    model,
    weights.map((weight, index) => weight - (after[index] ?? 0)),
  );
}
