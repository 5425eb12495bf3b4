import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { attackingWorkers } from "../../src/training/federated/attackingWorkers.ts";
import { decodeState } from "../../src/training/federated/decodeState.ts";
import { DEFAULT_SCORING_RULE } from "../../src/training/federated/defaultScoringRule.ts";
import { formatFederated, formatRound } from "../../src/training/federated/formatFederated.ts";
import { runFederated, type FederatedWorker } from "../../src/training/federated/runFederated.ts";
import { trainHere } from "../../src/training/federated/trainHere.ts";
import { trainingWorker } from "../../src/training/federated/trainingWorker.ts";
import { buildValidation } from "../../src/training/federated/validation.ts";
import { directoryStore } from "../../src/training/store/directoryStore.ts";
import { codeOf } from "./support/codes.ts";
import { STATE, TRAINER } from "./support/scoringCase.ts";
import { sentences } from "./support/texts.ts";

const ROUNDS = 4;
const { slices } = buildValidation(sentences("validation", 6_000), ROUNDS);
const train = trainHere({ trainer: TRAINER, batch: 4, learningRate: 0.05 });
const honest = (seed: number) =>
  trainingWorker({ name: `honest ${seed}`, shard: sentences(`shard ${seed}`, 4_000), train, seed, steps: 8 });
const run = (workers: readonly FederatedWorker[]) =>
  runFederated({ trainer: TRAINER, workers, state: STATE, slices, rule: DEFAULT_SCORING_RULE });

describe("a federated run", () => {
  it("lowers the loss round by round, and keeps every update and state where it is asked to", async () => {
    const directory = await mkdtemp(join(tmpdir(), "joulework-run-"));
    try {
      const store = directoryStore({ directory });
      const told: number[] = [];
      const report = await runFederated({
        trainer: TRAINER,
        workers: [honest(1), honest(2)],
        state: STATE,
        slices,
        rule: DEFAULT_SCORING_RULE,
        store,
        onRound: ({ round }) => told.push(round),
      });
      expect(told).to.deep.equal([1, 2, 3, 4]);
      for (const { lossBefore, lossAfter, updates, aggregateRoot } of report.rounds) {
        expect(lossAfter).to.be.below(lossBefore);
        for (const { hash } of updates) expect(await store.has(hash ?? "")).to.equal(true);
        expect(await store.has(aggregateRoot)).to.equal(true);
      }
      const last = report.rounds.at(-1)?.aggregateRoot ?? "";
      expect(decodeState(TRAINER.model, TRAINER.parameters, await store.get(last))).to.deep.equal(report.state);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  it("pays none of the attacks, and ends with the very model of a run without them", async () => {
    const clean = await run([honest(1), honest(2), honest(3)]);
    const { copier, stale, poisoner, idle, flooder } = attackingWorkers(TRAINER.model, TRAINER.parameters);
    const attacks = [copier, stale, poisoner, idle, flooder];
    const attacked = await run([honest(1), honest(2), honest(3), ...attacks]);
    expect(attacked.totals.slice(3)).to.deep.equal([0n, 0n, 0n, 0n, 0n]);
    expect(attacked.totals.slice(0, 3)).to.deep.equal(clean.totals);
    expect(attacked.state).to.deep.equal(clean.state);
    const verdicts = attacked.rounds.map(({ updates }) => updates.slice(3).map(({ verdict }) => verdict));
    expect(verdicts).to.deep.equal([
      ["copy", "refused", "useless", "empty", "refused"],
      // Zeros are the same bytes in every round.
      ...Array.from({ length: ROUNDS - 1 }, () => ["copy", "stale", "useless", "stale", "refused"]),
    ]);
  });

  it("pays a near-copier and the one it copies together what one of them would get", async () => {
    const { nearCopier } = attackingWorkers(TRAINER.model, TRAINER.parameters);
    const clean = await run([honest(1), honest(2), honest(3)]);
    const { totals, rounds } = await run([honest(1), honest(2), honest(3), nearCopier]);
    expect(rounds[0]?.updates[3]?.group).to.deep.equal([0, 3]);
    expect(totals[3]).to.equal(totals[0]);
    expect(Number((totals[0] ?? 0n) + (totals[3] ?? 0n)) / Number(clean.totals[0])).to.be.within(0.95, 1.05);
  });

  it("is told in a line a round and a table, whose shares are those of the pay", async () => {
    const { idle } = attackingWorkers(TRAINER.model, TRAINER.parameters);
    const report = await run([honest(1), idle]);
    const [first] = report.rounds;
    expect(first && formatRound(first)).to.match(
      /^round 1: validation loss \d\.\d{4} -> \d\.\d{4} nats a byte, model 0x/,
    );
    const lines = formatFederated(report).split("\n");
    expect(lines.find((line) => line.includes("honest 1"))).to.match(/100\.0 %/);
    expect(lines.find((line) => line.includes("idle"))).to.match(/empty .* 0\.0 %/);
  });

  it("needs somebody who trains and a round", async () => {
    expect(await codeOf(() => run([]))).to.equal("FEDERATED_RUN_INVALID");
    const none = { trainer: TRAINER, workers: [honest(1)], state: STATE, slices: [], rule: DEFAULT_SCORING_RULE };
    expect(await codeOf(() => runFederated(none))).to.equal("FEDERATED_RUN_INVALID");
  });
});
