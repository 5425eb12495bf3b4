import { expect } from "chai";
import { Engine } from "../../src/training/engine.ts";
import { loadKernels } from "../../src/training/kernelModule.ts";
import { encodeOperations } from "../../src/training/operations.ts";
import { OptimizerOperation } from "../../src/training/optimizerOperation.ts";
import { openTrainer } from "../../src/training/openTrainer.ts";
import { composeProgram } from "../../src/training/program.ts";
import { batchStarts } from "../../src/training/batches.ts";
import { composeTape, type Tape, type TapeConfig } from "../../src/training/reproducible/composeTape.ts";
import { encodeTape } from "../../src/training/reproducible/encodePrimitive.ts";
import { accumulatorsOf, type KernelFunctions } from "../../src/training/reproducible/evaluatePrimitive.ts";
import { loadFunctions } from "../../src/training/reproducible/loadFunctions.ts";
import { coordinatesOf, elementsOf, operandElement, termsOf } from "../../src/training/reproducible/primitives.ts";
import { runStep, stateAfter } from "../../src/training/reproducible/runStep.ts";
import { initialOptimizerState, splitState } from "../../src/training/reproducible/state.ts";
import { exampleText } from "../training/goldenRun.ts";

const corpus = exampleText(20);
const adam = { kind: "adam", learningRate: 0.01 } as const;
const sgd = { kind: "sgd", learningRate: 0.1 } as const;
const common = { seed: 7, corpusBytes: corpus.length };

/** Contexts that are no multiple of four or eight, one head and several, one sequence and several. */
const CONFIGS: Readonly<Record<string, TapeConfig>> = {
  "sgd, one head, one sequence": {
    ...{ ...common, model: { layers: 1, width: 8, heads: 1, context: 8 }, batch: 1, optimizer: sgd },
  },
  "adam, four heads, three sequences, a context of 11": {
    ...{ ...common, model: { layers: 2, width: 16, heads: 4, context: 11 }, batch: 3, optimizer: adam },
  },
  "adam with its own betas, two heads, a context of 6, a large seed": {
    ...{ ...common, model: { layers: 1, width: 12, heads: 2, context: 6 }, batch: 2, seed: 2 ** 40 + 5 },
    optimizer: { ...adam, beta1: 0.8, beta2: 0.95, epsilon: 1e-6 },
  },
};

const bitsOf = (values: Float32Array): string =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("hex");

function tensorOf(tape: Tape, tensors: readonly Float32Array[], name: string): Float32Array {
  const index = tape.primitives.findIndex((primitive) => primitive.name === name);
  const tensor = tensors[tape.state.length + index];
  if (index < 0 || tensor === undefined) throw new Error(`no operation is called ${name}`);
  return tensor;
}

