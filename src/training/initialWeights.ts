import { layOutParameters, type Parameter } from "./parameters.ts";
import { DRAWS, drawWords, unitFloat } from "./philox.ts";
import type { ModelConfig } from "./types.ts";

const EMBEDDING_SPREAD = 0.1;
/** Small, so that an untrained model gives every byte about the same probability. */
const UNEMBEDDING_SPREAD = 0.02;

/**
 * Weights before training. Gains are 1 and biases 0; matrices are uniform with standard deviation 1 / sqrt(rows), those
 * that add to the residual stream divided by sqrt(2 x layers). Weight i comes from word i of the seed's stream.
 */
export function drawInitialWeights(model: ModelConfig, seed: number): Float32Array {
  const parameters = layOutParameters(model);
  const weights = new Float32Array(parameters.count);
  const fill = ({ offset, rows, columns }: Parameter, spread: number): void => {
    const bound = Math.fround(spread * Math.sqrt(3));
    for (let index = offset; index < offset + rows * columns; ++index) {
      const word = drawWords(seed, DRAWS.weights, 0, index)[0];
      weights[index] = Math.fround((2 * unitFloat(word) - 1) * bound);
    }
  };
  fill(parameters.tokens, EMBEDDING_SPREAD);
  fill(parameters.positions, EMBEDDING_SPREAD);
  const intoResidual = Math.sqrt(2 * model.layers);
  for (const layer of parameters.layers) {
    setTo(weights, layer.attentionNormGain, 1);
    setTo(weights, layer.mlpNormGain, 1);
    fill(layer.attentionIn, 1 / Math.sqrt(layer.attentionIn.rows));
    fill(layer.attentionOut, 1 / Math.sqrt(layer.attentionOut.rows) / intoResidual);
    fill(layer.mlpIn, 1 / Math.sqrt(layer.mlpIn.rows));
    fill(layer.mlpOut, 1 / Math.sqrt(layer.mlpOut.rows) / intoResidual);
  }
  setTo(weights, parameters.normGain, 1);
  fill(parameters.unembedding, UNEMBEDDING_SPREAD);
  return weights;
}

function setTo(weights: Float32Array, { offset, rows, columns }: Parameter, value: number): void {
  weights.fill(value, offset, offset + rows * columns);
}
