import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { layOutParameters, VOCABULARY, type Parameter } from "../../src/training/parameters.ts";
import type { ModelConfig, Optimizer } from "../../src/training/types.ts";

const require = createRequire(import.meta.url);
const FORBIDDEN = -1e9;
const NORM_EPSILON = 1e-5;

export interface TfjsParameters {
  readonly model: ModelConfig;
  readonly weights: Float32Array;
  readonly optimizer: Optimizer;
  readonly backend: "wasm" | "cpu";
}

/** The trainer's model a second time, written with TensorFlow.js and its automatic gradients. */
export class TfjsModel {
  readonly #model: ModelConfig;
  readonly #variables: ReadonlyMap<Parameter, tf.Variable>;
  readonly #optimizer: tf.Optimizer;
  readonly #mask: tf.Tensor;

  private constructor(model: ModelConfig, weights: Float32Array, optimizer: Optimizer) {
    this.#model = model;
    this.#variables = new Map(
      layOutParameters(model).all.map((parameter) => {
        const { offset, rows, columns } = parameter;
        const values = weights.slice(offset, offset + rows * columns);
        return [parameter, tf.variable(tf.tensor2d(values, [rows, columns]))];
      }),
    );
    this.#optimizer =
      optimizer.kind === "sgd"
        ? tf.train.sgd(optimizer.learningRate)
        : tf.train.adam(optimizer.learningRate, optimizer.beta1, optimizer.beta2, optimizer.epsilon ?? 1e-8);
    const { context } = model;
    const forbidden = Array.from({ length: context * context }, (_, index) =>
      index % context > Math.floor(index / context) ? FORBIDDEN : 0,
    );
    this.#mask = tf.tensor2d(forbidden, [context, context]);
  }

  static async create({ model, weights, optimizer, backend }: TfjsParameters): Promise<TfjsModel> {
    if (backend === "wasm") {
      setWasmPaths(`${join(dirname(require.resolve("@tensorflow/tfjs-backend-wasm")))}/`);
      setThreadsCount(1);
    }
    await tf.setBackend(backend);
    await tf.ready();
    return new TfjsModel(model, weights, optimizer);
  }

  /** One step on sequences of context + 1 bytes; the mean loss before it. */
  step(sequences: readonly Uint8Array[]): number {
    const loss = this.#optimizer.minimize(() => this.#loss(sequences), true, [...this.#variables.values()]);
    if (loss === null) throw new TypeError("TensorFlow.js returned no loss");
    const [value = NaN] = loss.dataSync();
    loss.dispose();
    return value;
  }

  /** All weights in the trainer's order. */
  weights(): Float32Array {
    return Float32Array.from([...this.#variables.values()].flatMap((variable) => [...variable.dataSync()]));
  }

  dispose(): void {
    for (const variable of this.#variables.values()) variable.dispose();
    this.#optimizer.dispose();
    this.#mask.dispose();
  }

  #loss(sequences: readonly Uint8Array[]): tf.Scalar {
    const { context, width } = this.#model;
    const batch = sequences.length;
    const parameters = layOutParameters(this.#model);
    // The wasm backend has no gradient of a gather: an embedding is a product with one-hot rows.
    const tokens = oneHot(sequences.flatMap((sequence) => [...sequence.subarray(0, context)]));
    const targets = oneHot(sequences.flatMap((sequence) => [...sequence.subarray(1, context + 1)]));
    const embedded = tokens.matMul(this.#of(parameters.tokens)).reshape([batch, context, width]);
    let x = embedded.add(this.#of(parameters.positions)).reshape([batch * context, width]);
    for (const layer of parameters.layers) {
      const input = this.#norm(x, layer.attentionNormGain, layer.attentionNormBias);
      const mixed = this.#attend(input.matMul(this.#of(layer.attentionIn)), batch);
      x = x.add(mixed.matMul(this.#of(layer.attentionOut)));
      const hidden = this.#norm(x, layer.mlpNormGain, layer.mlpNormBias)
        .matMul(this.#of(layer.mlpIn))
        .add(this.#of(layer.mlpInBias));
      x = x.add(gelu(hidden).matMul(this.#of(layer.mlpOut)).add(this.#of(layer.mlpOutBias)));
    }
    const logits = this.#norm(x, parameters.normGain, parameters.normBias).matMul(this.#of(parameters.unembedding));
    return tf.logSoftmax(logits).mul(targets).sum(-1).mean().neg().asScalar();
  }

  #of(parameter: Parameter): tf.Variable {
    const variable = this.#variables.get(
      [...this.#variables.keys()].find(({ name }) => name === parameter.name) ?? parameter,
    );
    if (variable === undefined) throw new RangeError(parameter.name);
    return variable;
  }

  #norm(x: tf.Tensor, gain: Parameter, bias: Parameter): tf.Tensor {
    const centred = x.sub(x.mean(-1, true));
    const variance = centred.square().mean(-1, true);
    return centred.div(variance.add(NORM_EPSILON).sqrt()).mul(this.#of(gain)).add(this.#of(bias));
  }

  #attend(qkv: tf.Tensor, batch: number): tf.Tensor {
    const { context, width, heads } = this.#model;
    const part = (index: number): tf.Tensor =>
      qkv
        .slice([0, index * width], [batch * context, width])
        .reshape([batch, context, heads, width / heads])
        .transpose([0, 2, 1, 3]);
    const scores = tf.matMul(part(0), part(1), false, true).mul(1 / Math.sqrt(width / heads));
    const probabilities = tf.softmax(scores.add(this.#mask));
    return tf
      .matMul(probabilities, part(2))
      .transpose([0, 2, 1, 3])
      .reshape([batch * context, width]);
  }
}

function oneHot(bytes: readonly number[]): tf.Tensor {
  return tf.oneHot(tf.tensor1d([...bytes], "int32"), VOCABULARY).toFloat();
}

function gelu(x: tf.Tensor): tf.Tensor {
  const cube = x.mul(x).mul(x);
  const inner = x.add(cube.mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
  return x.mul(0.5).mul(inner.tanh().add(1));
}
