import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { HDNodeWallet, MaxUint256 } from "ethers";
import hre from "hardhat";
import { audit, formatAudit, type AuditReport } from "../../../src/audit/index.ts";
import { connectExchange } from "../../../src/chain/exchange.ts";
import { createSender } from "../../../src/chain/sender.ts";
import { singleSender } from "../../../src/market/service/exchangeLink.ts";
import { decodeState } from "../../../src/training/federated/decodeState.ts";
import { scoreUpdates } from "../../../src/training/federated/scoreUpdates.ts";
import type { RoundScores } from "../../../src/training/federated/types.ts";
import { resultHash } from "../../../src/training/jobs/hashes.ts";
import { trainJobsHere } from "../../../src/training/jobs/jobInputs.ts";
import { createJobsChain } from "../../../src/training/jobs/jobsLink.ts";
import { scoringRule, type JobSpec } from "../../../src/training/jobs/jobSpec.ts";
import { JOB_STATE } from "../../../src/training/jobs/jobTypes.ts";
import { openEvaluator } from "../../../src/training/jobs/openEvaluator.ts";
import { openRequester } from "../../../src/training/jobs/openRequester.ts";
import { openWorker } from "../../../src/training/jobs/openWorker.ts";
import { postJob } from "../../../src/training/jobs/postJob.ts";
import { formatAction, type Role, type RoleAction } from "../../../src/training/jobs/role.ts";
import { openTrainer, type KernelTrainer } from "../../../src/training/openTrainer.ts";
import { createReproducibleChain } from "../../../src/training/reproducible/jobs/reproducibleLink.ts";
import { directoryStore } from "../../../src/training/store/directoryStore.ts";
import type { Trainer } from "../../../src/training/types.ts";
import { hardhatRpc } from "../../audit/hardhatRpc.ts";
import { withCompute } from "../../audit/computeRun.ts";
import { deploymentOf } from "../../audit/smallRun.ts";
import { deployTestMarket } from "../../support/testMarket.ts";
import { sentences } from "../support/texts.ts";
import { unnoticedEdits } from "./measuredHistory.ts";
import { LIES, type ResultLie } from "./resultLies.ts";
import { serveConnection } from "./rpcBridge.ts";

const REQUESTER = 10;
const WORKERS = [11, 12] as const;
const HONEST = 13;
/** More than half of any three. */
const LIARS = [14, 15, 16, 17, 18, 19, 9] as const;
const PHRASE = "test test test test test test test test test test test junk";
const MODEL = { layers: 1, width: 8, heads: 2, context: 6 };
const SLICE_BYTES = 90;
const BOND = 800n;
const TURNS = 400;

function measuredSpec(trainer: KernelTrainer): JobSpec {
  return {
    format: "joulework-federated-1",
    kernels: trainer.kernelsHash,
    model: MODEL,
    seed: 7,
    local: { steps: 20, batch: 4, learningRate: 0.02 },
    outer: { learningRate: 0.7, momentum: 0.5 },
    aggregation: { kind: "mean" },
    measure: { kind: "leave-one-out" },
    nearCopyPpm: 999_000,
    leastSharePpm: 0,
    sliceBytes: SLICE_BYTES,
  };
}

/** One trainer for all parties, which none of them closes. */
function shared(trainer: KernelTrainer): Trainer {
  return {
    model: trainer.model,
    parameters: trainer.parameters,
    kernelsHash: trainer.kernelsHash,
    initialWeights: (seed) => trainer.initialWeights(seed),
    train: (input) => trainer.train(input),
    evaluate: (weights, text) => trainer.evaluate(weights, text),
    sample: (input) => trainer.sample(input),
    close: () => Promise.resolve(),
  };
}

interface Played {
  /** What of the measured challenge could be told otherwise without the audit's notice. */
  readonly unnoticed: readonly string[];
  readonly report: AuditReport;
  readonly actions: readonly RoleAction[];
  /** As anybody computes it from the chain's seats and the store. */
  readonly right: RoundScores;
  readonly standing: string;
  readonly modelRoot: string;
  readonly paid: readonly bigint[];
  readonly lockedTicks: readonly bigint[];
}

