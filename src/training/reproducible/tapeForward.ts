import { NORM_EPSILON } from "../forward.ts";
import { VOCABULARY, type LayerParameters, type Parameter } from "../parameters.ts";
import type { ForwardContext } from "./composeTape.ts";
import type { OperandParts } from "./tapeBuilder.ts";
import type { Quad } from "./primitives.ts";

/** sqrt(2 / pi) * 2, that times 0.044715, and three times that: the kernels' constants of the tanh form. */
export const GELU = { slope: 1.5957691216057308, cube: 0.07135481627260025, threeCubes: 0.21406444881780076 } as const;

/** What the backward pass of a normalisation reads again. */
export interface NormTensors {
  readonly normed: number;
  readonly scales: number;
  readonly output: number;
}

export interface LayerTensors {
  readonly attentionNorm: NormTensors;
  readonly qkv: number;
  readonly probabilities: number;
  readonly mixed: number;
  readonly mlpNorm: NormTensors;
  readonly hidden: number;
  readonly gates: number;
  readonly activated: number;
}

export interface ForwardTensors {
  readonly layers: readonly LayerTensors[];
  readonly norm: NormTensors;
  readonly logitsGradient: number;
}

/** From bytes to losses and the logits' gradient. */
export function tapeForward(tape: ForwardContext, inputs: number, targets: number): ForwardTensors {
  const { layers, norm, loss } = tapeLosses(tape, inputs, targets);
  return { layers, norm, logitsGradient: crossEntropyGradient(tape, loss, targets) };
}

/** From bytes to the loss of every row. */
export function tapeLosses(tape: ForwardContext, inputs: number, targets: number) {
  const { builder, parameters, weight, config } = tape;
  const { width, context } = config.model;
  let x = builder.add({
    name: "embedded",
    kind: "embed",
    sizes: [1, config.batch, context, width],
    operands: [
      { tensor: inputs, strides: [0, context, 1, 0] },
      { tensor: weight(parameters.tokens), strides: [0, 0, 0, 1], index: width },
      { tensor: weight(parameters.positions), strides: [0, 0, width, 1] },
    ],
  });
  const layers = parameters.layers.map((layer, index): LayerTensors => {
    const name = `layers.${String(index)}`;
    const attended = attention(tape, `${name}.attention`, layer, x);
    const expanded = mlp(tape, `${name}.mlp`, layer, attended.output);
    x = expanded.output;
    return { ...attended.tensors, ...expanded.tensors };
  });
  const norm = layerNorm(tape, "norm", x, parameters.normGain, parameters.normBias);
  const logits = linear(tape, "logits", { x: norm.output, matrix: parameters.unembedding });
  return { layers, norm, loss: crossEntropy(tape, logits, targets) };
}

function attention(tape: ForwardContext, name: string, layer: LayerParameters, x: number) {
  const { builder, headWidth, config } = tape;
  const { width, heads, context } = config.model;
  const attentionNorm = layerNorm(tape, `${name}.norm`, x, layer.attentionNormGain, layer.attentionNormBias);
  const qkv = linear(tape, `${name}.qkv`, { x: attentionNorm.output, matrix: layer.attentionIn });
  const square: Quad = [config.batch, heads, context, context];
  const part = headParts(tape, qkv);
  const scores = builder.add({
    name: `${name}.scores`,
    kind: "dot",
    sizes: square,
    masked: true,
    operands: [part(0, "row"), part(1, "column")],
    reduction: { count: headWidth },
  });
  const [along, perRow] = squareStrides(tape);
  const scale = attentionScale(headWidth);
  const rowSizes: Quad = [config.batch, heads, context, 1];
  const most = builder.add({
    name: `${name}.most`,
    kind: "maximum",
    sizes: rowSizes,
    operands: [{ tensor: scores, strides: [along[0], along[1], along[2], 0], term: 1 }],
    constants: [scale],
    reduction: { count: context, rule: "upToRow", start: "lowest" },
  });
  const exponentials = builder.add({
    name: `${name}.exponentials`,
    kind: "exponential",
    sizes: square,
    masked: true,
    operands: [
      { tensor: scores, strides: along },
      { tensor: most, strides: perRow },
    ],
    constants: [scale],
  });
  const sums = builder.add({
    name: `${name}.sums`,
    kind: "total",
    sizes: rowSizes,
    operands: [{ tensor: exponentials, strides: [along[0], along[1], along[2], 0], term: 1 }],
    reduction: { count: context, rule: "upToRow" },
  });
  const parts = builder.map(`${name}.parts`, "quotient", [sums], [1]);
  const probabilities = builder.add({
    name: `${name}.probabilities`,
    kind: "product",
    sizes: square,
    masked: true,
    operands: [
      { tensor: exponentials, strides: along },
      { tensor: parts, strides: perRow },
    ],
  });
  const mixed = builder.add({
    name: `${name}.mixed`,
    kind: "dot",
    sizes: [config.batch, context, heads, headWidth],
    row: 1,
    operands: [
      { tensor: probabilities, strides: [along[0], along[2], along[1], 0], term: 1 },
      { tensor: qkv, offset: 2 * width, strides: [context * 3 * width, 0, headWidth, 1], term: 3 * width },
    ],
    reduction: { count: context, rule: "upToStrip" },
  });
  const start: OperandParts = { tensor: x, strides: [0, 0, width, 1] };
  const output = linear(tape, `${name}.out`, { x: mixed, matrix: layer.attentionOut, start });
  return { tensors: { attentionNorm, qkv, probabilities, mixed }, output };
}

