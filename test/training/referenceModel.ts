import { layOutParameters, type Parameter } from "../../src/training/parameters.ts";
import type { ModelConfig } from "../../src/training/types.ts";

type Rows = number[][];

/** The same model in plain 64-bit arithmetic, with nothing shared but the order of the weights: mean loss in nats. */
export function referenceLoss(
  model: ModelConfig,
  weights: ArrayLike<number>,
  sequences: readonly Uint8Array[],
): number {
  const parameters = layOutParameters(model);
  const read = ({ offset, rows, columns }: Parameter): Rows =>
    Array.from({ length: rows }, (_, i) =>
      Array.from({ length: columns }, (_unused, j) => Number(weights[offset + i * columns + j])),
    );
  const vector = (parameter: Parameter): number[] => read(parameter).flat();
  let sum = 0;
  let count = 0;
  for (const sequence of sequences) {
    const tokens = read(parameters.tokens);
    const positions = read(parameters.positions);
    let x = Array.from({ length: model.context }, (_, t) => plus(at(tokens, Number(sequence[t])), at(positions, t)));
    for (const layer of parameters.layers) {
      const attended = attend(
        multiply(norm(x, vector(layer.attentionNormGain), vector(layer.attentionNormBias)), read(layer.attentionIn)),
        model,
      );
      x = addRows(x, multiply(attended, read(layer.attentionOut)));
      const hidden = multiply(norm(x, vector(layer.mlpNormGain), vector(layer.mlpNormBias)), read(layer.mlpIn));
      const active = hidden.map((row) => plus(row, vector(layer.mlpInBias)).map(gelu));
      const out = multiply(active, read(layer.mlpOut)).map((row) => plus(row, vector(layer.mlpOutBias)));
      x = addRows(x, out);
    }
    const logits = multiply(
      norm(x, vector(parameters.normGain), vector(parameters.normBias)),
      read(parameters.unembedding),
    );
    logits.forEach((row, t) => {
      const total = row.reduce((all, logit) => all + Math.exp(logit), 0);
      sum += Math.log(total) - at(row, Number(sequence[t + 1]));
      ++count;
    });
  }
  return sum / count;
}

function attend(qkv: Rows, { width, heads }: ModelConfig): Rows {
  const size = width / heads;
  return qkv.map((row, t) =>
    Array.from({ length: heads }, (_, head) => {
      const query = row.slice(head * size, (head + 1) * size);
      const scores = qkv.slice(0, t + 1).map((past) => {
        const key = past.slice(width + head * size, width + (head + 1) * size);
        return Math.exp(dot(query, key) / Math.sqrt(size));
      });
      const total = scores.reduce((a, b) => a + b, 0);
      return Array.from({ length: size }, (_unused, d) =>
        scores.reduce((all, score, past) => all + (score / total) * at(at(qkv, past), 2 * width + head * size + d), 0),
      );
    }).flat(),
  );
}

function norm(x: Rows, gain: readonly number[], bias: readonly number[]): Rows {
  return x.map((row) => {
    const mean = row.reduce((a, b) => a + b, 0) / row.length;
    const variance = row.reduce((all, value) => all + (value - mean) ** 2, 0) / row.length;
    return row.map((value, i) => ((value - mean) / Math.sqrt(variance + 1e-5)) * at(gain, i) + at(bias, i));
  });
}

function gelu(x: number): number {
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

function multiply(a: Rows, b: Rows): Rows {
  const columns = at(b, 0).length;
  return a.map((row) =>
    Array.from({ length: columns }, (_, j) => row.reduce((sum, value, k) => sum + value * at(at(b, k), j), 0)),
  );
}

function addRows(a: Rows, b: Rows): Rows {
  return a.map((row, i) => plus(row, at(b, i)));
}

function plus(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, i) => value + at(b, i));
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * at(b, i), 0);
}

function at<Value>(values: readonly Value[], index: number): Value {
  const value = values[index];
  if (value === undefined) throw new RangeError(`no element ${String(index)}`);
  return value;
}
