import { expect } from "chai";
import { id } from "ethers";
import hre from "hardhat";
import { audit, formatAudit } from "../../src/audit/index.ts";
import { ROLES } from "../../src/chain/roles.ts";
import { deploySystemWorld, type SystemWorld } from "../compute/jobs/systemWorld.ts";
import {
  EVALUATORS,
  KIND,
  OUTCOME,
  STAKE,
  STATE,
  STRANGER,
  WORKERS,
  type Finding,
  type JobWorld,
} from "../compute/jobs/world.ts";
import { checksOf, passes, readHistory } from "./computeHistory.ts";
import { withCompute, type ComputeRun } from "./computeRun.ts";
import { argsOf, checkOf, edited, type Args, type Site } from "./editedHistory.ts";
import { hardhatRpc } from "./hardhatRpc.ts";
import { deploymentOf } from "./smallRun.ts";

const fromBlocks = await hre.network.create();
const fromBeacon = await hre.network.create();
const PROVIDERS = [...WORKERS, ...EVALUATORS, STRANGER];
/** As `RandomnessSource` counts. */
const BEACON = 1;

const HONEST: Finding = { scores: [700n, 200n, -50n, 100n], aggregate: id("model 1") };
const lie = (number: number): Finding => ({ ...HONEST, aggregate: id(`lie ${String(number)}`) });

/** What evaluators reveal that do not get the slice. */
const MISSING: Finding = { scores: [], aggregate: `0x${"00".repeat(32)}` };

/** A history of one kind, and one event of it that the audit must not believe once it was changed. */
interface History {
  readonly name: string;
  /** Evaluators of the first draw. */
  readonly evaluators?: number;
  readonly poolTicks?: bigint;
  readonly beacon?: boolean;
  /** Plays a full job that waits for its first round, and checks that the history is of its kind. */
  readonly play: (world: JobWorld, job: bigint, system: SystemWorld) => Promise<void>;
  readonly tampered: {
    readonly event: string;
    readonly which?: (args: Args) => boolean;
    readonly edit: (args: Record<string, unknown>, world: JobWorld, job: bigint) => Promise<void> | void;
    /** What the audit says is wrong. */
    readonly subject: string;
  };
}

const drawnFromBlocks = (): Promise<SystemWorld> => deploySystemWorld(fromBlocks, PROVIDERS);
const drawnFromBeacon = (): Promise<SystemWorld> => deploySystemWorld(fromBeacon, PROVIDERS, { randomness: BEACON });

async function seatsOf(world: JobWorld, job: bigint) {
  const { round } = await world.jobs.jobInfo(job);
  return world.jobs.roundInfo(job, round);
}

/** Three are drawn: one finds what is right, one lies, one is silent; so a panel has to decide. */
async function playTie(world: JobWorld, job: bigint): Promise<readonly [number, number, number]> {
  await world.driveTo(job, STATE.scoreCommit);
  const [right = 0, liar = 0, silent = 0] = await world.drawn(job);
  await world.score(
    job,
    new Map([
      [right, HONEST],
      [liar, lie(1)],
    ]),
  );
  expect(await world.state(job)).to.equal(STATE.draw);
  expect((await world.jobs.jobInfo(job)).draw).to.equal(KIND.panel);
  return [right, liar, silent];
}

