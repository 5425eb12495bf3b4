import { backwardOperations } from "./backward.ts";
import { forwardOperations } from "./forward.ts";
import {
  encodeOperations,
  matmul,
  matmulScratchBytes,
  MemoryPlan,
  RECORD_BYTES,
  type MatmulParameters,
  type Operation,
} from "./operations.ts";
import { layOutParameters, VOCABULARY, type Parameters } from "./parameters.ts";
import type { ModelConfig } from "./types.ts";

/** Buffers of one layer that its backward pass needs again, by their addresses. */
export interface LayerBuffers {
  readonly attentionNormed: number;
  readonly attentionScales: number;
  readonly attentionInput: number;
  readonly qkv: number;
  readonly scores: number;
  readonly probabilities: number;
  readonly mixed: number;
  readonly afterAttention: number;
  readonly mlpNormed: number;
  readonly mlpScales: number;
  readonly mlpInput: number;
  readonly hidden: number;
  readonly gates: number;
  readonly activated: number;
  readonly mlpOutput: number;
  readonly afterMlp: number;
}

export interface Buffers {
  readonly weights: number;
  /** The bytes that are read and those that follow, as 32-bit words. */
  readonly inputs: number;
  readonly targets: number;
  readonly embedded: number;
  readonly layers: readonly LayerBuffers[];
  readonly normed: number;
  readonly scales: number;
  readonly output: number;
  readonly logits: number;
  readonly losses: number;
  readonly loss: number;
  readonly logitsGradient: number;
}

/** Buffers of gradients; those of activations are used again by every layer. */
export interface GradientBuffers {
  readonly weights: number;
  readonly residual: number;
  readonly residualBefore: number;
  readonly normOutput: number;
  readonly activated: number;
  readonly hidden: number;
  readonly mixed: number;
  readonly probabilities: number;
  readonly scores: number;
  readonly qkv: number;
  readonly firstMoments: number;
  readonly secondMoments: number;
  /** Not zero after a step that made a weight infinite or NaN. */
  readonly flag: number;
}

export interface Shape extends ModelConfig {
  readonly batch: number;
  /** Rows of an activation: batch x context. */
  readonly rows: number;
  readonly headWidth: number;
  /** Elements of a row of attention scores: the context, padded to a multiple of 8. */
  readonly scoreColumns: number;
  readonly parameters: Parameters;
}

/** A recipe of one pass over a model: which kernel reads what and writes where, in order. */
export interface Program {
  readonly shape: Shape;
  readonly buffers: Buffers;
  /** Absent where only losses and logits are asked for. */
  readonly gradients: GradientBuffers | undefined;
  /** Where the records are, and how many of each kind there are, one after another. */
  readonly records: number;
  readonly encoded: Uint8Array;
  readonly forward: number;
  readonly backward: number;
  /** Where the optimizer's record goes, which changes from step to step. */
  readonly optimizerRecord: number;
  readonly pages: number;
}

export interface ProgramParameters {
  readonly model: ModelConfig;
  readonly batch: number;
  readonly threads: number;
  readonly withGradients: boolean;
}

/** Collects operations, and the scratch memory that the largest of them needs. */
export class Recorder {
  readonly operations: Operation[] = [];
  readonly #scratch: { address: number; bytes: number };
  #scratchBytes = 0;

  constructor(scratch: { address: number; bytes: number }) {
    this.#scratch = scratch;
  }

  get scratchBytes(): number {
    return this.#scratchBytes;
  }

  add(operation: Operation): void {
    this.operations.push(operation);
  }

