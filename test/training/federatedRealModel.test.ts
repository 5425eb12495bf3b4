import { expect } from "chai";
import { attackingWorkers } from "../../src/training/federated/attackingWorkers.ts";
import { DEFAULT_SCORING_RULE } from "../../src/training/federated/defaultScoringRule.ts";
import { initialState } from "../../src/training/federated/initialState.ts";
import { runFederated, type FederatedReport, type FederatedWorker } from "../../src/training/federated/runFederated.ts";
import { trainHere } from "../../src/training/federated/trainHere.ts";
import { trainingWorker } from "../../src/training/federated/trainingWorker.ts";
import type { GlobalState } from "../../src/training/federated/types.ts";
import { buildValidation } from "../../src/training/federated/validation.ts";
import { openTrainer } from "../../src/training/openTrainer.ts";
import type { Trainer } from "../../src/training/types.ts";
import { noise, sentences } from "./support/texts.ts";

const ROUNDS = 3;
const STEPS = 20;
const BATCH = 8;
const LEARNING_RATE = 0.003;

describe("a federated run of the byte-level transformer", () => {
  let trainer: Trainer;
  let state: GlobalState;
  let heldOut: Uint8Array;
  let shards: Readonly<Record<"clean" | "quarter corrupted" | "tiny", Uint8Array>>;
  let workers: readonly FederatedWorker[];
  let report: FederatedReport;

  const run = (members: readonly FederatedWorker[]) => {
    const { slices } = buildValidation(heldOut, ROUNDS);
    return runFederated({ trainer, workers: members, state, slices, rule: DEFAULT_SCORING_RULE });
  };
  const attacks = () => attackingWorkers(trainer.model, trainer.parameters);

  before(async () => {
    trainer = await openTrainer({ layers: 1, width: 16, heads: 2, context: 32 });
    state = initialState(trainer, 1);
    // A text that never changes, so that what is seen here is seen always.
    const bytes = sentences("federated", 130_000);
    heldOut = bytes.subarray(bytes.length - 9_000);
    shards = {
      clean: bytes.subarray(0, 60_000),
      "quarter corrupted": Buffer.concat([bytes.subarray(60_000, 105_000), noise("corrupted", 15_000)]),
      // One window of the context and the byte after it.
      tiny: bytes.subarray(120_000, 120_033),
    };
    const train = trainHere({ trainer, batch: BATCH, learningRate: LEARNING_RATE });
    workers = Object.entries(shards).map(([name, shard], seed) =>
      trainingWorker({ name, shard, train, seed, steps: STEPS }),
    );
    report = await run([...workers, attacks().copier]);
  });
  after(() => trainer.close());

  it("orders the total scores as what each shard is worth alone", async () => {
    const worth: number[] = [];
    const optimizer = { kind: "adam", learningRate: LEARNING_RATE } as const;
    for (const corpus of Object.values(shards)) {
      const steps = ROUNDS * STEPS;
      const input = { weights: state.weights, corpus, seed: 9, firstStep: 0, steps, batch: BATCH, optimizer };
      const { weights } = await trainer.train(input);
      worth.push(Number(await trainer.evaluate(weights, heldOut)) / 1e6 / heldOut.length);
    }
    const [clean = NaN, corrupted = NaN, tiny = NaN] = worth;
    // Nats a byte: so far apart that the truth is no matter of luck.
    expect(corrupted - clean).to.be.above(0.05);
    expect(tiny - corrupted).to.be.above(0.5);
    const [cleanScore = 0, corruptedScore = 0, tinyScore = 0, copierScore] = report.totals.map(Number);
    expect(cleanScore).to.be.above(1.2 * corruptedScore);
    expect(corruptedScore).to.be.above(1.2 * tinyScore);
    expect(copierScore).to.equal(0);
  });

  it("lowers the loss in every round", () => {
    for (const { lossBefore, lossAfter } of report.rounds) expect(lossAfter).to.be.below(lossBefore);
  });

  it("states what each attack earned: nothing, and the model is the one of a run without it", async () => {
    const { scaler, stale, idle, flooder } = attacks();
    for (const attack of [scaler, stale, idle, flooder]) {
      const attacked = await run([...workers, attack]);
      const honest = report.totals.slice(0, 3);
      expect(attacked.totals, attack.name).to.deep.equal([...honest, 0n]);
      expect(attacked.state, attack.name).to.deep.equal(report.state);
    }
  });

  it("pays a poisoner nothing, and the model learns as well beside it", async () => {
    const attacked = await run([...workers, attacks().poisoner]);
    expect(attacked.totals[3]).to.equal(0n);
    const loss = async ({ weights }: GlobalState) => Number(await trainer.evaluate(weights, heldOut));
    // It moves the length to which updates are shortened, so the figures differ a little; it never counts itself.
    expect(await loss(attacked.state)).to.be.below(1.02 * (await loss(report.state)));
  });

  it("gives a near-copier half of what it copied, which loses that half", async () => {
    const { totals } = await run([...workers, attacks().nearCopier]);
    expect(totals[3]).to.equal(totals[0]);
    expect(Number(totals[3]) / Number(report.totals[0])).to.be.within(0.45, 0.55);
  });

  it("holds no honest updates for near-copies of each other", () => {
    for (const { updates } of report.rounds) {
      updates.forEach(({ group }, seat) => expect(group).to.deep.equal(seat === 3 ? [] : [seat]));
    }
  });
});
