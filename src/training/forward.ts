import { rowMajor, type Matrix } from "./operations.ts";
import { VOCABULARY, type LayerParameters, type Parameter } from "./parameters.ts";
import type { Buffers, LayerBuffers, Recorder, Shape } from "./program.ts";

export const NORM_EPSILON = 1e-5;

/** From bytes to the mean loss. */
export function forwardOperations(recorder: Recorder, shape: Shape, buffers: Buffers): void {
  const { rows, width, context, parameters } = shape;
  const at = addressing(buffers.weights);
  recorder.add({
    kernel: "embed",
    operands: [buffers.embedded, at(parameters.tokens), at(parameters.positions), buffers.inputs, rows, width, context],
  });
  let x = buffers.embedded;
  parameters.layers.forEach((layer, index) => {
    const own = layerOf(buffers, index);
    attention(recorder, shape, layer, own, at, x);
    mlp(recorder, shape, layer, own, at);
    x = own.afterMlp;
  });
  layerNorm(recorder, shape, {
    x,
    y: buffers.output,
    normed: buffers.normed,
    scales: buffers.scales,
    gain: at(parameters.normGain),
    bias: at(parameters.normBias),
  });
  recorder.matmul({
    c: rowMajor(buffers.logits, VOCABULARY),
    a: rowMajor(buffers.output, width),
    b: rowMajor(at(parameters.unembedding), VOCABULARY),
    rows,
    columns: VOCABULARY,
    inner: width,
  });
  recorder.add({
    kernel: "crossEntropy",
    operands: [
      buffers.losses,
      buffers.logitsGradient,
      buffers.logits,
      buffers.targets,
      rows,
      VOCABULARY,
      { constant: 1 / rows },
    ],
  });
  recorder.add({ kernel: "mean", operands: [buffers.loss, buffers.losses, rows, { constant: 1 / rows }] });
}

/** Address of a parameter inside weights, or inside their gradient. */
export function addressing(start: number): (parameter: Parameter) => number {
  return ({ offset }) => start + 4 * offset;
}

export function layerOf(buffers: Buffers, index: number): LayerBuffers {
  const layer = buffers.layers[index];
  if (layer === undefined) throw new RangeError(`no layer ${String(index)}`);
  return layer;
}

/** The three parts of a layer's queries, keys and values, and a square of scores, for every sequence and head. */
export function headMatrices(shape: Shape, qkv: number) {
  const { context, width, headWidth } = shape;
  const rowBytes = 12 * width;
  const part = (index: number): Matrix => ({
    address: qkv + 4 * width * index,
    row: rowBytes,
    column: 4,
    outer: context * rowBytes,
    inner: 4 * headWidth,
  });
  return { query: part(0), key: part(1), value: part(2) };
}

export function scoreMatrix({ heads, context, scoreColumns }: Shape, address: number): Matrix {
  const square = 4 * context * scoreColumns;
  return { address, row: 4 * scoreColumns, column: 4, outer: heads * square, inner: square };
}

export function mixedMatrix({ context, width, headWidth }: Shape, address: number): Matrix {
  return { address, row: 4 * width, column: 4, outer: 4 * context * width, inner: 4 * headWidth };
}

/** As `transposed`, for the matrices of every sequence and head. */
export function swapped(matrix: Matrix): Matrix {
  return { ...matrix, row: matrix.column, column: matrix.row };
}

function attention(
  recorder: Recorder,
  shape: Shape,
  layer: LayerParameters,
  own: LayerBuffers,
  at: (parameter: Parameter) => number,
  x: number,
): void {
  const { rows, width, batch, heads, context, headWidth, scoreColumns } = shape;
  layerNorm(recorder, shape, {
    x,
    y: own.attentionInput,
    normed: own.attentionNormed,
    scales: own.attentionScales,
    gain: at(layer.attentionNormGain),
    bias: at(layer.attentionNormBias),
  });
  recorder.matmul({
    c: rowMajor(own.qkv, 3 * width),
    a: rowMajor(own.attentionInput, width),
    b: rowMajor(at(layer.attentionIn), 3 * width),
    rows,
    columns: 3 * width,
    inner: width,
  });
  const { query, key, value } = headMatrices(shape, own.qkv);
  const everyHead = { rows: context, outerCount: batch, innerCount: heads };
  recorder.matmul({
    ...everyHead,
    c: scoreMatrix(shape, own.scores),
    a: query,
    b: swapped(key),
    columns: context,
    inner: headWidth,
    mask: "columnsUpToRow",
  });
  recorder.add({
    kernel: "causalSoftmax",
    operands: [own.probabilities, own.scores, batch * heads, context, 4 * scoreColumns, attentionScale(shape)],
  });
  recorder.matmul({
    ...everyHead,
    c: mixedMatrix(shape, own.mixed),
    a: scoreMatrix(shape, own.probabilities),
    b: value,
    columns: headWidth,
    inner: context,
    mask: "innerUpToRow",
  });
  recorder.matmul({
    c: rowMajor(own.afterAttention, width),
    a: rowMajor(own.mixed, width),
    b: rowMajor(at(layer.attentionOut), width),
    start: { address: x, row: 4 * width },
    rows,
    columns: width,
    inner: width,
  });
}

/** 1 / sqrt(head width). */
export function attentionScale({ headWidth }: Shape): { constant: number } {
  return { constant: 1 / Math.sqrt(headWidth) };
}

function mlp(
  recorder: Recorder,
  shape: Shape,
  layer: LayerParameters,
  own: LayerBuffers,
  at: (parameter: Parameter) => number,
): void {
  const { rows, width } = shape;
  layerNorm(recorder, shape, {
    x: own.afterAttention,
    y: own.mlpInput,
    normed: own.mlpNormed,
    scales: own.mlpScales,
    gain: at(layer.mlpNormGain),
    bias: at(layer.mlpNormBias),
  });
  recorder.matmul({
    c: rowMajor(own.hidden, 4 * width),
    a: rowMajor(own.mlpInput, width),
    b: rowMajor(at(layer.mlpIn), 4 * width),
    start: { address: at(layer.mlpInBias), row: 0 },
    rows,
    columns: 4 * width,
    inner: width,
  });
  recorder.add({ kernel: "gelu", operands: [own.activated, own.gates, own.hidden, 4 * rows * width] });
  recorder.matmul({
    c: rowMajor(own.mlpOutput, width),
    a: rowMajor(own.activated, 4 * width),
    b: rowMajor(at(layer.mlpOut), width),
    start: { address: at(layer.mlpOutBias), row: 0 },
    rows,
    columns: width,
    inner: 4 * width,
  });
  recorder.add({ kernel: "add", operands: [own.afterMlp, own.afterAttention, own.mlpOutput, rows * width] });
}

interface NormBuffers {
  readonly x: number;
  readonly y: number;
  readonly normed: number;
  readonly scales: number;
  readonly gain: number;
  readonly bias: number;
}

function layerNorm(recorder: Recorder, { rows, width }: Shape, buffers: NormBuffers): void {
  const { x, y, normed, scales, gain, bias } = buffers;
  recorder.add({
    kernel: "layerNorm",
    operands: [y, normed, scales, x, gain, bias, rows, width, { constant: 1 / width }, { constant: NORM_EPSILON }],
  });
}
