import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { HDNodeWallet, MaxUint256 } from "ethers";
import hre from "hardhat";
import { connectExchange } from "../../../src/chain/exchange.ts";
import { createSender } from "../../../src/chain/sender.ts";
import { singleSender } from "../../../src/market/service/exchangeLink.ts";
import { trainJobsHere } from "../../../src/training/jobs/jobInputs.ts";
import type { JobsChain } from "../../../src/training/jobs/jobsChain.ts";
import { connectJobs, createJobsChain } from "../../../src/training/jobs/jobsLink.ts";
import { JOB_STATE } from "../../../src/training/jobs/jobTypes.ts";
import { openEvaluator } from "../../../src/training/jobs/openEvaluator.ts";
import { openRequester } from "../../../src/training/jobs/openRequester.ts";
import { openWorker } from "../../../src/training/jobs/openWorker.ts";
import { postJob } from "../../../src/training/jobs/postJob.ts";
import { formatReceipt, readReceipt, receiptJson } from "../../../src/training/jobs/receipt.ts";
import { readIntensityCsv } from "../../../src/training/jobs/intensityCsv.ts";
import type { Role, RoleAction } from "../../../src/training/jobs/role.ts";
import { directoryStore } from "../../../src/training/store/directoryStore.ts";
import { withCompute } from "../../audit/computeRun.ts";
import { deploymentOf } from "../../audit/smallRun.ts";
import { deployTestMarket } from "../../support/testMarket.ts";
import { sentences } from "../support/texts.ts";
import { quickTrainer, SPEC, VALIDATION } from "./arena.ts";
import { serveConnection } from "./rpcBridge.ts";

const REQUESTER = 11;
const WORKERS = [12, 13] as const;
const EVALUATORS = [14, 15, 16, 17] as const;
const PHRASE = "test test test test test test test test test test test junk";

