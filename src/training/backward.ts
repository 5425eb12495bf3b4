import { addressing, attentionScale, headMatrices, layerOf, mixedMatrix, scoreMatrix, swapped } from "./forward.ts";
import { rowMajor, transposed } from "./operations.ts";
import { VOCABULARY, type LayerParameters, type Parameter } from "./parameters.ts";
import type { Buffers, GradientBuffers, LayerBuffers, Recorder, Shape } from "./program.ts";

interface Context {
  readonly recorder: Recorder;
  readonly shape: Shape;
  readonly gradients: GradientBuffers;
  readonly weight: (parameter: Parameter) => number;
  readonly gradient: (parameter: Parameter) => number;
}

/** From the logits' gradient to that of every weight. */
export function backwardOperations(
  recorder: Recorder,
  shape: Shape,
  buffers: Buffers,
  gradients: GradientBuffers,
): void {
  const { rows, width, batch, context, parameters } = shape;
  const all: Context = {
    recorder,
    shape,
    gradients,
    weight: addressing(buffers.weights),
    gradient: addressing(gradients.weights),
  };
  linear(all, parameters.unembedding, buffers.output, buffers.logitsGradient, gradients.normOutput);
  layerNorm(all, {
    gain: parameters.normGain,
    bias: parameters.normBias,
    normed: buffers.normed,
    scales: buffers.scales,
    addend: 0,
    to: gradients.residual,
  });
  for (let index = shape.layers - 1; index >= 0; --index) {
    const layer = parameters.layers[index];
    if (layer === undefined) throw new RangeError(`no layer ${String(index)}`);
    mlp(all, layer, layerOf(buffers, index));
    attention(all, layer, layerOf(buffers, index));
  }
  recorder.add({
    kernel: "embedTokensBackward",
    operands: [all.gradient(parameters.tokens), gradients.residual, buffers.inputs, rows, width, VOCABULARY],
  });
  // A position's row is the sum over the sequences.
  const sequence = context * width;
  recorder.add({
    kernel: "columnSum",
    operands: [all.gradient(parameters.positions), gradients.residual, 0, batch, sequence, 4 * sequence],
  });
}

/** Leaves the gradient before the block in `residualBefore`. */
function mlp(all: Context, layer: LayerParameters, own: LayerBuffers): void {
  const { recorder, shape, gradients } = all;
  const { rows, width } = shape;
  linear(all, layer.mlpOut, own.activated, gradients.residual, gradients.activated);
  columnSum(all, layer.mlpOutBias, gradients.residual);
  recorder.add({
    kernel: "geluBackward",
    operands: [gradients.hidden, gradients.activated, own.hidden, 4 * rows * width, own.gates],
  });
  linear(all, layer.mlpIn, own.mlpInput, gradients.hidden, gradients.normOutput);
  columnSum(all, layer.mlpInBias, gradients.hidden);
  layerNorm(all, {
    gain: layer.mlpNormGain,
    bias: layer.mlpNormBias,
    normed: own.mlpNormed,
    scales: own.mlpScales,
    addend: gradients.residual,
    to: gradients.residualBefore,
  });
}

/** Takes the gradient from `residualBefore` back into `residual`. */
function attention(all: Context, layer: LayerParameters, own: LayerBuffers): void {
  const { recorder, shape, gradients } = all;
  const { batch, heads, context, headWidth, scoreColumns } = shape;
  linear(all, layer.attentionOut, own.mixed, gradients.residualBefore, gradients.mixed);
  const { query, key, value } = headMatrices(shape, own.qkv);
  const into = headMatrices(shape, gradients.qkv);
  const mixed = mixedMatrix(shape, gradients.mixed);
  const probabilities = scoreMatrix(shape, own.probabilities);
  const scores = scoreMatrix(shape, gradients.scores);
  const everyHead = { rows: context, outerCount: batch, innerCount: heads };
  const perHead = { ...everyHead, columns: headWidth, inner: context };
  recorder.matmul({ ...perHead, c: into.value, a: swapped(probabilities), b: mixed, mask: "innerFromRow" });
  recorder.matmul({
    ...everyHead,
    c: scoreMatrix(shape, gradients.probabilities),
    a: mixed,
    b: swapped(value),
    columns: context,
    inner: headWidth,
    mask: "columnsUpToRow",
  });
  recorder.add({
    kernel: "causalSoftmaxBackward",
    operands: [
      gradients.scores,
      gradients.probabilities,
      batch * heads,
      context,
      4 * scoreColumns,
      attentionScale(shape),
      own.probabilities,
    ],
  });
  recorder.matmul({ ...perHead, c: into.query, a: scores, b: key, mask: "innerUpToRow" });
  recorder.matmul({ ...perHead, c: into.key, a: swapped(scores), b: query, mask: "innerFromRow" });
  linear(all, layer.attentionIn, own.attentionInput, gradients.qkv, gradients.normOutput);
  layerNorm(all, {
    gain: layer.attentionNormGain,
    bias: layer.attentionNormBias,
    normed: own.attentionNormed,
    scales: own.attentionScales,
    addend: gradients.residualBefore,
    to: gradients.residual,
  });
}

/** Of y = x W: W's gradient is x transposed times dy, x's is dy times W transposed. */
function linear(all: Context, matrix: Parameter, x: number, dy: number, dx: number): void {
  const { recorder, shape, weight, gradient } = all;
  const { rows: inputs, columns: outputs } = matrix;
  recorder.matmul({
    c: rowMajor(gradient(matrix), outputs),
    a: transposed(rowMajor(x, inputs)),
    b: rowMajor(dy, outputs),
    rows: inputs,
    columns: outputs,
    inner: shape.rows,
  });
  recorder.matmul({
    c: rowMajor(dx, inputs),
    a: rowMajor(dy, outputs),
    b: transposed(rowMajor(weight(matrix), outputs)),
    rows: shape.rows,
    columns: inputs,
    inner: outputs,
  });
}

function columnSum({ recorder, shape, gradient }: Context, bias: Parameter, dy: number): void {
  recorder.add({
    kernel: "columnSum",
    operands: [gradient(bias), dy, 0, shape.rows, bias.columns, 4 * bias.columns],
  });
}

interface NormGradient {
  readonly gain: Parameter;
  readonly bias: Parameter;
  readonly normed: number;
  readonly scales: number;
  /** The gradient that passes beside the block; 0 if none does. */
  readonly addend: number;
  readonly to: number;
}

/** Its dy is in `normOutput`. */
function layerNorm(all: Context, { gain, bias, normed, scales, addend, to }: NormGradient): void {
  const { recorder, shape, gradients, weight, gradient } = all;
  const { rows, width } = shape;
  const dy = gradients.normOutput;
  recorder.add({ kernel: "columnSum", operands: [gradient(gain), dy, normed, rows, width, 4 * width] });
  columnSum(all, bias, dy);
  recorder.add({
    kernel: "layerNormBackward",
    operands: [to, normed, scales, dy, weight(gain), addend, rows, width, { constant: 1 / width }],
  });
}
