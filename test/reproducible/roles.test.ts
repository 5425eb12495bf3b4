import { readdir, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { composeJob } from "../../src/training/reproducible/jobs/composeJob.ts";
import { openReproducibleSettler } from "../../src/training/reproducible/jobs/openReproducibleSettler.ts";
import { corruptingProvider, type ProviderBehaviour } from "../../src/training/reproducible/jobs/providerBehaviour.ts";
import { readDisputeReport } from "../../src/training/reproducible/jobs/disputeReport.ts";
import { connectReproducible } from "../../src/training/reproducible/jobs/reproducibleLink.ts";
import { REPRODUCIBLE_STATE } from "../../src/training/reproducible/jobs/reproducibleTypes.ts";
import { divergedError } from "../../src/training/trainingErrors.ts";
import { baseUnitsToTicks } from "../../src/units.ts";
import { Arena, MONEY, PROVIDER, REQUESTER, SETTLER, VERIFIER, type CrashPlan } from "./arena.ts";
import { CLOCK, CORPUS, OFFER, smallSpec, WINDOW } from "./smallJob.ts";

const LIE = { round: 1, checkpoint: 1, fromLast: 3, element: 5 };

describe("roles of a reproducible job", () => {
  let arena: Arena;

  beforeEach(async () => {
    arena = await Arena.open();
  });

  afterEach(() => {
    arena.close();
  });

  async function wealth(account: number): Promise<bigint> {
    const signer = arena.market.signers[account];
    return baseUnitsToTicks(await arena.market.credit.balanceOf(signer?.address ?? ""));
  }

  const statesOf = (account: number, job: number) =>
    readdir(join(arena.folder, `${String(account)}-${String(job)}.sqlite-states`, String(job)));

  const stateOf = async (job: number) => (await arena.chainOf(REQUESTER).job(job)).state;

  it("train, claim and are paid every round, and whoever repeats the work finds it equal", async () => {
    const job = await arena.post();
    const roles = [() => arena.provider(job), () => arena.verifier(job)];
    const { actions } = await arena.settle(roles);
    expect(await statesOf(PROVIDER, job)).to.have.lengthOf(OFFER.rounds * OFFER.checkpoints);
    expect(actions.filter(({ verb }) => verb === "claim")).to.have.lengthOf(OFFER.rounds);
    expect(actions.filter(({ detail }) => detail === "equal").map(({ round }) => round)).to.deep.equal([0, 1, 2]);
    await arena.pass(WINDOW);
    await arena.settle(roles);
    expect(await stateOf(job)).to.equal(REPRODUCIBLE_STATE.done);
    expect(await wealth(PROVIDER)).to.equal(MONEY + BigInt(OFFER.rounds) * OFFER.payTicks);
    expect(await wealth(VERIFIER)).to.equal(MONEY);
    // What no dispute can ask for any more is not kept.
    for (const account of [PROVIDER, VERIFIER]) expect(await statesOf(account, job)).to.deep.equal([]);
  });

  /** Plays a corrupted job to its end; gives what provider, verifier and requester gained. */
  async function playLie(crashes?: CrashPlan): Promise<{ gains: readonly bigint[]; crashed: number }> {
    const before = [await wealth(PROVIDER), await wealth(VERIFIER), await wealth(REQUESTER)];
    const job = await arena.post();
    const lying = corruptingProvider(LIE);
    const { crashes: crashed } = await arena.settle([
      () => arena.provider(job, lying, crashes),
      () => arena.verifier(job, OFFER.challengeBondTicks, crashes),
    ]);
    expect(await stateOf(job)).to.equal(REPRODUCIBLE_STATE.refuted);
    const requester = arena.chainOf(REQUESTER);
    await requester.send({ verb: "collect", args: [requester.account] });
    const after = [await wealth(PROVIDER), await wealth(VERIFIER), await wealth(REQUESTER)];
    return { gains: after.map((ticks, place) => ticks - (before[place] ?? 0n)), crashed };
  }

  it("refute a changed bit, and lead to the operation whose output it is", async () => {
    const { gains } = await playLie();
    // The round before it was not settled yet, so all of the pay goes back.
    expect(gains).to.deep.equal([-OFFER.bondTicks, OFFER.challengeBondTicks, 0n]);
    const { tape } = composeJob(await smallSpec(), CORPUS);
    const link = connectReproducible(arena.exchange);
    const told = await readDisputeReport(link, arena.exchange.rpc, tape, 1n);
    expect(told).to.include({ winner: "challenger", byClock: false });
    expect(told.operation).to.equal(tape.primitives.at(-1 - LIE.fromLast)?.name);
    expect(told.moves).to.be.greaterThan(10);
  });

  it("come to the same end through crashes before and after anything that they send or write", async () => {
    const undisturbed = await playLie();
    const random = xoroshiro128plus(11);
    const { gains, crashed } = await playLie(() => uniformInt(random, 0, 1) === 0);
    expect(crashed).to.be.greaterThan(10);
    expect(gains).to.deep.equal(undisturbed.gains);
  });

  it("train again what a folder has lost, or holds damaged", async () => {
    const other = await arena.post();
    let steps = 0;
    const damaging = () => {
      const role = arena.provider(other, corruptingProvider(LIE));
      const folder = join(arena.folder, `${String(PROVIDER)}-${String(other)}.sqlite-states`, String(other));
      return {
        async step(time: number) {
          const done = await role.step(time);
          const names = await readdir(folder).catch(() => []);
          steps += 1;
          for (const name of names) {
            if (steps % 2 === 0) await rm(join(folder, name));
            else await truncate(join(folder, name), 40);
          }
          return done;
        },
        close: () => role.close(),
      };
    };
    await arena.settle([damaging, () => arena.verifier(other)]);
    expect(await stateOf(other)).to.equal(REPRODUCIBLE_STATE.refuted);
  });

  it("answer with a new journal where the old one is lost", async () => {
    const job = await arena.post();
    await arena.settle([() => arena.provider(job)]);
    for (const name of await readdir(arena.folder)) {
      if (name.startsWith(String(PROVIDER))) await rm(join(arena.folder, name), { recursive: true });
    }
    const stranger = arena.chainOf(SETTLER);
    await stranger.approve(OFFER.challengeBondTicks);
    await stranger.send({ verb: "challenge", args: [job, OFFER.rounds - 1] });
    const { actions } = await arena.settle([() => arena.provider(job)]);
    expect(actions.filter(({ verb }) => verb === "train")).to.have.lengthOf(OFFER.rounds * OFFER.checkpoints);
    expect(actions.at(-1)?.verb).to.equal("reveal");
    expect(actions.at(-1)?.refusal).to.equal(undefined);
  });

  it("call the time of a provider that is silent, and of a challenger that is", async () => {
    const job = await arena.post();
    const lying = corruptingProvider({ ...LIE, round: 0 });
    // Claims, and is gone.
    const provider = arena.provider(job, lying);
    for (let claimed = 0; claimed < 1;) {
      await provider.step(await arena.now());
      claimed = (await arena.chainOf(REQUESTER).job(job)).claimedRounds;
    }
    provider.close();
    await arena.settle([() => arena.verifier(job)]);
    await arena.pass(CLOCK + 1);
    const { actions } = await arena.settle([() => arena.verifier(job)]);
    expect(actions.map(({ verb }) => verb)).to.include("callTime");
    expect(await stateOf(job)).to.equal(REPRODUCIBLE_STATE.refuted);

    const honest = await arena.post();
    await arena.settle([() => arena.provider(honest)]);
    const stranger = arena.chainOf(SETTLER);
    await stranger.approve(OFFER.challengeBondTicks);
    await stranger.send({ verb: "challenge", args: [honest, 0] });
    await arena.settle([() => arena.provider(honest)]);
    await arena.pass(CLOCK + 1);
    const answered = await arena.settle([() => arena.provider(honest)]);
    expect(answered.actions.map(({ verb }) => verb)).to.include.members(["callTime", "settle"]);
    expect(await stateOf(honest)).to.equal(REPRODUCIBLE_STATE.done);
  });

  it("leave to a settler what anybody may: pay, abandon, and give bonds back", async () => {
    const settler = () => openReproducibleSettler(arena.chainOf(SETTLER));
    const paid = await arena.post();
    await arena.settle([() => arena.provider(paid)]);
    const silent = await arena.post();
    const provider = arena.chainOf(PROVIDER);
    await provider.approve(OFFER.bondTicks);
    await provider.send({ verb: "accept", args: [silent] });
    expect((await arena.settle([settler])).actions).to.deep.equal([]);
    await arena.pass(OFFER.roundSeconds + 1);
    const { actions } = await arena.settle([settler]);
    expect(actions.map(({ verb, job }) => `${verb} ${String(job)}`)).to.have.members([
      ...Array.from({ length: OFFER.rounds }, () => `settle ${String(paid)}`),
      `abandon ${String(silent)}`,
    ]);
    expect(await stateOf(paid)).to.equal(REPRODUCIBLE_STATE.done);
    expect(await stateOf(silent)).to.equal(REPRODUCIBLE_STATE.abandoned);
  });

  it("stop a job whose training diverges, so that the bond comes back", async () => {
    const job = await arena.post();
    const diverging: ProviderBehaviour = {
      name: "diverging",
      steps: (honest) => ({
        ...honest,
        advance: (_, step) => Promise.reject(divergedError("A weight is not finite after a step", { step })),
      }),
    };
    const { actions } = await arena.settle([() => arena.provider(job, diverging)]);
    expect(actions.findLast(({ verb }) => verb === "train")?.detail).to.contain("not finite");
    expect(await stateOf(job)).to.equal(REPRODUCIBLE_STATE.stopped);
    expect(await wealth(PROVIDER)).to.equal(MONEY);
  });

  it("compare and put nothing where no bond was agreed to", async () => {
    const job = await arena.post();
    const { actions } = await arena.settle([
      () => arena.provider(job, corruptingProvider(LIE)),
      () => arena.verifier(job, 0n),
    ]);
    expect(actions.find(({ round, verb }) => verb === "verify" && round === 1)?.detail).to.equal(
      "different; a challenge needs --bond",
    );
    expect(await wealth(VERIFIER)).to.equal(MONEY);
  });

  describe("refuse before any bond is put", () => {
    const refuses = async (job: number, code: string, values: object): Promise<void> => {
      for (const role of [arena.provider(job), arena.verifier(job)]) {
        try {
          await role.step(await arena.now());
          expect.fail("nothing was refused");
        } catch (error) {
          expect(error).to.deep.include({ code });
          expect((error as { values: object }).values).to.include(values);
        } finally {
          role.close();
        }
      }
      expect(await wealth(PROVIDER)).to.equal(MONEY);
    };

    for (const [term, change] of [
      ["dataset", { dataset: `0x${"11".repeat(32)}` }],
      ["initialState", { initialState: `0x${"22".repeat(32)}` }],
      ["firstStep", { firstStep: 7n }],
    ] as const) {
      it(`a job whose ${term} is not what specification and text give`, async () => {
        const requester = arena.chainOf(REQUESTER);
        const terms = await requester.terms(await arena.post());
        await requester.approve(BigInt(terms.rounds) * terms.payTicks);
        await requester.send({ verb: "post", args: [{ ...terms, ...change }] });
        await refuses(2, "JOB_TERMS_DIFFER", { term });
      });
    }

    for (const [term, change] of [
      ["program.root", { root: `0x${"33".repeat(32)}` }],
      ["program.operations", { operations: 999 }],
    ] as const) {
      it(`a job whose ${term} is another's`, async () => {
        const requester = arena.chainOf(REQUESTER);
        const terms = await requester.terms(await arena.post());
        await requester.approve(BigInt(terms.rounds) * terms.payTicks);
        await requester.send({ verb: "post", args: [{ ...terms, program: { ...terms.program, ...change } }] });
        await refuses(2, "JOB_TERMS_DIFFER", { term });
      });
    }

    it("a bond that nobody agreed to, and another text", async () => {
      const job = await arena.post({
        bondTicks: OFFER.bondTicks + 1n,
        challengeBondTicks: OFFER.challengeBondTicks + 1n,
      });
      await refuses(job, "JOB_BOND_NOT_AGREED", { job });
      const spec = await smallSpec();
      expect(() => composeJob(spec, CORPUS.slice(1)))
        .to.throw()
        .with.property("code", "JOB_CORPUS_DIFFERS");
    });

    it("a number that no job has, and a job of another provider", async () => {
      await refuses(9, "JOB_UNKNOWN", { job: 9 });
      const job = await arena.post();
      const other = arena.chainOf(SETTLER);
      await other.approve(OFFER.bondTicks);
      await other.send({ verb: "accept", args: [job] });
      const role = arena.provider(job);
      try {
        await role.step(await arena.now());
        expect.fail("nothing was refused");
      } catch (error) {
        expect(error).to.include({ code: "JOB_TAKEN" });
      } finally {
        role.close();
      }
    });
  });
});