const histories: readonly History[] = [
  {
    name: "a redraw for silent evaluators",
    evaluators: 3,
    async play(world, job) {
      await world.driveTo(job, STATE.scoreCommit);
      const [awake = 0, ...silent] = await world.drawn(job);
      await world.score(job, new Map([[awake, HONEST]]));
      const others = await world.draw(job);
      await world.score(job, new Map(others.map((index) => [index, HONEST])));
      await world.pass(job);
      const { scoreSeats, outcome } = await world.jobs.roundInfo(job, 1);
      expect(scoreSeats.map(({ kind }) => kind)).to.deep.equal([0n, 0n, 0n, 1n, 1n]);
      expect(outcome).to.equal(OUTCOME.settled);
      for (const index of silent) expect((await world.stake(index)).stake).to.equal(STAKE - 800n);
      expect(await world.held(awake)).to.equal(30n);
    },
    tampered: {
      event: "EvaluatorDrawn",
      which: ({ kind }) => Number(kind) === Number(KIND.redraw),
      async edit(args, world, job) {
        args.evaluator = (await world.jobs.roundInfo(job, 1)).scoreSeats[0]?.evaluator;
      },
      subject: "drawn of those with a place",
    },
  },
  {
    name: "a tie that goes to the panel",
    evaluators: 3,
    async play(world, job) {
      const [right, liar] = await playTie(world, job);
      const panel = await world.draw(job);
      expect(panel).to.have.length(7);
      await world.score(job, new Map(panel.map((index) => [index, HONEST])));
      expect((await seatsOf(world, job)).outcome).to.equal(OUTCOME.settled);
      // A fee of 90 for eight, and of three quarters of the liar's 800, an eighth each.
      expect(await world.held(right)).to.equal(11n + 75n);
      expect((await world.stake(liar)).stake).to.equal(STAKE - 800n);
    },
    tampered: {
      event: "DrawArmed",
      which: ({ kind }) => Number(kind) === Number(KIND.panel),
      edit: (args) => {
        args.kind = Number(KIND.redraw);
      },
      subject: "kind of the draw",
    },
  },
  {
    name: "a split panel",
    async play(world, job) {
      await world.driveTo(job, STATE.challenge);
      await world.as(STRANGER).challenge(job);
      const panel = await world.draw(job);
      await world.score(job, new Map(panel.map((index, seat) => [index, lie(seat)])));
      expect((await seatsOf(world, job)).outcome).to.equal(OUTCOME.settled);
      // No decision, no loser.
      for (const index of [...panel, STRANGER]) expect((await world.stake(index)).stake).to.equal(STAKE);
      expect((await world.stake(STRANGER)).locked).to.equal(0n);
    },
    tampered: {
      event: "ChallengeDecided",
      async edit(args, world, job) {
        args.result = (await world.jobs.roundInfo(job, 1)).standing;
      },
      subject: "what the panel found",
    },
  },
  {
    name: "a void round, since a tie's panel is silent",
    evaluators: 3,
    async play(world, job) {
      const [right, liar, silent] = await playTie(world, job);
      const panel = await world.draw(job);
      await world.score(job, new Map());
      expect((await seatsOf(world, job)).outcome).to.equal(OUTCOME.void);
      for (const index of [right, liar]) expect((await world.stake(index)).stake).to.equal(STAKE);
      for (const index of [silent, ...panel]) expect((await world.stake(index)).stake).to.equal(STAKE - 800n);
      // A tenth of 1,000 for four.
      for (const index of WORKERS) expect(await world.held(index)).to.equal(25n);
    },
    tampered: {
      event: "RoundEnded",
      edit: (args) => {
        args.outcome = Number(OUTCOME.unscored);
      },
      subject: "outcome",
    },
  },
  {
    name: "a pool that is too small to be divided",
    poolTicks: 1n,
    async play(world, job) {
      await world.driveTo(job, STATE.challenge);
      await world.pass(job);
      expect((await world.jobs.roundInfo(job, 1)).outcome).to.equal(OUTCOME.settled);
      expect((await world.jobs.jobInfo(job)).modelRoot).to.equal(HONEST.aggregate);
      for (const index of WORKERS) expect(await world.held(index)).to.equal(0n);
    },
    tampered: {
      event: "RoundEnded",
      edit: (args) => {
        args.modelRoot = id("model 0");
      },
      subject: "model after the round",
    },
  },
  {
    name: "a slice that evaluators found missing",
    async play(world, job) {
      await world.driveTo(job, STATE.scoreCommit);
      const [evaluator = 0] = await world.drawn(job);
      await world.score(job, new Map([[evaluator, MISSING]]));
      await world.pass(job);
      expect((await world.jobs.roundInfo(job, 1)).outcome).to.equal(OUTCOME.unvalidated);
      expect(await world.state(job)).to.equal(STATE.ended);
      expect(await world.held(evaluator)).to.equal(90n);
      for (const index of WORKERS) expect(await world.held(index)).to.equal(250n);
    },
    tampered: {
      event: "EvaluatorPaid",
      edit: (args) => {
        args.amountTicks = 89n;
      },
      subject: "fees of evaluators",
    },
  },
  {
    name: "an eviction by rank",
    async play(world, job, { market, meters }) {
      // Who is known to the reputation has a rank; the others have none, and the last of them goes.
      await market.reputation.sync(meters.get(STRANGER)?.site ?? 0);
      await world.as(STRANGER).join(job);
      const workers = (await world.jobs.workersOf(job)).map(({ provider }) => world.indexOf(provider));
      expect(workers).to.deep.equal([...WORKERS.slice(0, 3), STRANGER]);
      expect((await world.stake(WORKERS[3])).locked).to.equal(0n);
    },
    tampered: {
      event: "PlaceTaken",
      which: ({ rank }) => Number(rank) > 0,
      edit: (args) => {
        args.rank = Number(args.rank) - 1;
      },
      subject: "rank of the site",
    },
  },
  {
    name: "refused calls, since the jobs lost their role",
    async play(world, job, { market }) {
      await world.driveTo(job, STATE.challenge);
      const council = market.handOver.connect(market.governor);
      await council.revokeRole(ROLES.COMPUTE, world.address);
      await world.pass(job);
      expect((await world.jobs.roundInfo(job, 1)).outcome).to.equal(OUTCOME.settled);
      const refused = await world.jobs.queryFilter(world.jobs.filters.CallRefused());
      // What the four workers contributed, and the energy that the job waits with.
      expect(refused).to.have.length(5);
      await council.grantRole(ROLES.COMPUTE, world.address, 0);
    },
    tampered: {
      event: "CallRefused",
      edit: (args) => {
        args.selector = "0x12345678";
      },
      subject: "call that may be refused",
    },
  },
  {
    name: "draws by the beacon's value",
    beacon: true,
    async play(world, job) {
      await world.driveTo(job, STATE.challenge);
      await world.pass(job);
      expect((await world.jobs.roundInfo(job, 1)).outcome).to.equal(OUTCOME.settled);
    },
    tampered: {
      event: "EvaluatorDrawn",
      async edit(args, world, job) {
        const others = (await world.jobs.evaluatorsOf(job)).map(({ provider }) => provider);
        args.evaluator = others.find((provider) => provider !== args.evaluator);
      },
      subject: "who was drawn",
    },
  },
];

