import { Command, InvalidArgumentError, Option } from "commander";
import { formatForUser } from "../src/errors.ts";
import { attackingWorkers } from "../src/training/federated/attackingWorkers.ts";
import { DEFAULT_SCORING_RULE } from "../src/training/federated/defaultScoringRule.ts";
import { formatFederated, formatRound } from "../src/training/federated/formatFederated.ts";
import { initialState } from "../src/training/federated/initialState.ts";
import { runFederated, type FederatedWorker } from "../src/training/federated/runFederated.ts";
import { trainHere } from "../src/training/federated/trainHere.ts";
import { trainingWorkers } from "../src/training/federated/trainingWorkers.ts";
import type { AggregationRule, ScoringRule } from "../src/training/federated/types.ts";
import { buildValidation } from "../src/training/federated/validation.ts";
import { readCorpus, readDefaultCorpus, splitCorpus } from "../src/training/corpus.ts";
import { openTrainer } from "../src/training/openTrainer.ts";
import { directoryStore } from "../src/training/store/directoryStore.ts";

interface Options {
  readonly corpus?: string;
  readonly workers: number;
  readonly rounds: number;
  readonly localSteps: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly context: number;
  readonly seed: number;
  readonly aggregation: AggregationRule["kind"];
  readonly measure: ScoringRule["measure"]["kind"];
  readonly attacks?: true;
  readonly store?: string;
}

const program = new Command("federated")
  .description("Train a small model by workers that each see a part of the text, and score what each of them adds.")
  .option("--corpus <path>", "a text, or a folder of texts (default: the project's documents)")
  .option("--workers <number>", "how many share the text evenly", whole, 3)
  .option("--rounds <number>", "rounds", whole, 4)
  .option("--local-steps <number>", "steps of a worker in a round", whole, 30)
  .option("--batch <number>", "sequences a step", whole, 16)
  .option("--learning-rate <number>", "of Adam, the inner optimizer", positive, 0.002)
  .option("--layers <number>", "of the model", whole, 1)
  .option("--width <number>", "of the model", whole, 32)
  .option("--heads <number>", "of the model", whole, 2)
  .option("--context <number>", "of the model, bytes", whole, 32)
  .option("--seed <number>", "of weights and batches", whole, 1)
  .addOption(new Option("--aggregation <rule>", "rule").choices(["mean", "median", "trimmed-mean"]).default("mean"))
  .addOption(
    new Option("--measure <measure>", "of scores").choices(["leave-one-out", "shapley"]).default("leave-one-out"),
  )
  .option("--attacks", "add a copier, a poisoner and others that do not train")
  .option("--store <folder>", "keep updates and models there, by their hash")
  .allowExcessArguments(false);

program.parse();
const options = program.opts<Options>();
try {
  await run(options);
} catch (error) {
  console.error(formatForUser(error));
  process.exitCode = 1;
}

async function run({ corpus, layers, width, heads, context, seed, store, ...rest }: Options): Promise<void> {
  const { bytes } = corpus === undefined ? await readDefaultCorpus({ context }) : await readCorpus(corpus, { context });
  const { training, heldOut } = splitCorpus(bytes);
  const { root, slices } = buildValidation(heldOut, rest.rounds);
  const trainer = await openTrainer({ layers, width, heads, context });
  try {
    const train = trainHere({ trainer, batch: rest.batch, learningRate: rest.learningRate });
    const honest = trainingWorkers({ text: training, count: rest.workers, train, seed, steps: rest.localSteps });
    const attacks = attackingWorkers(trainer.model, trainer.parameters);
    console.log(`${trainer.parameters} weights, kernels ${trainer.kernelsHash}`);
    console.log(`${training.length} bytes to train on, ${heldOut.length} to validate, validation root ${root}`);
    const report = await runFederated({
      trainer,
      workers: rest.attacks === true ? [...honest, ...Object.values<FederatedWorker>({ ...attacks })] : honest,
      state: initialState(trainer, seed),
      slices,
      rule: ruleOf(rest),
      ...(store === undefined ? {} : { store: directoryStore({ directory: store }) }),
      onRound: (round) => console.log(formatRound(round)),
    });
    console.log(formatFederated(report));
  } finally {
    await trainer.close();
  }
}

function ruleOf({ aggregation, measure }: Pick<Options, "aggregation" | "measure">): ScoringRule {
  const seed = `0x${"00".repeat(32)}`;
  return {
    ...DEFAULT_SCORING_RULE,
    aggregation: aggregation === "trimmed-mean" ? { kind: aggregation, trimPpm: 250_000 } : { kind: aggregation },
    measure:
      measure === "shapley"
        ? { kind: measure, permutations: 16, seed, toleranceMicroNats: 1_000_000n }
        : { kind: measure },
  };
}

function whole(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Give a whole number of at least 1.");
}

function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("Give a number above 0.");
}
