import { composeTape, largestDispute } from "../../src/training/reproducible/index.ts";
import type { ModelConfig } from "../../src/training/types.ts";
import type { GasLaw } from "./gasLaw.ts";

export interface ModelRow {
  readonly weights: number;
  readonly operations: number;
  readonly moves: number;
  readonly bytes: number;
  readonly gas: number;
  /** Bytes of a state on a player's disk: weights and both moments of Adam. */
  readonly stateBytes: number;
  /** Bytes of the tensors of one step, which a player of a dispute holds in memory beside their trees. */
  readonly stepBytes: number;
}

/** From the model of the dispute that is played to a thousand million weights. */
const MODELS: readonly { readonly model: ModelConfig; readonly batch: number }[] = [
  { model: { layers: 1, width: 8, heads: 2, context: 6 }, batch: 2 },
  { model: { layers: 2, width: 64, heads: 4, context: 64 }, batch: 16 },
  { model: { layers: 6, width: 384, heads: 6, context: 256 }, batch: 16 },
  { model: { layers: 12, width: 768, heads: 12, context: 512 }, batch: 16 },
  { model: { layers: 20, width: 2_048, heads: 16, context: 1_024 }, batch: 16 },
];
const CORPUS_BYTES = 2 ** 30;
/** Sixteen checkpoints of 256 steps a round. */
const SHAPE = { firstStep: 0, stride: 256, checkpoints: 16 };

/** The largest dispute about each model, by the shape of its trees; gas by the law of the moves that were played. */
export function modelRows({ perMove, perByte }: GasLaw): ModelRow[] {
  return MODELS.map(({ model, batch }) => {
    const optimizer = { kind: "adam", learningRate: 0.003 } as const;
    const tape = composeTape({ model, batch, optimizer, seed: 1, corpusBytes: CORPUS_BYTES });
    const { moves, bytes } = largestDispute(tape, SHAPE);
    const elements = tape.sizes.reduce((sum, size) => sum + size, 0);
    return {
      weights: tape.parameters.count,
      operations: tape.primitives.length,
      moves,
      bytes,
      gas: perMove * moves + perByte * bytes,
      stateBytes: 12 * tape.parameters.count,
      stepBytes: 4 * elements,
    };
  });
}
