import { setImmediate } from "node:timers/promises";
import { JouleworkError } from "../errors.ts";
import { batchStarts } from "./batches.ts";
import { Engine } from "./engine.ts";
import { drawInitialWeights } from "./initialWeights.ts";
import { loadKernels, type KernelModule } from "./kernelModule.ts";
import { encodeOperations } from "./operations.ts";
import { OptimizerOperation } from "./optimizerOperation.ts";
import { layOutParameters, VOCABULARY } from "./parameters.ts";
import { composeProgram } from "./program.ts";
import { chooseByte } from "./chooseByte.ts";
import { divergedError, requireOptimizerState, requireWeights, requireWhole } from "./trainingErrors.ts";
import type { ModelConfig, SampleInput, Trainer, TrainInput, TrainResult } from "./types.ts";
import type { WasmModule } from "./webAssembly.ts";

const EVALUATION_BATCH = 16;
const MICRO = 1e6;

export interface OpenTrainerOptions {
  /** Threads that share every operation; the result does not depend on it. */
  readonly threads?: number;
}

/** A trainer for a model; close it to end its threads. */
export async function openTrainer(
  model: ModelConfig,
  { threads = 1 }: OpenTrainerOptions = {},
): Promise<KernelTrainer> {
  requireWhole("threads", threads, 1);
  const { count } = layOutParameters(model);
  return new KernelTrainer(model, count, threads, await loadKernels());
}

/** What a test compares with a second way of computing it. */
export interface GradientInput {
  readonly weights: Float32Array;
  /** Rows of context + 1 bytes. */
  readonly sequences: readonly Uint8Array[];
}

