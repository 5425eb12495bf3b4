import { JouleworkError } from "../errors.ts";
import type { ModelConfig } from "./types.ts";

export const VOCABULARY = 256;

/** A matrix or vector inside the weights, row after row. */
export interface Parameter {
  readonly name: string;
  /** Index of its first weight. */
  readonly offset: number;
  readonly rows: number;
  readonly columns: number;
}

export interface LayerParameters {
  readonly attentionNormGain: Parameter;
  readonly attentionNormBias: Parameter;
  /** Query, key and value beside one another: width rows, three times width columns. */
  readonly attentionIn: Parameter;
  readonly attentionOut: Parameter;
  readonly mlpNormGain: Parameter;
  readonly mlpNormBias: Parameter;
  readonly mlpIn: Parameter;
  readonly mlpInBias: Parameter;
  readonly mlpOut: Parameter;
  readonly mlpOutBias: Parameter;
}

export interface Parameters {
  readonly tokens: Parameter;
  readonly positions: Parameter;
  readonly layers: readonly LayerParameters[];
  readonly normGain: Parameter;
  readonly normBias: Parameter;
  readonly unembedding: Parameter;
  /** All of them in the order of the weights. */
  readonly all: readonly Parameter[];
  /** Number of weights. */
  readonly count: number;
}

/** Where each parameter of a model lies among its weights. */
export function layOutParameters(model: ModelConfig): Parameters {
  const { layers, width, context } = requireModel(model);
  const all: Parameter[] = [];
  let count = 0;
  const take = (name: string, rows: number, columns: number): Parameter => {
    const parameter = { name, offset: count, rows, columns };
    all.push(parameter);
    count += rows * columns;
    return parameter;
  };
  const tokens = take("tokens", VOCABULARY, width);
  const positions = take("positions", context, width);
  const layerParameters = Array.from({ length: layers }, (_, layer): LayerParameters => {
    const name = (part: string): string => `layers.${String(layer)}.${part}`;
    return {
      attentionNormGain: take(name("attentionNormGain"), 1, width),
      attentionNormBias: take(name("attentionNormBias"), 1, width),
      attentionIn: take(name("attentionIn"), width, 3 * width),
      attentionOut: take(name("attentionOut"), width, width),
      mlpNormGain: take(name("mlpNormGain"), 1, width),
      mlpNormBias: take(name("mlpNormBias"), 1, width),
      mlpIn: take(name("mlpIn"), width, 4 * width),
      mlpInBias: take(name("mlpInBias"), 1, 4 * width),
      mlpOut: take(name("mlpOut"), 4 * width, width),
      mlpOutBias: take(name("mlpOutBias"), 1, width),
    };
  });
  const normGain = take("normGain", 1, width);
  const normBias = take("normBias", 1, width);
  const unembedding = take("unembedding", width, VOCABULARY);
  return { tokens, positions, layers: layerParameters, normGain, normBias, unembedding, all, count };
}

function requireModel(model: ModelConfig): ModelConfig {
  const { layers, width, heads, context } = model;
  const whole = [layers, width, heads, context].every((size) => Number.isSafeInteger(size) && size > 0);
  if (whole && width % heads === 0 && width % 4 === 0) return model;
  throw new JouleworkError({
    code: "MODEL_INVALID",
    what: "This shape is not a model's",
    values: { layers, width, heads, context },
    hint: "Give positive whole numbers, and a width that is a multiple of 4 and of the number of heads.",
  });
}
