/** Shape of a byte-level transformer language model; its vocabulary is the 256 bytes. */
export interface ModelConfig {
  readonly layers: number;
  /** Width of the residual stream, a multiple of `heads` and of 4. */
  readonly width: number;
  readonly heads: number;
  /** Bytes that a prediction may look back on. */
  readonly context: number;
}

/** How weights move along a gradient. */
export type Optimizer =
  | {
      readonly kind: "adam";
      readonly learningRate: number;
      readonly beta1?: number;
      readonly beta2?: number;
      readonly epsilon?: number;
    }
  | { readonly kind: "sgd"; readonly learningRate: number };

/** What Adam remembers from step to step. */
export interface OptimizerState {
  readonly firstMoments: Float32Array;
  readonly secondMoments: Float32Array;
  /** beta1 and beta2 to the power of the steps so far, each product rounded to single precision; 1 before a first step. */
  readonly beta1Power: number;
  readonly beta2Power: number;
}

export interface TrainInput {
  /** Where training starts; not changed. */
  readonly weights: Float32Array;
  /** The text, as bytes: longer than the model's context. */
  readonly corpus: Uint8Array;
  /** Batches are a pure function of seed and step. */
  readonly seed: number;
  readonly firstStep: number;
  readonly steps: number;
  /** Sequences a step. */
  readonly batch: number;
  readonly optimizer: Optimizer;
  /** For Adam: that of the result which training goes on from; absent at a first step. Not changed. */
  readonly optimizerState?: OptimizerState;
  readonly onStep?: (step: number, loss: number) => void;
}

export interface TrainResult {
  readonly weights: Float32Array;
  /** Mean loss of each step's batch before its update, nats a byte. */
  readonly losses: readonly number[];
  /** Adam's; with it and these weights the next steps are what they would have been in one call. */
  readonly optimizerState?: OptimizerState;
}

export interface SampleInput {
  readonly weights: Float32Array;
  /** What the sample goes on from, which is not part of it; a new line if empty. */
  readonly prompt: Uint8Array;
  readonly bytes: number;
  readonly seed: number;
  /** 1 by default; 0 takes the most probable byte every time. */
  readonly temperature?: number;
}

/** A model's arithmetic: the same input gives the same bits on every machine and with any number of threads. */
export interface Trainer {
  readonly model: ModelConfig;
  /** Number of weights. */
  readonly parameters: number;
  /** SHA-256 of the kernels' WebAssembly module, lower-case hexadecimal with 0x. */
  readonly kernelsHash: string;
  initialWeights(seed: number): Float32Array;
  train(input: TrainInput): Promise<TrainResult>;
  /** Sum of the losses over every predicted byte of `text`, read in windows of the context, in whole micro-nats. */
  evaluate(weights: Float32Array, text: Uint8Array): Promise<bigint>;
  sample(input: SampleInput): Promise<Uint8Array>;
  close(): Promise<void>;
}