export class KernelTrainer implements Trainer {
  readonly model: ModelConfig;
  readonly parameters: number;
  readonly kernelsHash: string;
  readonly #threads: number;
  readonly #module: WasmModule;
  readonly #engines = new Map<string, Engine>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(model: ModelConfig, parameters: number, threads: number, { module, hash }: KernelModule) {
    this.model = { ...model };
    this.parameters = parameters;
    this.kernelsHash = hash;
    this.#threads = threads;
    this.#module = module;
  }

  initialWeights(seed: number): Float32Array {
    requireWhole("seed", seed, 0);
    return drawInitialWeights(this.model, seed);
  }

  train(input: TrainInput): Promise<TrainResult> {
    return this.#exclusively(() => this.#train(input));
  }

  evaluate(weights: Float32Array, text: Uint8Array): Promise<bigint> {
    return this.#exclusively(() => this.#evaluate(weights, text));
  }

  sample(input: SampleInput): Promise<Uint8Array> {
    return this.#exclusively(() => this.#sample(input));
  }

  /** Mean loss and its gradient for sequences of context + 1 bytes. */
  lossAndGradient({ weights, sequences }: GradientInput): Promise<{ loss: number; gradient: Float32Array }> {
    return this.#exclusively(async () => {
      requireWeights(weights, this.parameters);
      const engine = await this.#engine(sequences.length, true);
      const { program, floats } = engine;
      const { buffers, gradients, forward, backward } = program;
      floats.set(weights, buffers.weights / 4);
      sequences.forEach((sequence, row) => writeSequence(engine, row, sequence, 0));
      engine.run(0, forward + backward);
      const start = (gradients?.weights ?? 0) / 4;
      return { loss: floats[buffers.loss / 4] ?? NaN, gradient: floats.slice(start, start + this.parameters) };
    });
  }

  async close(): Promise<void> {
    await this.#last;
    await Promise.all([...this.#engines.values()].map((engine) => engine.close()));
    this.#engines.clear();
  }

  /** One memory holds one computation: callers wait for one another. */
  #exclusively<Result>(compute: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(compute);
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #engine(batch: number, withGradients: boolean): Promise<Engine> {
    const key = `${String(batch)} ${String(withGradients)}`;
    const known = this.#engines.get(key);
    if (known !== undefined) return known;
    const program = composeProgram({ model: this.model, batch, threads: this.#threads, withGradients });
    const engine = await Engine.start(program, this.#module, this.#threads);
    this.#engines.set(key, engine);
    return engine;
  }

  async #train(input: TrainInput): Promise<TrainResult> {
    const { weights, corpus, seed, firstStep, steps, batch, optimizer, optimizerState, onStep } = input;
    const { context } = this.model;
    requireTrainInput(input, this.parameters, context);
    const engine = await this.#engine(batch, true);
    const { program, floats, words } = engine;
    const { buffers, gradients } = program;
    if (gradients === undefined) throw new TypeError("no gradients");

    floats.set(weights, buffers.weights / 4);
    const zeros = new Float32Array(this.parameters);
    floats.set(optimizerState?.firstMoments ?? zeros, gradients.firstMoments / 4);
    floats.set(optimizerState?.secondMoments ?? zeros, gradients.secondMoments / 4);
    words[gradients.flag / 4] = 0;
    const update = new OptimizerOperation(optimizer, optimizerState);
    const losses: number[] = [];
    for (let step = firstStep; step < firstStep + steps; ++step) {
      batchStarts(seed, step, batch, corpus.length - context).forEach((start, row) => {
        writeSequence(engine, row, corpus, start);
      });
      const record = encodeOperations([update.next(program)]);
      new Uint8Array(words.buffer).set(record, program.optimizerRecord);
      engine.run(0, program.forward + program.backward + 1);

      const loss = floats[buffers.loss / 4] ?? NaN;
      if (!Number.isFinite(loss)) throw divergedError("The loss is not finite", { step, loss });
      if (words[gradients.flag / 4] !== 0) throw divergedError("A weight is not finite after a step", { step, loss });
      losses.push(loss);
      onStep?.(step, loss);
      await setImmediate();
    }
    const read = (address: number): Float32Array => floats.slice(address / 4, address / 4 + this.parameters);
    const result = { weights: read(buffers.weights), losses };
    if (optimizer.kind === "sgd") return result;
    const firstMoments = read(gradients.firstMoments);
    const secondMoments = read(gradients.secondMoments);
    return { ...result, optimizerState: { firstMoments, secondMoments, ...update.powers } };
  }

  async #evaluate(weights: Float32Array, text: Uint8Array): Promise<bigint> {
    requireWeights(weights, this.parameters);
    const { context } = this.model;
    if (text.length < 2) {
      throw new JouleworkError({
        code: "TEXT_TOO_SHORT",
        what: "A text of fewer than two bytes has nothing to predict",
        values: { bytes: text.length },
        hint: "Give a longer text.",
      });
    }
    const engine = await this.#engine(EVALUATION_BATCH, false);
    const { program, floats } = engine;
    floats.set(weights, program.buffers.weights / 4);
    const predicted = text.length - 1;
    let sum = 0n;
    for (let first = 0; first < predicted; first += EVALUATION_BATCH * context) {
      for (let row = 0; row < EVALUATION_BATCH; ++row) writeSequence(engine, row, text, first + row * context);
      engine.run(0, program.forward);
      const from = program.buffers.losses / 4;
      const rows = Math.min(EVALUATION_BATCH * context, predicted - first);
      for (const [row, loss] of floats.subarray(from, from + rows).entries()) {
        if (!Number.isFinite(loss)) throw divergedError("A loss is not finite", { byte: first + row + 1, loss });
        // A 32-bit float times a million is exact in 64 bits, so that only this rounds.
        sum += BigInt(Math.round(loss * MICRO));
      }
      await setImmediate();
    }
    return sum;
  }

  async #sample({ weights, prompt, bytes, seed, temperature = 1 }: SampleInput): Promise<Uint8Array> {
    requireWeights(weights, this.parameters);
    requireWhole("seed", seed, 0);
    requireWhole("bytes", bytes, 0);
    const { context } = this.model;
    const engine = await this.#engine(1, false);
    const { program, floats, kernels } = engine;
    floats.set(weights, program.buffers.weights / 4);
    // A model needs something to go on: a new line where nothing is said.
    const written = prompt.length === 0 ? [0x0a] : [...prompt];
    const before = written.length;
    for (let index = 0; index < bytes; ++index) {
      const window = Uint8Array.from(written.slice(-context));
      writeSequence(engine, 0, window, 0);
      engine.run(0, program.forward);
      const from = program.buffers.logits / 4 + (window.length - 1) * VOCABULARY;
      written.push(
        chooseByte(floats.subarray(from, from + VOCABULARY), { temperature, seed, index, exp: kernels.exp }),
      );
      if (index % 16 === 0) await setImmediate();
    }
    return Uint8Array.from(written.slice(before));
  }
}

/** Inputs and targets of one row of a batch; beyond a text's end they are zero, and what they give is not read. */
function writeSequence({ program, words }: Engine, row: number, text: Uint8Array, start: number): void {
  const { shape, buffers } = program;
  const from = row * shape.context;
  for (let index = 0; index < shape.context; ++index) {
    words[buffers.inputs / 4 + from + index] = text[start + index] ?? 0;
    words[buffers.targets / 4 + from + index] = text[start + index + 1] ?? 0;
  }
}

function requireTrainInput(input: TrainInput, parameters: number, context: number): void {
  requireWeights(input.weights, parameters);
  requireWhole("seed", input.seed, 0);
  requireWhole("firstStep", input.firstStep, 0);
  requireWhole("steps", input.steps, 0);
  requireWhole("batch", input.batch, 1);
  requireOptimizerState(input.optimizer, input.optimizerState, parameters);
  if (input.corpus.length > context) return;
  throw new JouleworkError({
    code: "CORPUS_TOO_SHORT",
    what: "The text is not longer than the model's context",
    values: { bytes: input.corpus.length, context },
    hint: "Give a longer text or a smaller context.",
  });
}
