import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { audit, formatAudit } from "../../src/audit/index.ts";
import { connectContract } from "../../src/chain/contract.ts";
import { contractAddress } from "../../src/chain/deployment.ts";
import { CREDIT_ABI } from "../../src/chain/tokenAbi.ts";
import { postReproducible } from "../../src/training/reproducible/jobs/postReproducible.ts";
import type { ReproducibleChain } from "../../src/training/reproducible/jobs/reproducibleChain.ts";
import { REPRODUCIBLE_STATE } from "../../src/training/reproducible/jobs/reproducibleTypes.ts";
import { directoryStore } from "../../src/training/store/directoryStore.ts";
import { baseUnitsToTicks } from "../../src/units.ts";
import { startChild, startTestChain, type Child, type RunningTestChain } from "../services/children.ts";
import { connectParty, READY, type PartyPlace, type PartySpec } from "./parties.ts";
import { CORPUS, OFFER, smallSpec } from "./smallJob.ts";

const KILLS = Number(process.env.JOULEWORK_CRASHES ?? 3);
const WAIT_MS = 240_000;
const [REQUESTER, PROVIDER, VERIFIER] = [11, 12, 13] as const;
/** Long beside the seconds that a process needs to start again, at a second a block. */
const WINDOWS = { roundSeconds: 86_400, windowSeconds: 43_200, clockSeconds: 43_200 };

describe("provider and verifier of a reproducible job that are killed", function () {
  this.timeout(900_000);

  let chain: RunningTestChain;
  const children: Child[] = [];

  before(async () => {
    chain = await startTestChain({
      ...{ meters: 0, blockMs: 60, blockSeconds: 1 },
      providers: [REQUESTER, PROVIDER, VERIFIER],
    });
  });

  after(async () => {
    for (const child of children) await child.kill();
    await chain.stop();
  });

  async function start(place: PartyPlace, spec: PartySpec): Promise<Child> {
    const args = [place, spec].map((value) => JSON.stringify(value)).join(", ");
    const child = startChild(["-e", `import("./test/reproducible/parties.ts").then((m) => m.runParty(${args}))`]);
    children.push(child);
    await child.line(new RegExp(READY));
    return child;
  }

  /** What is held for the parties' accounts together with what they have, ticks. */
  async function wealth(account: number): Promise<bigint> {
    const { chain: own, exchange } = await connectParty(chain, account);
    const { rpc, deployment } = exchange;
    const credit = connectContract({ rpc, abi: CREDIT_ABI, address: contractAddress(deployment, "EnergyCredit") });
    return baseUnitsToTicks(await credit.read("balanceOf", [own.account])) + (await own.heldFor(own.account));
  }

  /** Plays a job while both processes are killed; gives the gains of requester, provider and verifier. */
  async function play(lie: PartySpec["lie"], isOver: (requester: ReproducibleChain, job: number) => Promise<boolean>) {
    const accounts = [REQUESTER, PROVIDER, VERIFIER];
    const before = await Promise.all(accounts.map(wealth));
    const { chain: requester } = await connectParty(chain, REQUESTER);
    const spec = await smallSpec();
    const { job } = await postReproducible({
      chain: requester,
      store: directoryStore({ directory: join(chain.folder, "store") }),
      spec,
      corpus: CORPUS,
      kernelsHash: spec.kernels,
      offer: { ...OFFER, ...WINDOWS },
    });
    const place = { url: chain.url, deployment: chain.deployment, job, folder: chain.folder };
    const specs: readonly PartySpec[] = [
      { kind: "provider", account: PROVIDER, ...(lie === undefined ? {} : { lie }) },
      { kind: "verifier", account: VERIFIER },
    ];
    const running = await Promise.all(specs.map((party) => start(place, party)));
    const random = xoroshiro128plus(3);
    for (let kill = 0; kill < KILLS; ++kill) {
      const victim = uniformInt(random, 0, specs.length - 1);
      await sleep(uniformInt(random, 0, 1_500));
      await running[victim]?.kill();
      const party = specs[victim];
      if (party !== undefined) running[victim] = await start(place, party);
    }
    const deadline = Date.now() + WAIT_MS;
    while (!(await isOver(requester, job))) {
      if (Date.now() > deadline) throw new Error(running.flatMap(({ lines }) => lines).join("\n"));
      await sleep(100);
    }
    for (const child of running) await child.kill();
    const after = await Promise.all(accounts.map(wealth));
    return { job, gains: after.map((ticks, party) => ticks - (before[party] ?? 0n)) };
  }

  it(`lose nothing where the work is right, through ${KILLS} kills`, async () => {
    const { gains } = await play(undefined, async (requester, job) => {
      const { state, claimedRounds, settledRounds } = await requester.job(job);
      if (claimedRounds === OFFER.rounds && state === REPRODUCIBLE_STATE.training) {
        await chain.jump((await requester.claim(job, settledRounds)).windowEnd + 1);
      }
      return state === REPRODUCIBLE_STATE.done;
    });
    const pay = BigInt(OFFER.rounds) * OFFER.payTicks;
    expect(gains).to.deep.equal([-pay, pay, 0n]);
    const report = await audit({ deployment: chain.deployment, rpcUrl: chain.url });
    expect(report.passed, formatAudit(report)).to.equal(true);
  });

  it(`refute a wrong claim once, through ${KILLS} kills`, async () => {
    const lie = { round: 1, checkpoint: 0, fromLast: 2, element: 3 };
    const { job, gains } = await play(lie, async (requester, posted) => {
      return (await requester.job(posted)).state === REPRODUCIBLE_STATE.refuted;
    });
    expect(gains).to.deep.equal([0n, -OFFER.bondTicks, OFFER.challengeBondTicks]);
    const { chain: requester } = await connectParty(chain, REQUESTER);
    expect(await requester.challenges(job)).to.have.lengthOf(1);
    const report = await audit({ deployment: chain.deployment, rpcUrl: chain.url });
    expect(report.passed, formatAudit(report)).to.equal(true);
  });
});
