import { createHash } from "node:crypto";
import { JouleworkError } from "../../../src/errors.ts";
import type { TrainInput, Trainer, TrainResult } from "../../../src/training/types.ts";

const SYMBOLS = 32;
const PARAMETERS = SYMBOLS * SYMBOLS;

/** A bigram softmax model over the low five bits of each byte, with Adam: an independent, quick stand-in for the trainer. */
export function bigramTrainer(): Trainer {
  return {
    model: { layers: 1, width: SYMBOLS, heads: 1, context: 1 },
    parameters: PARAMETERS,
    kernelsHash: `0x${"00".repeat(32)}`,
    initialWeights: (seed) => Float32Array.from({ length: PARAMETERS }, (_, i) => 0.02 * (unit(seed, i) - 0.5)),
    train: (input) => Promise.resolve(train(input)),
    evaluate: (weights, text) => Promise.resolve(evaluate(weights, text)),
    sample: ({ prompt }) => Promise.resolve(prompt.slice()),
    close: () => Promise.resolve(),
  };
}

function train({ weights, corpus, seed, firstStep, steps, batch, optimizer }: TrainInput): TrainResult {
  const result = weights.slice();
  const first = new Float32Array(PARAMETERS);
  const second = new Float32Array(PARAMETERS);
  const losses: number[] = [];
  for (let step = 0; step < steps; ++step) {
    const gradient = new Float32Array(PARAMETERS);
    let loss = 0;
    const places = batch * 16;
    for (let b = 0; b < places; ++b) {
      const at = Math.floor(unit(seed, (firstStep + step) * places + b) * (corpus.length - 1));
      const row = symbol(corpus, at) * SYMBOLS;
      const target = symbol(corpus, at + 1);
      const odds = softmax(result.subarray(row, row + SYMBOLS));
      loss -= Math.log(odds[target] ?? 0);
      odds.forEach((p, i) => {
        gradient[row + i] = (gradient[row + i] ?? 0) + (p - (i === target ? 1 : 0)) / places;
      });
    }
    losses.push(loss / places);
    for (let i = 0; i < PARAMETERS; ++i) {
      const g = gradient[i] ?? 0;
      const m = 0.9 * (first[i] ?? 0) + 0.1 * g;
      const v = 0.999 * (second[i] ?? 0) + 0.001 * g * g;
      first[i] = m;
      second[i] = v;
      const move =
        optimizer.kind === "sgd" ? g : m / (1 - 0.9 ** (step + 1)) / (Math.sqrt(v / (1 - 0.999 ** (step + 1))) + 1e-8);
      result[i] = (result[i] ?? 0) - optimizer.learningRate * move;
    }
  }
  return { weights: result, losses };
}

function evaluate(weights: Float32Array, text: Uint8Array): bigint {
  let loss = 0;
  for (let at = 0; at + 1 < text.length; ++at) {
    const row = symbol(text, at) * SYMBOLS;
    loss -= Math.log(softmax(weights.subarray(row, row + SYMBOLS))[symbol(text, at + 1)] ?? 0);
  }
  if (!Number.isFinite(loss)) {
    throw new JouleworkError({
      code: "TRAINING_DIVERGED",
      what: "The weights give no finite loss",
      hint: "Start from other weights.",
    });
  }
  return BigInt(Math.round(loss * 1e6));
}

function softmax(logits: Float32Array): number[] {
  const top = Math.max(...logits);
  const powers = Array.from(logits, (value) => Math.exp(value - top));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

function symbol(text: Uint8Array, at: number): number {
  return (text[at] ?? 0) % SYMBOLS;
}

/** A number in [0, 1) that depends on seed and place alone. */
function unit(seed: number, place: number): number {
  return createHash("sha256").update(`${seed} ${place}`).digest().readUInt32LE() / 2 ** 32;
}
