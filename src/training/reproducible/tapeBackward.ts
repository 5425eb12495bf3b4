import { VOCABULARY, type LayerParameters, type Parameter } from "../parameters.ts";
import type { TapeContext } from "./composeTape.ts";
import type { Quad } from "./primitives.ts";
import {
  attentionScale,
  GELU,
  headParts,
  squareStrides,
  type ForwardTensors,
  type LayerTensors,
  type NormTensors,
} from "./tapeForward.ts";

/** Tensors of the parameters' gradients. */
export type Gradients = Map<Parameter, number>;

/** From the logits' gradient to that of every weight. */
export function tapeBackward(tape: TapeContext, inputs: number, forward: ForwardTensors): Gradients {
  const { builder, parameters, rows, config } = tape;
  const { width, context } = config.model;
  const gradients: Gradients = new Map();
  const { layers, norm, logitsGradient } = forward;
  const { normGain, normBias, unembedding } = parameters;
  const dNorm = linear(tape, gradients, unembedding, norm.output, logitsGradient);
  let dx = layerNorm(tape, gradients, "norm", { norm, gain: normGain, bias: normBias, dy: dNorm });
  for (const [index, layer] of [...parameters.layers.entries()].reverse()) {
    const tensors = layers[index];
    if (tensors === undefined) throw new RangeError(`no layer ${String(index)}`);
    dx = mlp(tape, gradients, `layers.${String(index)}.mlp`, layer, tensors, dx);
    dx = attention(tape, gradients, `layers.${String(index)}.attention`, layer, tensors, dx);
  }
  gradients.set(
    parameters.tokens,
    builder.add({
      name: "tokens.gradient",
      kind: "tokenGradient",
      sizes: [1, 1, VOCABULARY, width],
      operands: [
        { tensor: inputs, term: 1 },
        { tensor: dx, strides: [0, 0, 0, 1], term: width },
      ],
      reduction: { count: rows },
    }),
  );
  // A position's row is the sum over the sequences.
  gradients.set(
    parameters.positions,
    builder.add({
      name: "positions.gradient",
      kind: "total",
      sizes: [1, 1, context, width],
      operands: [{ tensor: dx, strides: [0, 0, width, 1], term: context * width }],
      reduction: { count: config.batch },
    }),
  );
  return gradients;
}

function mlp(
  tape: TapeContext,
  gradients: Gradients,
  name: string,
  layer: LayerParameters,
  { mlpNorm, hidden, gates, activated }: LayerTensors,
  dx: number,
): number {
  const dActivated = linear(tape, gradients, layer.mlpOut, activated, dx);
  columnSum(tape, gradients, layer.mlpOutBias, dx);
  const constants = [GELU.slope, GELU.threeCubes];
  const dHidden = tape.builder.map(`${name}.hidden.gradient`, "gateGradient", [dActivated, hidden, gates], constants);
  const dy = linear(tape, gradients, layer.mlpIn, mlpNorm.output, dHidden);
  columnSum(tape, gradients, layer.mlpInBias, dHidden);
  const { mlpNormGain: gain, mlpNormBias: bias } = layer;
  return layerNorm(tape, gradients, `${name}.norm`, { norm: mlpNorm, gain, bias, dy, addend: dx });
}

function attention(
  tape: TapeContext,
  gradients: Gradients,
  name: string,
  layer: LayerParameters,
  { attentionNorm, qkv, probabilities, mixed }: LayerTensors,
  dx: number,
): number {
  const { builder, headWidth, config, rows } = tape;
  const { width, heads, context } = config.model;
  const dMixed = linear(tape, gradients, layer.attentionOut, mixed, dx);
  const [along, perRow] = squareStrides(tape);
  const square: Quad = [config.batch, heads, context, context];
  const dProbabilities = builder.add({
    name: `${name}.probabilities.gradient`,
    kind: "dot",
    sizes: square,
    masked: true,
    operands: [
      { tensor: dMixed, strides: [context * width, headWidth, width, 0], term: 1 },
      headParts(tape, qkv)(2, "column"),
    ],
    reduction: { count: headWidth },
  });
  const sums = builder.add({
    name: `${name}.probabilities.sums`,
    kind: "dot",
    sizes: [config.batch, heads, context, 1],
    operands: [probabilities, dProbabilities].map((tensor) => ({
      tensor,
      strides: [along[0], along[1], along[2], 0],
      term: 1,
    })),
    reduction: { count: context, rule: "upToRow" },
  });
  const dScores = builder.add({
    name: `${name}.scores.gradient`,
    kind: "scoreGradient",
    sizes: square,
    masked: true,
    operands: [
      { tensor: probabilities, strides: along },
      { tensor: dProbabilities, strides: along },
      { tensor: sums, strides: perRow },
    ],
    constants: [attentionScale(headWidth)],
  });
  // Of a place and a head: sums over the places that looked at it, or that it looked at.
  const perPlace = (part: string, squares: number, from: "row" | "column", other: number, offset: number): number => {
    const lookedAt = from === "column";
    const row = other === qkv ? 3 * width : width;
    return builder.add({
      name: `${name}.${part}.gradient`,
      kind: "dot",
      sizes: [config.batch, context, heads, headWidth],
      row: 1,
      operands: [
        { tensor: squares, strides: [along[0], lookedAt ? 1 : context, along[1], 0], term: lookedAt ? context : 1 },
        { tensor: other, offset, strides: [context * row, 0, headWidth, 1], term: row },
      ],
      reduction: { count: context, rule: lookedAt ? "fromStrip" : "upToStrip" },
    });
  };
  const dValues = perPlace("values", probabilities, "column", dMixed, 0);
  const dQueries = perPlace("queries", dScores, "row", qkv, width);
  const dKeys = perPlace("keys", dScores, "column", qkv, 0);
  const dQkv = builder.add({
    name: `${name}.qkv.gradient`,
    kind: "choice",
    sizes: [1, rows, 3, width],
    operands: [dQueries, dKeys, dValues].map((tensor) => ({ tensor, strides: [0, width, 0, 1] })),
  });
  const dy = linear(tape, gradients, layer.attentionIn, attentionNorm.output, dQkv);
  const { attentionNormGain: gain, attentionNormBias: bias } = layer;
  return layerNorm(tape, gradients, `${name}.norm`, { norm: attentionNorm, gain, bias, dy, addend: dx });
}