describe("a step as primitive operations", () => {
  let functions: KernelFunctions;

  before(async () => {
    functions = await loadFunctions();
  });

  for (const [name, config] of Object.entries(CONFIGS)) {
    it(`leaves the trainer's state after every step: ${name}`, async () => {
      const { model, batch, optimizer, seed } = config;
      const trainer = await openTrainer(model);
      const tape = composeTape(config);
      let weights = trainer.initialWeights(seed);
      let optimizerState = optimizer.kind === "adam" ? initialOptimizerState(tape.parameters) : undefined;
      let state = splitState(tape.parameters, weights, optimizerState);
      for (let step = 3; step < 7; ++step) {
        const one = { weights, corpus, seed, firstStep: step, steps: 1, batch, optimizer };
        const trained = await trainer.train(optimizerState === undefined ? one : { ...one, optimizerState });
        ({ weights } = trained);
        optimizerState = trained.optimizerState;
        const tensors = runStep(tape, state, { step, corpus, functions });
        state = stateAfter(tape, tensors);
        const expected = splitState(tape.parameters, weights, optimizerState);
        tape.state.forEach((tensor, index) => {
          expect(bitsOf(state[index] ?? new Float32Array()), `${tensor} after step ${String(step)}`).to.equal(
            bitsOf(expected[index] ?? new Float32Array()),
          );
        });
        expect(tensorOf(tape, tensors, "loss.mean")[0]).to.equal(trained.losses[0]);
      }
      await trainer.close();
    });

    it(`has the kernels' buffers among its tensors: ${name}`, async () => {
      const tape = composeTape(config);
      const { buffers, program, floats } = await kernelStep(config);
      const trainer = await openTrainer(config.model);
      const optimizerState = config.optimizer.kind === "adam" ? initialOptimizerState(tape.parameters) : undefined;
      const state = splitState(tape.parameters, trainer.initialWeights(config.seed), optimizerState);
      const tensors = runStep(tape, state, { step: 0, corpus, functions });
      const { context, scoreColumns, rows, width } = program.shape;
      const same = (tensor: string, address: number): void => {
        const values = tensorOf(tape, tensors, tensor);
        expect(bitsOf(values), tensor).to.equal(bitsOf(floats.slice(address / 4, address / 4 + values.length)));
      };
      // The kernels pad rows of scores to a multiple of eight, and leave what the mask hides undefined.
      const sameSquares = (tensor: string, address: number): void => {
        const values = tensorOf(tape, tensors, tensor);
        for (let line = 0; line < values.length / context; ++line) {
          const seen = (line % context) + 1;
          const from = address / 4 + line * scoreColumns;
          expect(bitsOf(values.slice(line * context, line * context + seen)), `${tensor} ${String(line)}`).to.equal(
            bitsOf(floats.slice(from, from + seen)),
          );
        }
      };
      same("embedded", buffers.embedded);
      buffers.layers.forEach((own, index) => {
        const layer = `layers.${String(index)}`;
        same(`${layer}.attention.norm.normed`, own.attentionNormed);
        same(`${layer}.attention.norm.scales`, own.attentionScales);
        same(`${layer}.attention.norm.output`, own.attentionInput);
        same(`${layer}.attention.qkv`, own.qkv);
        sameSquares(`${layer}.attention.scores`, own.scores);
        sameSquares(`${layer}.attention.probabilities`, own.probabilities);
        same(`${layer}.attention.mixed`, own.mixed);
        same(`${layer}.attention.out`, own.afterAttention);
        same(`${layer}.mlp.norm.normed`, own.mlpNormed);
        same(`${layer}.mlp.norm.scales`, own.mlpScales);
        same(`${layer}.mlp.norm.output`, own.mlpInput);
        same(`${layer}.mlp.hidden`, own.hidden);
        same(`${layer}.mlp.gates`, own.gates);
        same(`${layer}.mlp.activated`, own.activated);
        same(`${layer}.mlp.out`, own.mlpOutput);
        same(`${layer}.mlp.residual`, own.afterMlp);
      });
      same("norm.normed", buffers.normed);
      same("norm.scales", buffers.scales);
      same("norm.output", buffers.output);
      same("logits", buffers.logits);
      same("loss.losses", buffers.losses);
      same("loss.mean", buffers.loss);
      same("logits.gradient", buffers.logitsGradient);
      const { gradients, parameters } = { ...program, ...program.shape };
      if (gradients === undefined) throw new Error("no gradients");
      for (const { name: parameter, offset } of parameters.all) {
        same(`${parameter}.gradient`, gradients.weights + 4 * offset);
      }
      // Buffers of activations' gradients are used again by every layer: the first layer's are the last in them.
      same("layers.0.mlpOut.input.gradient", gradients.activated);
      same("layers.0.mlp.hidden.gradient", gradients.hidden);
      same("layers.0.mlp.norm.input.gradient", gradients.residualBefore);
      same("layers.0.attentionOut.input.gradient", gradients.mixed);
      sameSquares("layers.0.attention.probabilities.gradient", gradients.probabilities);
      sameSquares("layers.0.attention.scores.gradient", gradients.scores);
      same("layers.0.attention.qkv.gradient", gradients.qkv);
      same("layers.0.attentionIn.input.gradient", gradients.normOutput);
      same("layers.0.attention.norm.input.gradient", gradients.residual);
      expect(tensorOf(tape, tensors, "embedded")).to.have.length(rows * width);
      await trainer.close();
    });

    it(`takes operands from earlier tensors alone, within their sizes: ${name}`, () => {
      const tape = composeTape(config);
      tape.primitives.forEach((primitive, index) => {
        for (const operand of primitive.operands) {
          const { tensor } = operand;
          expect(tensor, primitive.name).to.be.lessThan(tape.state.length + index);
          const last = coordinatesOf(primitive, elementsOf(primitive) - 1);
          const [, end] = termsOf(primitive, last);
          const largestIndex = primitive.kind === "embed" || primitive.kind === "loss" ? 255 : 0;
          const farthest = operandElement(operand, last, Math.max(0, end - 1), largestIndex);
          expect(farthest, primitive.name).to.be.lessThan(tape.sizes[tensor] ?? 0);
        }
      });
      expect(tape.primitives.slice(-tape.state.length).map(({ name: output }) => output)).to.deep.equal(tape.state);
    });
  }

  it("ends each element's accumulators at the element", () => {
    const config = CONFIGS["adam, four heads, three sequences, a context of 11"];
    if (config === undefined) throw new Error("no configuration");
    const tape = composeTape(config);
    const state = tape.sizes.slice(0, tape.state.length).map((size) => new Float32Array(size).fill(0.01));
    const tensors = runStep(tape, state, { step: 1, corpus, functions });
    tape.primitives.forEach((primitive, index) => {
      if (primitive.reduction === undefined) return;
      const output = tensors[tape.state.length + index] ?? new Float32Array();
      const element = output.length - 1;
      if (primitive.masked && primitive.sizes[3] > primitive.sizes[2]) return;
      const accumulators = accumulatorsOf(primitive, tensors, element);
      expect(accumulators.at(-1), primitive.name).to.equal(output[element]);
    });
  });

  it("refuses a text without a beginning, and one whose bytes 32 bits cannot count", () => {
    const config = CONFIGS["sgd, one head, one sequence"];
    if (config === undefined) throw new Error("no configuration");
    for (const corpusBytes of [8, 2 ** 32, 20.5]) {
      expect(() => composeTape({ ...config, corpusBytes })).to.throw("longer than the model's context");
    }
  });

  it("names a program by its configuration: nothing in it can change and leave the root", () => {
    const config = CONFIGS["adam, four heads, three sequences, a context of 11"];
    if (config === undefined) throw new Error("no configuration");
    const others: TapeConfig[] = [
      config,
      { ...config, seed: 8 },
      { ...config, batch: 2 },
      { ...config, corpusBytes: config.corpusBytes - 1 },
      { ...config, optimizer: sgd },
      { ...config, optimizer: { ...adam, learningRate: 0.02 } },
      { ...config, optimizer: { ...adam, beta1: 0.8 } },
      { ...config, model: { ...config.model, context: 12 } },
      { ...config, model: { ...config.model, heads: 2 } },
    ];
    const roots = others.map((other) => encodeTape(composeTape(other)).programRoot.toString("hex"));
    expect(new Set(roots).size).to.equal(others.length);
    expect(encodeTape(composeTape({ ...config })).programRoot.toString("hex")).to.equal(roots[0]);
  });
});

/** One step of the trainer's own kernels, with everything that they leave in memory. */
async function kernelStep({ model, batch, optimizer, seed }: TapeConfig) {
  const program = composeProgram({ model, batch, threads: 1, withGradients: true });
  const engine = await Engine.start(program, (await loadKernels()).module, 1);
  const trainer = await openTrainer(model);
  const { floats, words } = engine;
  const { buffers } = program;
  floats.set(trainer.initialWeights(seed), buffers.weights / 4);
  batchStarts(seed, 0, batch, corpus.length - model.context).forEach((start, row) => {
    for (let place = 0; place < model.context; ++place) {
      words[buffers.inputs / 4 + row * model.context + place] = corpus[start + place] ?? 0;
      words[buffers.targets / 4 + row * model.context + place] = corpus[start + place + 1] ?? 0;
    }
  });
  const record = encodeOperations([new OptimizerOperation(optimizer).next(program)]);
  new Uint8Array(words.buffer).set(record, program.optimizerRecord);
  engine.run(0, program.forward + program.backward + 1);
  await engine.close();
  await trainer.close();
  return { program, buffers, floats };
}
