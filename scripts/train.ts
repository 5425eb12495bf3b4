import { access, constants, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { Command } from "commander";
import { formatForUser, JouleworkError } from "../src/errors.ts";
import { openTrainer, readCorpus, readDefaultCorpus, splitCorpus, hashWeights } from "../src/training/index.ts";
import { trainOptions, type TrainFlags } from "./training/options.ts";
import { createTrainProgress, nats, printable } from "./training/print.ts";

const SAMPLE_BYTES = 200;

const program = new Command("train")
  .description("Train a byte-level language model; the same options give the same weights to the last bit.")
  .option("--corpus <path>", "a text file or a directory of them (default: the project's own documents)")
  .option("--steps <number>", "steps of the optimizer", "300")
  .option("--layers <number>", "layers of the model", "2")
  .option("--width <number>", "width of the model, a multiple of 4 and of the heads", "64")
  .option("--heads <number>", "attention heads", "4")
  .option("--context <number>", "bytes that a prediction may look back on", "64")
  .option("--batch <number>", "sequences a step", "16")
  .option("--learning-rate <number>", "how far Adam moves a weight in a step", "0.003")
  .option("--seed <number>", "which initial weights, batches and samples", "1")
  .option("--threads <number>", "threads; the result does not depend on them", "1")
  .option("--out <file>", "write the weights as little-endian 32-bit floats, over a file that is there")
  .allowExcessArguments(false);

program.parse();
try {
  const options = trainOptions(program.opts<TrainFlags>());
  const { model, seed, steps, batch, threads, learningRate, out } = options;
  if (out !== undefined) await requireDirectory(out);
  const corpus = await (options.corpus === undefined ? readDefaultCorpus(model) : readCorpus(options.corpus, model));
  const { training, heldOut } = splitCorpus(corpus.bytes);
  const trainer = await openTrainer(model, { threads });
  const initial = trainer.initialWeights(seed);
  const sample = (weights: Float32Array): Promise<Uint8Array> =>
    trainer.sample({ weights, prompt: training.subarray(0, 16), bytes: SAMPLE_BYTES, seed });
  console.log(
    `${String(trainer.parameters)} parameters, ${String(corpus.bytes.length)} bytes of ${String(corpus.files.length)} files`,
  );
  console.log(`kernels ${trainer.kernelsHash}`);
  console.log(
    `held-out loss before: ${nats(await trainer.evaluate(initial, heldOut), heldOut.length - 1)} nats a byte`,
  );
  console.log(`sample before: ${printable(await sample(initial))}`);

  const progress = createTrainProgress(steps);
  const optimizer = { kind: "adam", learningRate } as const;
  const input = { weights: initial, corpus: training, seed, firstStep: 0, steps, batch, optimizer };
  const { weights } = await trainer.train({ ...input, onStep: progress.advance }).finally(progress.finish);

  console.log(`held-out loss after: ${nats(await trainer.evaluate(weights, heldOut), heldOut.length - 1)} nats a byte`);
  console.log(`sample after: ${printable(await sample(weights))}`);
  console.log(`weights ${hashWeights(weights)}`);
  if (out !== undefined) await writeFile(out, littleEndian(weights));
  await trainer.close();
} catch (error) {
  console.error(formatForUser(error));
  process.exitCode = 1;
}

/** Hours of training are lost if it turns out only after them that the weights cannot be written. */
async function requireDirectory(file: string): Promise<void> {
  try {
    await access(dirname(resolve(file)), constants.W_OK);
  } catch (cause) {
    throw new JouleworkError({
      code: "OPTION_INVALID",
      what: "The weights cannot be written there",
      values: { out: file },
      hint: "Name a file in a directory that exists and that you may write to.",
      cause,
    });
  }
}

function littleEndian(weights: Float32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(weights.length * 4));
  weights.forEach((weight, index) => view.setFloat32(index * 4, weight, true));
  return new Uint8Array(view.buffer);
}
