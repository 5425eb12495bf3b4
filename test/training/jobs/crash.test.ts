import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { Wallet } from "ethers";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { audit, formatAudit } from "../../../src/audit/index.ts";
import { PROVIDERS_ABI } from "../../../src/chain/computeAbi.ts";
import { connectContract } from "../../../src/chain/contract.ts";
import { contractAddress } from "../../../src/chain/deployment.ts";
import { connectExchange, type ConnectedExchange } from "../../../src/chain/exchange.ts";
import { CREDIT_ABI } from "../../../src/chain/tokenAbi.ts";
import { connectJobs } from "../../../src/training/jobs/jobsLink.ts";
import { JOB_STATE } from "../../../src/training/jobs/jobTypes.ts";
import { postJob } from "../../../src/training/jobs/postJob.ts";
import { directoryStore } from "../../../src/training/store/directoryStore.ts";
import { baseUnitsToTicks } from "../../../src/units.ts";
import { startChild, startTestChain, type Child, type RunningTestChain } from "../../services/children.ts";
import { accountKey } from "../../services/serviceKeys.ts";
import { PROVIDER_TICKS } from "../../services/testChain.ts";
import { quickTrainer, SPEC, VALIDATION } from "./arena.ts";
import { connectParty, journalOf, openParty, READY, type PartyPlace, type PartySpec } from "./parties.ts";

const KILLS = Number(process.env.JOULEWORK_CRASHES ?? 3);
const ROUNDS = Math.min(8, Math.ceil(KILLS / 3));
const WAIT_MS = 120_000;
const [FIRST_REQUESTER, SECOND_REQUESTER] = [11, 9] as const;
const WORKERS = [12, 13, 14] as const;
const EVALUATORS = [15, 16, 17, 18] as const;
const SETTLER = 19;
/** Long beside the seconds that a process needs to start again: no window ends before those that it waits for have acted. */
const WINDOW = 7_200;
const OFFER = {
  zone: 1,
  rounds: ROUNDS,
  minWorkers: WORKERS.length,
  maxWorkers: WORKERS.length,
  poolTicks: 1_000n,
  feeTicks: 90n,
  workerBondTicks: 400n,
  evaluatorBondTicks: 800n,
  commitSeconds: WINDOW,
  revealSeconds: WINDOW,
  validationSeconds: WINDOW,
  scoreCommitSeconds: WINDOW,
  scoreRevealSeconds: WINDOW,
};