describe("roles of a job on the deployed contracts", () => {
  it("post, train, score, settle, prove energy and collect, and the receipt tells it", async () => {
    const connection = await hre.network.create();
    const market = await deployTestMarket(connection);
    const { url, close } = await serveConnection(connection);
    const folder = mkdtempSync(join(tmpdir(), "joulework-roles-"));
    const roles: Role[] = [];
    try {
      const { providers, trainingJobs, credit } = market;
      const deployment = await withCompute(await deploymentOf(market), market);
      const exchange = await connectExchange({ rpcUrl: url, deployment });
      const chainOf = (index: number): JobsChain => {
        const { privateKey } = HDNodeWallet.fromPhrase(PHRASE, undefined, `m/44'/60'/0'/0/${String(index)}`);
        return createJobsChain(
          exchange,
          singleSender(createSender({ rpc: exchange.rpc, privateKey, chainId: deployment.chainId })),
        );
      };
      const meters = new Map<number, Awaited<ReturnType<typeof market.addMeter>>>();
      for (const index of [...WORKERS, ...EVALUATORS]) {
        const owner = market.signers[index];
        if (owner === undefined) throw new Error("an account is missing");
        const meter = await market.addMeter({ owner, kind: "consumer" });
        meters.set(index, meter);
        await providers.connect(owner).registerProvider(owner.address, meter.address, 1);
        await market.fund(owner, 10_000n);
        await credit.connect(owner).approve(providers, MaxUint256);
        await providers.connect(owner).postStake(owner.address, 10_000n);
      }
      const requester = market.signers[REQUESTER];
      if (requester === undefined) throw new Error("an account is missing");
      await market.fund(requester, 5_000n);

      const store = directoryStore({ directory: join(folder, "store") });
      const { job, terms } = await postJob({
        chain: chainOf(REQUESTER),
        store,
        journalPath: join(folder, "requester.sqlite"),
        spec: SPEC,
        trainer: quickTrainer(),
        validation: VALIDATION,
        offer: {
          zone: 1,
          rounds: 1,
          energyWh: 200,
          poolTicks: 1_000n,
          feeTicks: 90n,
          workerBondTicks: 400n,
          evaluatorBondTicks: 800n,
        },
      });
      expect(await trainingJobs.totalHeld()).to.equal(1_090n);
      roles.push(openRequester({ chain: chainOf(REQUESTER), store, journalPath: join(folder, "requester.sqlite") }));
      for (const index of WORKERS) {
        roles.push(
          openWorker({
            chain: chainOf(index),
            job,
            store,
            shard: sentences(String(index), 2_000),
            openTrainer: trainJobsHere(() => Promise.resolve(quickTrainer())),
            journalPath: join(folder, `${String(index)}.sqlite`),
          }),
        );
      }
      for (const index of EVALUATORS) {
        roles.push(
          openEvaluator({
            chain: chainOf(index),
            job,
            store,
            openTrainer: () => Promise.resolve(quickTrainer()),
            journalPath: join(folder, `${String(index)}.sqlite`),
          }),
        );
      }
      const { networkHelpers } = connection;
      const { time } = networkHelpers;
      const actions: RoleAction[] = [];
      const stepAll = async (): Promise<void> => {
        for (const role of roles) actions.push(...(await role.step(await time.latest())));
      };
      for (let turn = 0; turn < 40; ++turn) {
        await stepAll();
        const { state, deadline } = await trainingJobs.jobInfo(job);
        if (Number(state) === JOB_STATE.ended) break;
        if (Number(state) === JOB_STATE.draw) await networkHelpers.mine(1);
        if (Number(state) === JOB_STATE.challenge) await time.increaseTo(deadline);
      }
      expect(Number((await trainingJobs.jobInfo(job)).state)).to.equal(JOB_STATE.ended);
      expect(actions.filter(({ refusal }) => refusal !== undefined)).to.deep.equal([]);

      const { openSlot } = await trainingJobs.roundInfo(job, 1);
      const [first] = WORKERS;
      const meter = meters.get(first);
      if (meter === undefined) throw new Error("no meter");
      await market.settleFlows(Number(openSlot), [{ meter, importWh: 300 }]);
      await time.increase(900);
      await stepAll();
      await stepAll();
      const link = connectJobs(exchange);
      const receipt = await readReceipt({
        link,
        job,
        intensity: readIntensityCsv("timestamp,g_per_kwh\n2020-01-01T00:00:00Z,412.5\n"),
        losses: { store, openTrainer: () => Promise.resolve(quickTrainer()) },
      });
      const [round] = receipt.rounds;
      expect(receipt.state).to.equal("ended");
      expect(round?.outcome).to.equal("settled");
      expect(round?.seats.map(({ status }) => status)).to.deep.equal(["valid", "valid"]);
      // The pool by scores, rounded down, and at most 60 % for one site.
      const scores = (round?.seats ?? []).map(({ score = 0n }) => score);
      const sum = scores.reduce((a, b) => a + b);
      const expected = scores.map((score) => [(1_000n * score) / sum, 600n].reduce((a, b) => (a < b ? a : b)));
      expect(round?.seats.map(({ paidTicks }) => paidTicks)).to.deep.equal(expected);
      expect(round?.seats[0]?.energy.map(({ energyWh, slot }) => [energyWh, slot])).to.deep.equal([
        [200, Number(openSlot)],
      ]);
      expect(receipt.totals.provedWh).to.equal(200);
      expect(receipt.recomputedCo2Mg).to.equal(82_500n);
      expect(receipt.totals.tokens).to.equal(2n * terms.tokens);
      expect(Number(round?.loss?.after)).to.be.lessThan(Number(round?.loss?.before));
      expect(JSON.parse(receiptJson(receipt))).to.have.property("contract", await trainingJobs.getAddress());
      expect(formatReceipt(receipt)).to.contain("CO2 by the given intensities: 82.500 g");
      // All is collected, and every bond is free again.
      expect(await trainingJobs.totalHeld()).to.equal(0n);
      for (const index of [...WORKERS, ...EVALUATORS]) {
        const { lockedTicks } = await providers.providerInfo(market.signers[index]?.address ?? "");
        expect(lockedTicks).to.equal(0n);
      }
    } finally {
      for (const role of roles) role.close();
      close();
      rmSync(folder, { recursive: true, force: true });
      await connection.close();
    }
  });
});