  matmul(parameters: MatmulParameters): void {
    this.#scratchBytes = Math.max(this.#scratchBytes, matmulScratchBytes(parameters));
    this.add(matmul(parameters, this.#scratch));
  }
}

/** A pure function of its parameters: the same model gives the same records at the same addresses. */
export function composeProgram({ model, batch, threads, withGradients }: ProgramParameters): Program {
  const shape = shapeOf(model, batch);
  const plan = new MemoryPlan();
  const compose = (scratch: { address: number; bytes: number }, buffers: Buffers, gradients?: GradientBuffers) => {
    const forward = new Recorder(scratch);
    forwardOperations(forward, shape, buffers);
    const backward = new Recorder(scratch);
    if (gradients !== undefined) backwardOperations(backward, shape, buffers, gradients);
    return { forward, backward };
  };
  const buffers = planBuffers(plan, shape);
  const gradients = withGradients ? planGradients(plan, shape) : undefined;
  // Records are composed once to learn what they need, and once with the addresses of that.
  const draft = compose({ address: 0, bytes: 0 }, buffers, gradients);
  const bytes = Math.max(draft.forward.scratchBytes, draft.backward.scratchBytes);
  const count = draft.forward.operations.length + draft.backward.operations.length;
  const records = plan.bytes((count + 1) * RECORD_BYTES);
  const { forward, backward } = compose({ address: plan.bytes(bytes * threads), bytes }, buffers, gradients);
  return {
    shape,
    buffers,
    gradients,
    records,
    encoded: encodeOperations([...forward.operations, ...backward.operations]),
    forward: forward.operations.length,
    backward: backward.operations.length,
    optimizerRecord: records + count * RECORD_BYTES,
    pages: plan.pages(),
  };
}

function shapeOf(model: ModelConfig, batch: number): Shape {
  return {
    ...model,
    batch,
    rows: batch * model.context,
    headWidth: model.width / model.heads,
    scoreColumns: 8 * Math.ceil(model.context / 8),
    parameters: layOutParameters(model),
  };
}

function planBuffers(plan: MemoryPlan, shape: Shape): Buffers {
  const { rows, width, layers, batch, heads, context, scoreColumns, parameters } = shape;
  const squares = batch * heads * context * scoreColumns;
  const stream = (): number => plan.elements(rows * width);
  return {
    weights: plan.elements(parameters.count),
    inputs: plan.elements(rows),
    targets: plan.elements(rows),
    embedded: stream(),
    layers: Array.from({ length: layers }, () => ({
      attentionNormed: stream(),
      attentionScales: plan.elements(rows),
      attentionInput: stream(),
      qkv: plan.elements(3 * rows * width),
      scores: plan.elements(squares),
      probabilities: plan.elements(squares),
      mixed: stream(),
      afterAttention: stream(),
      mlpNormed: stream(),
      mlpScales: plan.elements(rows),
      mlpInput: stream(),
      hidden: plan.elements(4 * rows * width),
      gates: plan.elements(4 * rows * width),
      activated: plan.elements(4 * rows * width),
      mlpOutput: stream(),
      afterMlp: stream(),
    })),
    normed: stream(),
    scales: plan.elements(rows),
    output: stream(),
    logits: plan.elements(rows * VOCABULARY),
    losses: plan.elements(rows),
    loss: plan.elements(1),
    logitsGradient: plan.elements(rows * VOCABULARY),
  };
}

function planGradients(plan: MemoryPlan, shape: Shape): GradientBuffers {
  const { rows, width, batch, heads, context, scoreColumns, parameters } = shape;
  const squares = batch * heads * context * scoreColumns;
  return {
    weights: plan.elements(parameters.count),
    residual: plan.elements(rows * width),
    residualBefore: plan.elements(rows * width),
    normOutput: plan.elements(rows * width),
    activated: plan.elements(4 * rows * width),
    hidden: plan.elements(4 * rows * width),
    mixed: plan.elements(rows * width),
    probabilities: plan.elements(squares),
    scores: plan.elements(squares),
    qkv: plan.elements(3 * rows * width),
    firstMoments: plan.elements(parameters.count),
    secondMoments: plan.elements(parameters.count),
    flag: plan.elements(1),
  };
}