function mlp(tape: ForwardContext, name: string, layer: LayerParameters, x: number) {
  const { builder, weight } = tape;
  const mlpNorm = layerNorm(tape, `${name}.norm`, x, layer.mlpNormGain, layer.mlpNormBias);
  const bias = (parameter: Parameter): OperandParts => ({ tensor: weight(parameter), strides: [0, 0, 0, 1] });
  const hidden = linear(tape, `${name}.hidden`, {
    x: mlpNorm.output,
    matrix: layer.mlpIn,
    start: bias(layer.mlpInBias),
  });
  const gates = builder.map(`${name}.gates`, "gate", [hidden], [GELU.slope, GELU.cube]);
  const activated = builder.map(`${name}.activated`, "product", [hidden, gates]);
  const added = linear(tape, `${name}.out`, { x: activated, matrix: layer.mlpOut, start: bias(layer.mlpOutBias) });
  const output = builder.map(`${name}.residual`, "sum", [added, x]);
  return { tensors: { mlpNorm, hidden, gates, activated }, output };
}

interface Linear {
  readonly x: number;
  readonly matrix: Parameter;
  /** What sums begin with; zero if absent. */
  readonly start?: OperandParts;
}

function linear({ builder, rows, weight }: ForwardContext, name: string, { x, matrix, start }: Linear): number {
  const { rows: inner, columns } = matrix;
  return builder.add({
    name,
    kind: "dot",
    sizes: [1, 1, rows, columns],
    operands: [
      { tensor: x, strides: [0, 0, inner, 0], term: 1 },
      { tensor: weight(matrix), strides: [0, 0, 0, 1], term: columns },
      ...(start === undefined ? [] : [start]),
    ],
    reduction: { count: inner, start: start === undefined ? "zero" : "operand" },
  });
}

function layerNorm(tape: ForwardContext, name: string, x: number, gain: Parameter, bias: Parameter): NormTensors {
  const { builder, rows, weight, config } = tape;
  const { width } = config.model;
  const share = 1 / width;
  const perRow: Quad = [0, 0, 1, 0];
  const perColumn: Quad = [0, 0, 0, 1];
  const each: Quad = [0, 0, width, 1];
  const sizes: Quad = [1, 1, rows, width];
  const rowSizes: Quad = [1, 1, rows, 1];
  const sums = builder.add({
    name: `${name}.sums`,
    kind: "total",
    sizes: rowSizes,
    operands: [{ tensor: x, strides: [0, 0, width, 0], term: 1 }],
    reduction: { count: width },
  });
  const means = builder.map(`${name}.means`, "scaled", [sums], [share]);
  const squares = builder.add({
    name: `${name}.squares`,
    kind: "squaredDifferences",
    sizes: rowSizes,
    operands: [
      { tensor: x, strides: [0, 0, width, 0], term: 1 },
      { tensor: means, strides: perRow },
    ],
    reduction: { count: width },
  });
  const scales = builder.map(`${name}.scales`, "inverseRoot", [squares], [share, NORM_EPSILON]);
  const normed = builder.add({
    name: `${name}.normed`,
    kind: "differenceProduct",
    sizes,
    operands: [
      { tensor: x, strides: each },
      { tensor: means, strides: perRow },
      { tensor: scales, strides: perRow },
    ],
  });
  const output = builder.add({
    name: `${name}.output`,
    kind: "productSum",
    sizes,
    operands: [
      { tensor: normed, strides: each },
      { tensor: weight(gain), strides: perColumn },
      { tensor: weight(bias), strides: perColumn },
    ],
  });
  return { normed, scales, output };
}