describe("roles of a job that are killed", () => {
  let chain: RunningTestChain;
  let exchange: ConnectedExchange;
  const children: Child[] = [];

  before(async () => {
    const providers = [FIRST_REQUESTER, SECOND_REQUESTER, ...WORKERS, ...EVALUATORS];
    chain = await startTestChain({ meters: 0, blockMs: 60, blockSeconds: 1, providers });
    exchange = await connectExchange({ rpcUrl: chain.url, deployment: chain.deployment });
  });

  after(async () => {
    for (const child of children) await child.kill();
    await chain.stop();
  });

  /** Posts the job of this file; all that its parties need is in folders named after it. */
  async function post(requester: number): Promise<PartyPlace> {
    const { url, deployment, folder } = chain;
    const place = { url, deployment, store: join(folder, `store-${requester}`), journals: folder };
    const { chain: jobs } = await connectParty(place, requester);
    const { job } = await postJob({
      chain: jobs,
      store: directoryStore({ directory: place.store }),
      journalPath: journalOf(place, requester),
      spec: SPEC,
      trainer: quickTrainer(),
      validation: VALIDATION,
      offer: OFFER,
    });
    return { ...place, job };
  }

  async function start(place: PartyPlace, specs: readonly PartySpec[]): Promise<Child> {
    const args = [place, specs].map((value) => JSON.stringify(value)).join(", ");
    const child = startChild(["-e", `import("./test/training/jobs/parties.ts").then((m) => m.runParties(${args}))`]);
    children.push(child);
    await child.line(new RegExp(READY));
    return child;
  }

  /** Whether job and payouts are over. Lets the time for challenges pass, in rounds up to the last one that may end. */
  async function isOver(job: number, lastRound: number): Promise<boolean> {
    const { contract } = connectJobs(exchange);
    const { state, round, deadline } = await contract.read("jobInfo", [job]);
    if (state === JOB_STATE.challenge && round <= lastRound) await chain.jump(deadline);
    return state === JOB_STATE.ended && (await contract.read("totalHeld", [])) === 0n;
  }

  /** Workers' accounts in the order of their seats, by which batches are numbered. */
  async function seatsOf(job: number): Promise<number[]> {
    const { seats } = await connectJobs(exchange).contract.read("roundInfo", [job, 1]);
    const addresses = WORKERS.map((account) => new Wallet(accountKey(account)).address);
    return seats.map(({ provider }) => WORKERS[addresses.indexOf(provider)] ?? 0);
  }

  /** The same parties, none of them disturbed, workers in this order. */
  async function playUndisturbed(place: PartyPlace, workers: readonly number[]): Promise<void> {
    const specs: PartySpec[] = [
      ...workers.map((account): PartySpec => ({ kind: "worker", account })),
      ...EVALUATORS.map((account): PartySpec => ({ kind: "evaluator", account })),
      { kind: "requester", account: SECOND_REQUESTER },
      { kind: "settler", account: SETTLER },
    ];
    const opened: Awaited<ReturnType<typeof openParty>>[] = [];
    try {
      for (const spec of specs) opened.push(await openParty(place, spec));
      for (const deadline = Date.now() + WAIT_MS; !(await isOver(place.job, ROUNDS));) {
        for (const { party, role } of opened) await role.step((await party.chain.head()).timestamp);
        if (Date.now() > deadline) throw new Error("the undisturbed job does not end");
      }
    } finally {
      for (const { role } of opened) role.close();
    }
  }

  /** What a job paid, by what the contract told. Which honest evaluators were drawn is chance; what they get is not. */
  async function payoutsOf(job: number): Promise<object> {
    const { events, contract } = connectJobs(exchange);
    const paid = await events(["UpdatePaid"], job);
    const fees = await events(["EvaluatorPaid"], job);
    const refunds = await events(["Refunded"], job);
    const ends = await events(["RoundEnded"], job);
    return {
      updates: paid.map(({ args: { round, worker, score, amountTicks } }) => ({ round, worker, score, amountTicks })),
      fees: fees.map(({ args: { round, amountTicks } }) => ({ round, amountTicks })),
      refunds: refunds.map(({ args: { round, amountTicks } }) => ({ round, amountTicks })),
      ends: ends.map(({ args: { round, outcome, modelRoot } }) => ({ round, outcome, modelRoot })),
      receipt: await contract.read("receipt", [job]),
    };
  }

  /** Credits and stake of an account, ticks; nothing may be locked when a job is over. */
  async function wealthOf(account: number): Promise<bigint> {
    const { rpc, deployment } = exchange;
    const { address } = new Wallet(accountKey(account));
    const providers = connectContract({ rpc, abi: PROVIDERS_ABI, address: contractAddress(deployment, "Providers") });
    const credit = connectContract({ rpc, abi: CREDIT_ABI, address: contractAddress(deployment, "EnergyCredit") });
    const { stakeTicks, lockedTicks } = await providers.read("providerInfo", [address]);
    expect([stakeTicks, lockedTicks], `stake of account ${account}`).to.deep.equal([PROVIDER_TICKS, 0n]);
    return baseUnitsToTicks(await credit.read("balanceOf", [address]));
  }

  interface Wealth {
    readonly requester: bigint;
    readonly workers: readonly bigint[];
    readonly evaluators: bigint;
  }

  async function wealth(requester: number): Promise<Wealth> {
    const workers = [];
    for (const account of WORKERS) workers.push(await wealthOf(account));
    let evaluators = 0n;
    for (const account of EVALUATORS) evaluators += await wealthOf(account);
    return { requester: await wealthOf(requester), workers, evaluators };
  }

  function gains(before: Wealth, after: Wealth): Wealth {
    return {
      requester: after.requester - before.requester,
      workers: after.workers.map((ticks, place) => ticks - (before.workers[place] ?? 0n)),
      evaluators: after.evaluators - before.evaluators,
    };
  }

  it(`pay as if undisturbed, lose no bond and pass the audit, through ${KILLS} kills of their processes`, async () => {
    const random = xoroshiro128plus(5);
    const atFirst = await wealth(FIRST_REQUESTER);
    const place = await post(FIRST_REQUESTER);
    const workers = WORKERS.map((account): PartySpec => ({ kind: "worker", account }));
    const evaluators = EVALUATORS.map((account): PartySpec => ({ kind: "evaluator", account }));
    const processes: readonly (readonly PartySpec[])[] = [
      [{ kind: "requester", account: FIRST_REQUESTER }, ...workers.slice(0, 1), ...evaluators.slice(0, 2)],
      [{ kind: "settler", account: SETTLER }, ...workers.slice(1), ...evaluators.slice(2)],
    ];
    const running = await Promise.all(processes.map((specs) => start(place, specs)));

    let kills = 0;
    let over = false as boolean;
    const killed = (async () => {
      while (kills < KILLS) {
        const victim = uniformInt(random, 0, processes.length - 1);
        await sleep(uniformInt(random, 0, 1_500));
        await running[victim]?.kill();
        expect(over, "the job is under way when a process is killed").to.equal(false);
        kills += 1;
        running[victim] = await start(place, processes[victim] ?? []);
      }
    })();
    // A round may end when it has had its share of the kills.
    const mayEnd = (): number => (kills === KILLS ? ROUNDS : Math.floor((kills * ROUNDS) / KILLS));
    const deadline = Date.now() + WAIT_MS + 10_000 * KILLS;
    while (!over) {
      over = await isOver(place.job, mayEnd());
      const lines = running.flatMap((child) => child.lines).join("\n");
      if (Date.now() > deadline) throw new Error(`the job does not end:\n${lines}`);
      await sleep(50);
    }
    await killed;
    for (const child of running) await child.kill();
    const disturbed = gains(atFirst, await wealth(FIRST_REQUESTER));
    const payouts = await payoutsOf(place.job);

    const beforeOther = await wealth(SECOND_REQUESTER);
    const other = await post(SECOND_REQUESTER);
    await playUndisturbed(other, await seatsOf(place.job));
    expect(disturbed).to.deep.equal(gains(beforeOther, await wealth(SECOND_REQUESTER)));
    expect(payouts).to.deep.equal(await payoutsOf(other.job));
    expect(disturbed.evaluators).to.equal(BigInt(ROUNDS) * OFFER.feeTicks);
    expect(disturbed.workers.reduce((sum, ticks) => sum + ticks, disturbed.evaluators)).to.equal(-disturbed.requester);

    const report = await audit({ deployment: chain.deployment, rpcUrl: chain.url });
    expect(report.passed, formatAudit(report)).to.equal(true);
  });
});
