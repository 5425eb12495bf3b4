import { layOutParameters, type Parameter, type Parameters } from "../parameters.ts";
import { requireWhole } from "../trainingErrors.ts";
import type { ModelConfig, Optimizer } from "../types.ts";
import type { Primitive } from "./primitives.ts";
import { datasetDepth } from "./chunkTree.ts";
import { tapeBackward } from "./tapeBackward.ts";
import { TapeBuilder, tensorSizes } from "./tapeBuilder.ts";
import { tapeForward } from "./tapeForward.ts";
import { requireCorpusBytes } from "./tapeErrors.ts";
import { tapeOptimizer } from "./tapeOptimizer.ts";

/** What a step of a reproducible job depends on, besides the state before it, its number and the bytes of the data set. */
export interface TapeConfig {
  readonly model: ModelConfig;
  readonly batch: number;
  readonly optimizer: Optimizer;
  readonly seed: number;
  readonly corpusBytes: number;
}

/**
 * Primitive operations over numbered tensors: the state before them, then their outputs, of which the last are the state after
 * them, in the same order.
 */
export interface TapeProgram {
  /** Names of the tensors of a state. */
  readonly state: readonly string[];
  readonly primitives: readonly Primitive[];
  /** Elements of every tensor. */
  readonly sizes: readonly number[];
}

/** One step of training; its state is for Adam both powers of beta and the moments, then the weights. */
export interface Tape extends TapeProgram {
  readonly config: TapeConfig;
  readonly parameters: Parameters;
}

/** What a forward pass is composed with. */
export interface ForwardContext {
  readonly builder: TapeBuilder;
  readonly config: Pick<TapeConfig, "model" | "batch">;
  readonly parameters: Parameters;
  readonly rows: number;
  readonly headWidth: number;
  /** The tensor of a parameter's weights. */
  readonly weight: (parameter: Parameter) => number;
}

export interface TapeContext extends ForwardContext {
  readonly config: TapeConfig;
}

/** A pure function of its configuration: the same one gives the same operations in the same order. */
export function composeTape(config: TapeConfig): Tape {
  const { model, batch, optimizer, seed, corpusBytes } = config;
  const parameters = layOutParameters(model);
  requireWhole("batch", batch, 1);
  requireWhole("seed", seed, 0);
  requireCorpusBytes(corpusBytes, model.context);
  const kinds = optimizer.kind === "adam" ? ["firstMoments", "secondMoments", "weights"] : ["weights"];
  const powers = optimizer.kind === "adam" ? ["beta1Power", "beta2Power"] : [];
  const state = [...powers, ...kinds.flatMap((kind) => parameters.all.map(({ name }) => `${kind}.${name}`))];
  const counts = parameters.all.map(({ rows, columns }) => rows * columns);
  const stateSizes = [...powers.map(() => 1), ...kinds.flatMap(() => counts)];

  const builder = new TapeBuilder(state.length);
  const firstWeight = state.length - parameters.all.length;
  const context: TapeContext = {
    builder,
    config,
    parameters,
    rows: batch * model.context,
    headWidth: model.width / model.heads,
    weight: (parameter) => firstWeight + parameters.all.indexOf(parameter),
  };
  const words = [seed >>> 0, Math.floor(seed / 2 ** 32), corpusBytes - model.context];
  const bytes = (name: string, shift: number): number =>
    builder.bytes(name, batch, model.context, [...words, shift, datasetDepth(corpusBytes)]);
  const inputs = bytes("inputs", 0);
  const forward = tapeForward(context, inputs, bytes("targets", 1));
  const gradients = tapeBackward(context, inputs, forward);
  tapeOptimizer(context, gradients);
  const { primitives } = builder;
  return { config, parameters, state, primitives, sizes: tensorSizes(stateSizes, primitives) };
}