async function runOf({ market }: SystemWorld): Promise<ComputeRun> {
  return {
    market,
    rpc: hardhatRpc(market.connection),
    deployment: await withCompute(await deploymentOf(market), market),
    toBlock: await market.connection.ethers.provider.getBlockNumber(),
  };
}

describe("an audit of jobs with disputes of every kind", () => {
  for (const { name, evaluators = 1, poolTicks = 1_000n, beacon = false, play, tampered } of histories) {
    it(`finds nothing in ${name}, and one changed event in it`, async () => {
      const system = beacon
        ? await fromBeacon.networkHelpers.loadFixture(drawnFromBeacon)
        : await fromBlocks.networkHelpers.loadFixture(drawnFromBlocks);
      const { world } = system;
      const job = await world.post({ evaluators, poolTicks });
      await world.join(job, WORKERS, EVALUATORS);
      await play(world, job, system);
      if ((await world.state(job)) === STATE.waiting) await world.as(2).cancel(job);

      const run = await runOf(system);
      const report = await audit({ deployment: run.deployment, rpc: run.rpc });
      expect(report.passed, formatAudit(report)).to.equal(true);
      const draws = await world.jobs.queryFilter(world.jobs.filters.EvaluatorDrawn());
      if (draws.length > 0) expect(checkOf(report.checks, "jobs").figures.drawsRecomputed).to.be.greaterThan(0);

      const history = await readHistory(run);
      expect(await passes(run, history)).to.equal(true);
      const sites = history.flatMap(({ events }, transaction) =>
        events.flatMap(({ source, event: { name: kind } }, event): Site[] =>
          source === "jobs" && kind === tampered.event ? [{ transaction, event }] : [],
        ),
      );
      const site = sites.find((one) => tampered.which?.(argsOf(history, one)) ?? true);
      if (site === undefined) throw new Error(`the history has no ${tampered.event}`);
      const args = { ...argsOf(history, site) };
      await tampered.edit(args, world, job);
      const other = edited(history, site, (found) => Object.assign(found, args));
      const { failures } = checkOf(await checksOf(run, other), "jobs");
      expect(failures.map(({ subject }) => subject)).to.include(tampered.subject);
    });
  }
});