/** A job of one round whose evaluators all lie but one. That one is opened anew before each of its steps, as after `kill -9`. */
async function playLie(lie: ResultLie): Promise<Played> {
  const connection = await hre.network.create();
  const market = await deployTestMarket(connection);
  const { url, close } = await serveConnection(connection);
  const folder = mkdtempSync(join(tmpdir(), "joulework-measured-"));
  const trainer = await openTrainer(MODEL);
  const spec = measuredSpec(trainer);
  const roles: Role[] = [];
  try {
    const { providers, trainingJobs, credit } = market;
    const compute = await withCompute(await deploymentOf(market), market);
    const ReproducibleJobs = await market.reproducibleJobs.getAddress();
    const deployment = { ...compute, contracts: { ...compute.contracts, ReproducibleJobs } };
    const exchange = await connectExchange({ rpcUrl: url, deployment });
    const chainsOf = (index: number) => {
      const { privateKey } = HDNodeWallet.fromPhrase(PHRASE, undefined, `m/44'/60'/0'/0/${String(index)}`);
      const sender = singleSender(createSender({ rpc: exchange.rpc, privateKey, chainId: deployment.chainId }));
      return { chain: createJobsChain(exchange, sender), reproducible: createReproducibleChain(exchange, sender) };
    };
    const signerOf = (index: number) => {
      const signer = market.signers[index];
      if (signer === undefined) throw new Error("an account is missing");
      return signer;
    };
    for (const index of [...WORKERS, HONEST, ...LIARS]) {
      const owner = signerOf(index);
      const meter = await market.addMeter({ owner, kind: "consumer" });
      await providers.connect(owner).registerProvider(owner.address, meter.address, 1);
      await market.fund(owner, 20_000n);
      await credit.connect(owner).approve(providers, MaxUint256);
      await providers.connect(owner).postStake(owner.address, 10_000n);
    }
    await market.fund(signerOf(REQUESTER), 5_000n);
    const store = directoryStore({ directory: join(folder, "store") });
    const journalOf = (name: string | number) => join(folder, `${String(name)}.sqlite`);
    const poster = chainsOf(REQUESTER).chain;
    const { job } = await postJob({
      ...{ chain: poster, store, journalPath: journalOf("requester"), spec, trainer: shared(trainer) },
      validation: sentences("validation", SLICE_BYTES),
      offer: {
        ...{
          zone: 1,
          rounds: 1,
          energyWh: 200,
          evaluators: 3,
          poolTicks: 1_000n,
          feeTicks: 90n,
          siteCapPpm: 1_000_000,
        },
        ...{ workerBondTicks: 400n, evaluatorBondTicks: BOND },
      },
    });
    roles.push(openRequester({ chain: poster, store, journalPath: journalOf("requester") }));
    for (const index of WORKERS) {
      const openShared = trainJobsHere(() => Promise.resolve(shared(trainer)));
      const parts = { chain: chainsOf(index).chain, job, store, shard: sentences(String(index), 2_000) };
      roles.push(openWorker({ ...parts, openTrainer: openShared, journalPath: journalOf(index) }));
    }
    const openShared = () => Promise.resolve(shared(trainer));
    const evaluatorOf = (index: number, bends: Partial<ResultLie> = {}) => {
      const { bendResult, bendMeasurement, storeOf } = bends;
      return openEvaluator({
        ...chainsOf(index),
        ...(bendResult === undefined ? {} : { bendResult }),
        ...(bendMeasurement === undefined ? {} : { bendMeasurement }),
        // Liars are content with what they stated.
        ...{ job, openTrainer: openShared, journalPath: journalOf(index), audits: index === HONEST },
        store: storeOf === undefined ? store : storeOf(store),
      });
    };
    for (const index of LIARS) roles.push(evaluatorOf(index, lie));
    const honest: Role = {
      async step(chainTime) {
        const fresh = evaluatorOf(HONEST);
        try {
          return await fresh.step(chainTime);
        } finally {
          fresh.close();
        }
      },
      close: () => undefined,
    };
    roles.push(honest);

    const { networkHelpers } = connection;
    const { time } = networkHelpers;
    const actions: RoleAction[] = [];
    for (let turn = 0; turn < TURNS; ++turn) {
      const before = actions.length;
      for (const role of roles) actions.push(...(await role.step(await time.latest())));
      if (actions.length > before) continue;
      const { state } = await trainingJobs.jobInfo(job);
      if (Number(state) === JOB_STATE.ended) break;
      if (Number(state) === JOB_STATE.draw) await networkHelpers.mine(1);
      else await time.increase(300);
    }
    const view = await trainingJobs.jobInfo(job);
    if (Number(view.state) !== JOB_STATE.ended) throw new Error(`not ended: ${actions.map(formatAction).join("\n")}`);
    const round = await trainingJobs.roundInfo(job, 1);
    const updates = await Promise.all(
      round.seats.map(async ({ updateRoot, commitOrder, sizeBytes }) => {
        return { bytes: await store.get(updateRoot), commitOrder: Number(commitOrder), sizeBytes: Number(sizeBytes) };
      }),
    );
    const { modelRoot } = await trainingJobs.termsOf(job);
    const right = await scoreUpdates({
      ...{
        trainer,
        updates,
        earlier: new Set<string>(),
        rule: scoringRule(spec),
        slice: await store.get(round.validation),
      },
      state: decodeState(MODEL, trainer.parameters, await store.get(modelRoot)),
    });
    // The next round can train from it.
    expect(await store.has(view.modelRoot)).to.equal(true);
    const paid = await trainingJobs.queryFilter(trainingJobs.filters.UpdatePaid(job));
    const locked = await Promise.all(
      [...WORKERS, HONEST, ...LIARS].map(async (index) => (await providers.providerInfo(signerOf(index))).lockedTicks),
    );
    const rpc = hardhatRpc(connection);
    const report = await audit({ deployment, rpc });
    return {
      ...{ report, unnoticed: await unnoticedEdits(rpc, deployment, market.domain) },
      ...{ actions, right, standing: round.standing, modelRoot: view.modelRoot, lockedTicks: locked },
      paid: round.seats.map(
        ({ provider }) => paid.find(({ args }) => args.worker === provider)?.args.amountTicks ?? 0n,
      ),
    };
  } finally {
    for (const role of roles) role.close();
    await trainer.close();
    close();
    rmSync(folder, { recursive: true, force: true });
    await connection.close();
  }
}

