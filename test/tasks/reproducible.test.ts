import { dirname, join } from "node:path";
import { expect } from "chai";
import { CORPUS } from "../reproducible/smallJob.ts";
import { startOwnNode, type OwnNode } from "./ownNode.ts";

const S = 1_944_960;
const OWNER = 9;
const STRANGER = 12;
const SPEC = {
  model: { layers: 1, width: 8, heads: 2, context: 6 },
  seed: 3,
  batch: 2,
  optimizer: { kind: "adam", learningRate: 0.01 },
};

describe("the tasks of reproducible jobs", () => {
  let own: OwnNode;
  let corpus: string;
  let folder: string;
  let store: string;

  before(async () => {
    own = await startOwnNode(S);
    await own.succeeds("deploy", {});
    await own.succeeds("zone", { zone: 1 });
    await own.succeeds("buy", { amount: "50", account: "owner" });
    corpus = await own.file("text.txt", Buffer.from(CORPUS).toString());
    folder = dirname(corpus);
    store = join(folder, "store");
  });

  after(async () => {
    await own.stop();
  });

  const shape = { rounds: 1, checkpoints: 2, stride: 3, pay: "1", bond: "5", challengeBond: "0.5" };

  it("post a job once, defend and verify it a step at a time, and cancel another", async () => {
    const spec = await own.file("job.json", JSON.stringify(SPEC));
    const post = { spec, corpus, store, account: OWNER, ...shape };
    const told = await own.succeeds("training:post-reproducible", post);
    expect(told).to.contain("Reproducible job 1 is posted: 1 rounds, 6 steps, 1 credits in escrow.");
    expect(await own.succeeds("training:post-reproducible", post)).to.equal(told);

    const defend = { job: 1, store, journal: join(folder, "provider.sqlite"), account: OWNER, once: true };
    expect(await own.fails("training:defend", defend))
      .to.contain("JOB_BOND_NOT_AGREED")
      .and.contain("5000000000");
    const agreed = { ...defend, bond: "5" };
    expect(await own.succeeds("training:defend", agreed)).to.contain("job 1: accept (bond 5000000000 ticks)");
    expect(await own.succeeds("training:defend", agreed)).to.contain("job 1 round 0: train (checkpoint 1 of 2)");
    await own.succeeds("training:defend", agreed);
    expect(await own.succeeds("training:defend", agreed)).to.match(
      /^job 1 round 0: claim \(state 0x[0-9a-f]{64}\)\nJob 1 is training: 1 rounds claimed, 0 paid\.$/,
    );

    const verify = { job: 1, store, journal: join(folder, "verifier.sqlite"), account: STRANGER };
    expect(await own.succeeds("training:verify", { ...verify, once: true })).to.contain("checkpoint 1 of 2");
    const verified = await own.succeeds("training:verify", { ...verify, poll: 10 });
    expect(verified).to.contain("job 1 round 0: verify (equal)");
    expect(verified).to.contain("Job 1 is training: 1 rounds equal.");

    await own.succeeds("training:post-reproducible", { ...post, pay: "2" });
    expect(await own.succeeds("training:collect", { job: 2, account: OWNER })).to.equal(
      "Job 2 is cancelled.\n2 credits collected.",
    );
    expect(await own.succeeds("training:settle", { account: STRANGER, once: true })).to.equal("");
  });

  it("refuse wrong files, terms, texts and numbers in a line", async () => {
    const wrong = await own.file("wrong.json", JSON.stringify({ ...SPEC, batch: 0 }));
    const post = { spec: wrong, corpus, store, account: OWNER, ...shape };
    expect(await own.fails("training:post-reproducible", post))
      .to.contain("JOB_SPEC_INVALID")
      .and.contain("batch");
    const spec = await own.file("job.json", JSON.stringify(SPEC));
    expect(await own.fails("training:post-reproducible", { ...post, spec, windows: "1,2" })).to.contain("windows");
    expect(await own.fails("training:post-reproducible", { ...post, spec, windows: "1,600,600,60" })).to.contain(
      "BadReproducibleTerm",
    );
    const other = await own.file("other.txt", "another text, longer than the model's context");
    const roles = { store, account: STRANGER, once: true };
    for (const [task, journal] of [
      ["training:defend", "third.sqlite"],
      ["training:verify", "fourth.sqlite"],
    ] as const) {
      const given = { ...roles, journal: join(folder, journal), bond: "5" };
      expect(await own.fails(task, { ...given, job: 77 })).to.contain("JOB_UNKNOWN");
      expect(await own.fails(task, { ...given, job: 1, bond: "much" })).to.contain("bond");
    }
    const taken = { ...roles, journal: join(folder, "third.sqlite"), bond: "5", job: 1 };
    expect(await own.fails("training:defend", taken)).to.contain("JOB_TAKEN");
    const elsewhere = { ...roles, journal: join(folder, "fourth.sqlite"), job: 1, corpus: other };
    expect(await own.fails("training:verify", elsewhere)).to.contain("JOB_CORPUS_DIFFERS");
    expect(await own.fails("training:collect", { job: 1, account: OWNER })).to.contain("WrongJobState");
  });
});
