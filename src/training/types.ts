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
  /** Its moments start at zero. */
  readonly optimizer: Optimizer;
  readonly onStep?: (step: number, loss: number) => void;
}

export interface TrainResult {
  readonly weights: Float32Array;
  /** Mean loss of each step's batch before its update, nats a byte. */
  readonly losses: readonly number[];
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
