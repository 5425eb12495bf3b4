import { dirname, join } from "node:path";
import { expect } from "chai";
import { SPEC, VALIDATION } from "../training/jobs/arena.ts";
import { localKey } from "../../src/chain/localChain.ts";
import { signingKey } from "../../src/market/signer.ts";
import { startOwnNode, type OwnNode } from "./ownNode.ts";

const S = 1_944_960;
const OWNER = 9;
const STRANGER = 12;

describe("the tasks of training jobs", () => {
  let own: OwnNode;

  before(async () => {
    own = await startOwnNode(S);
    await own.succeeds("deploy", {});
    await own.succeeds("zone", { zone: 1 });
    await own.succeeds("buy", { amount: "50", account: "owner" });
  });

  after(async () => {
    await own.stop();
  });

  it("post a job once, run its roles a step at a time, and print its receipt", async () => {
    // Left out, the kernels are those installed; `JSON.stringify` drops what is undefined.
    const spec = await own.file("job.json", JSON.stringify({ ...SPEC, kernels: undefined }));
    const validation = await own.file("held-out.txt", Buffer.from(VALIDATION).toString());
    const folder = dirname(spec);
    const [journal, store] = [join(folder, "requester.sqlite"), join(folder, "store")];
    const post = { spec, validation, rounds: 2, journal, store, account: OWNER };
    const told = await own.succeeds("training:post", post);
    expect(told).to.contain("Job 1 is posted: 2 rounds, 24 credits in escrow.");
    expect(await own.succeeds("training:post", post)).to.equal(told);
    expect(await own.succeeds("training:request", { journal, store, account: OWNER, once: true })).to.equal("");
    expect(await own.succeeds("training:settle", { account: STRANGER, once: true })).to.equal("");
    const work = { job: 1, shard: validation, journal: join(folder, "worker.sqlite"), store, once: true };
    // No provider, no place.
    expect(await own.succeeds("training:work", { ...work, account: STRANGER })).to.equal(
      "job 1: join refused: NotPlaced",
    );
    const evaluate = { job: 1, journal: join(folder, "evaluator.sqlite"), store, once: true, account: STRANGER };
    expect(await own.succeeds("training:evaluate", evaluate)).to.equal("job 1: joinEvaluators refused: NotPlaced");
    expect(await own.succeeds("training:receipt", { job: 1 })).to.contain("Job 1: waiting, 0 rounds settled");
    const receipt: unknown = JSON.parse(await own.succeeds("training:receipt", { job: 1, json: true }));
    expect(receipt).to.deep.include({ job: 1, state: "waiting", rounds: [] });
  });

  it("name a sponsor, and refuse a provider without a meter and stake without a provider", async () => {
    const owner = signingKey(localKey("owner")).address;
    const stranger = "0xFABB0ac9d68B0B445fB7357272Ff202C5651694a";
    expect(await own.succeeds("sponsor", { owner, account: STRANGER })).to.equal(
      `${owner} may register ${stranger} as a provider.`,
    );
    const provider = { provider: stranger, meter: owner };
    expect(await own.fails("provider", provider)).to.contain("MeterUnfit");
    expect(await own.fails("provider", { ...provider, accelerators: 0 })).to.contain("must be at least 1");
    const stake = { provider: stranger, amount: "1", account: "owner" };
    expect(await own.fails("stake", stake)).to.contain("UnknownProvider");
    expect(await own.fails("stake", { ...stake, amount: "0" })).to.contain("must be more than nothing");
  });

  it("refuse a job that is not there, and another account's journal", async () => {
    expect(await own.fails("training:receipt", { job: 7 })).to.contain("JOB_UNKNOWN");
    const intensity = await own.file("grid.csv", "time,g\n");
    expect(await own.fails("training:receipt", { job: 1, intensity })).to.contain("INTENSITY_INVALID");
    const journal = join(dirname(intensity), "requester.sqlite");
    const store = join(dirname(intensity), "store");
    const foreign = { journal, store, account: STRANGER, once: true };
    expect(await own.fails("training:request", foreign)).to.contain("JOB_JOURNAL_FOREIGN");
  });
});