/** Of y = x W: notes W's gradient and gives that of x. */
function linear(tape: TapeContext, gradients: Gradients, matrix: Parameter, x: number, dy: number): number {
  const { builder, rows, weight } = tape;
  const { rows: inputs, columns: outputs, name } = matrix;
  gradients.set(
    matrix,
    builder.add({
      name: `${name}.gradient`,
      kind: "dot",
      sizes: [1, 1, inputs, outputs],
      operands: [
        { tensor: x, strides: [0, 0, 1, 0], term: inputs },
        { tensor: dy, strides: [0, 0, 0, 1], term: outputs },
      ],
      reduction: { count: rows },
    }),
  );
  return builder.add({
    name: `${name}.input.gradient`,
    kind: "dot",
    sizes: [1, 1, rows, inputs],
    operands: [
      { tensor: dy, strides: [0, 0, outputs, 0], term: 1 },
      { tensor: weight(matrix), strides: [0, 0, 0, outputs], term: 1 },
    ],
    reduction: { count: outputs },
  });
}

/** Notes a bias's gradient: the sum over all rows. */
function columnSum({ builder, rows }: TapeContext, gradients: Gradients, bias: Parameter, dy: number): void {
  const { name, columns } = bias;
  gradients.set(
    bias,
    builder.add({
      name: `${name}.gradient`,
      kind: "total",
      sizes: [1, 1, 1, columns],
      operands: [{ tensor: dy, strides: [0, 0, 0, 1], term: columns }],
      reduction: { count: rows },
    }),
  );
}

interface NormGradient {
  readonly norm: NormTensors;
  readonly gain: Parameter;
  readonly bias: Parameter;
  readonly dy: number;
  /** The gradient that passes beside the block. */
  readonly addend?: number;
}

/** scale * (g - mean(g) - normed * mean(g * normed)) with g = dy * gain, and what passes beside added to it. */
function layerNorm(
  tape: TapeContext,
  gradients: Gradients,
  name: string,
  { norm, gain, bias, dy, addend }: NormGradient,
): number {
  const { builder, rows, weight, config } = tape;
  const { width } = config.model;
  const share = 1 / width;
  const perRow: Quad = [0, 0, 1, 0];
  const each: Quad = [0, 0, width, 1];
  const sizes: Quad = [1, 1, rows, width];
  const overColumns = (tensor: number) => ({ tensor, strides: [0, 0, width, 0] as const, term: 1 });
  gradients.set(
    gain,
    builder.add({
      name: `${gain.name}.gradient`,
      kind: "dot",
      sizes: [1, 1, 1, width],
      operands: [dy, norm.normed].map((tensor) => ({ tensor, strides: [0, 0, 0, 1], term: width })),
      reduction: { count: rows },
    }),
  );
  columnSum(tape, gradients, bias, dy);
  const g = builder.add({
    name: `${name}.g`,
    kind: "product",
    sizes,
    operands: [
      { tensor: dy, strides: each },
      { tensor: weight(gain), strides: [0, 0, 0, 1] },
    ],
  });
  const perRowSizes: Quad = [1, 1, rows, 1];
  const reduction = { count: width };
  const sums = builder.add({
    ...{ name: `${name}.g.sums`, kind: "total", sizes: perRowSizes, reduction },
    operands: [overColumns(g)],
  });
  const means = builder.map(`${name}.g.means`, "scaled", [sums], [share]);
  const alongs = builder.add({
    ...{ name: `${name}.g.alongs`, kind: "dot", sizes: perRowSizes, reduction },
    operands: [overColumns(g), overColumns(norm.normed)],
  });
  const slopes = builder.map(`${name}.g.slopes`, "scaled", [alongs], [share]);
  const centred = builder.add({
    name: `${name}.g.centred`,
    kind: "centred",
    sizes,
    operands: [
      { tensor: g, strides: each },
      { tensor: means, strides: perRow },
      { tensor: norm.normed, strides: each },
      { tensor: slopes, strides: perRow },
    ],
  });
  return builder.add({
    name: `${name}.input.gradient`,
    kind: addend === undefined ? "product" : "productSum",
    sizes,
    operands: [
      { tensor: centred, strides: each },
      { tensor: norm.scales, strides: perRow },
      ...(addend === undefined ? [] : [{ tensor: addend, strides: each }]),
    ],
  });
}