interface LossTensors {
  readonly exponentials: number;
  readonly sums: number;
  readonly losses: number;
}

function crossEntropy({ builder, rows }: ForwardContext, logits: number, targets: number): LossTensors {
  const rowSizes: Quad = [1, 1, rows, 1];
  const perRow: Quad = [0, 0, 1, 0];
  const each: Quad = [0, 0, VOCABULARY, 1];
  const alongRow = (tensor: number): OperandParts => ({ tensor, strides: [0, 0, VOCABULARY, 0], term: 1 });
  const sizes: Quad = [1, 1, rows, VOCABULARY];
  const most = builder.add({
    name: "loss.most",
    kind: "maximum",
    sizes: rowSizes,
    operands: [alongRow(logits)],
    constants: [1],
    reduction: { count: VOCABULARY, start: "lowest" },
  });
  const exponentials = builder.add({
    name: "loss.exponentials",
    kind: "exponential",
    sizes,
    operands: [
      { tensor: logits, strides: each },
      { tensor: most, strides: perRow },
    ],
    constants: [1],
  });
  const sums = builder.add({
    name: "loss.sums",
    kind: "total",
    sizes: rowSizes,
    operands: [alongRow(exponentials)],
    reduction: { count: VOCABULARY },
  });
  const losses = builder.add({
    name: "loss.losses",
    kind: "loss",
    sizes: rowSizes,
    operands: [
      { tensor: targets, strides: perRow },
      { tensor: sums, strides: perRow },
      { tensor: most, strides: perRow },
      { tensor: logits, strides: [0, 0, VOCABULARY, 0], index: 1 },
    ],
  });
  return { exponentials, sums, losses };
}

/** The logits' gradient, and beside it the mean of the losses. */
function crossEntropyGradient({ builder, rows }: ForwardContext, loss: LossTensors, targets: number): number {
  const { exponentials, sums, losses } = loss;
  const perRow: Quad = [0, 0, 1, 0];
  const total = builder.add({
    name: "loss.total",
    kind: "total",
    sizes: [1, 1, 1, 1],
    operands: [{ tensor: losses, term: 1 }],
    reduction: { count: rows },
  });
  builder.map("loss.mean", "scaled", [total], [1 / rows]);
  const factors = builder.map("loss.factors", "quotient", [sums], [1 / rows]);
  return builder.add({
    name: "logits.gradient",
    kind: "lossGradient",
    sizes: [1, 1, rows, VOCABULARY],
    operands: [
      { tensor: targets, strides: perRow },
      { tensor: exponentials, strides: [0, 0, VOCABULARY, 1] },
      { tensor: factors, strides: perRow },
    ],
    constants: [1 / rows],
  });
}

/** 1 / sqrt(head width), as the kernels are given it. */
export function attentionScale(headWidth: number): number {
  return 1 / Math.sqrt(headWidth);
}

/** Strides over squares of scores of every sequence and head, each element and each row. */
export function squareStrides({ config }: ForwardContext): readonly [Quad, Quad] {
  const { heads, context } = config.model;
  return [
    [heads * context * context, context * context, context, 1],
    [heads * context, context, 1, 0],
  ];
}

/** Query, key or value (0, 1, 2) of a place that an element's row or its column names, term by term along a head. */
export function headParts({ config, headWidth }: ForwardContext, qkv: number) {
  const { width, context } = config.model;
  return (index: 0 | 1 | 2, place: "row" | "column"): OperandParts => ({
    tensor: qkv,
    offset: index * width,
    strides: [context * 3 * width, headWidth, place === "row" ? 3 * width : 0, place === "row" ? 0 : 3 * width],
    term: 1,
  });
}