describe("a result that most evaluators lie about", () => {
  for (const lie of LIES) {
    it(`falls to one honest evaluator, and the job pays what is right: ${lie.name}`, async () => {
      const { report, unnoticed, actions, right, standing, modelRoot, paid, lockedTicks } = await playLie(lie);
      const verbs = actions.filter(({ refusal }) => refusal === undefined).map(({ verb }) => verb);
      for (const verb of ["challengeMeasured", "answerMeasured", "accept", "claim", "challenge", "prove", "advance"]) {
        expect(verbs, actions.map(formatAction).join("\n")).to.include(verb);
      }
      expect(standing).to.equal(resultHash({ job: 1n, round: 1n }, right.scores, right.aggregateRoot));
      expect(modelRoot).to.equal(right.aggregateRoot);
      const positive = right.scores.map((score) => (score > 0n ? score : 0n));
      const sum = positive.reduce((a, b) => a + b);
      expect(paid).to.deep.equal(positive.map((score) => (1_000n * score) / sum));
      expect(Number(sum)).to.be.above(0);
      expect(lockedTicks).to.deep.equal(lockedTicks.map(() => 0n));
      expect(report.passed, formatAudit(report)).to.equal(true);
      const { figures } = report.checks.find(({ name }) => name === "jobs") ?? { figures: {} };
      expect(unnoticed).to.deep.equal([]);
      expect(figures).to.include({ measuredChallenges: 1, measuredVerdicts: 1 });
    });
  }
});
