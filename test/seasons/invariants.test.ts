import { expect } from "chai";
import hre from "hardhat";
import { Choices, fuzzRuns } from "../differential/random.ts";
import {
  CLAIM_SLOTS,
  deploySeasonWorld,
  SEASON_SLOTS,
  START,
  type Proven,
  type SeasonWorld,
  type WorldMeter,
} from "./world.ts";

const SITES = 3;
const SEASONS = 4;
/** The last slot whose claims or payouts this looks at. */
const END = START + SEASONS * SEASON_SLOTS + 2 * CLAIM_SLOTS;
const STEPS = 420;

interface Ghost {
  filled: bigint;
  paid: bigint;
  /** Pools of finished seasons, and what was paid of each. */
  readonly pools: Map<number, { readonly pool: bigint; paid: bigint }>;
  /** `season/meter/slot` that was taken. */
  readonly proved: Set<string>;
  readonly concluded: Set<string>;
  readonly collected: Set<string>;
  readonly done: Map<string, number>;
}

interface Playing {
  readonly world: SeasonWorld;
  readonly choices: Choices;
  readonly ghost: Ghost;
  readonly meters: readonly WorldMeter[];
  /** Everything that was settled, to be proved by anybody's choice, also twice. */
  readonly readings: Map<number, Proven[]>;
  /** `season/site`: how many readings had been settled when the site was enrolled. */
  readonly starts: Map<string, number>;
  slot: number;
}

/** A season whose verbs are likely to mean something now, or any. */
function season({ choices, slot }: Playing, verb: string): number {
  const now = Math.floor((slot - START) / SEASON_SLOTS) + 1;
  const ended = verb === "conclude" || verb === "finish" || verb === "collect";
  return Math.max(1, now - choices.of(ended ? [1, 1, 1, 1, 0, 2] : [0, 0, 0, 0, 1, -1]));
}

type Verb = (playing: Playing, site: number, at: number) => Promise<unknown>;

const VERBS: Readonly<Record<string, Verb>> = {
  async enrol({ world, readings, starts }, site, at) {
    await world.seasons.connect(world.signer(10)).enrol(at, site);
    starts.set(`${String(at)}/${String(site)}`, readings.get(site)?.length ?? 0);
  },
  async prove({ world, choices, ghost, readings, starts }, site, at) {
    const known = readings.get(site) ?? [];
    const keyOf = ({ leaf }: Proven): string => `${String(at)}/${leaf.meter}/${String(leaf.slot)}`;
    // Mostly what comes next, so that sites keep their points; else anything, also what was proved before.
    const open = known.findIndex(
      (reading, index) =>
        index >= (starts.get(`${String(at)}/${String(site)}`) ?? 0) &&
        !ghost.proved.has(keyOf(reading)) &&
        reading.leaf.flags === 0,
    );
    const from = open >= 0 && choices.chance(0.8) ? open : choices.whole(0, known.length);
    const some = known
      .slice(from, from + choices.whole(1, 20))
      .filter(({ leaf }) => leaf.flags === 0 || choices.chance(0.1));
    const keys = some.map(keyOf);
    if (some.length === 0) throw new Error("nothing to prove");
    await world.seasons.connect(world.signer(10)).prove(at, site, some);
    for (const key of keys) {
      expect(ghost.proved.has(key), `${key} was proved twice`).to.equal(false);
      ghost.proved.add(key);
    }
  },
  async conclude({ world, choices, ghost, meters, slot }, site, at) {
    const meter = meters[site - 1];
    if (meter !== undefined && choices.chance(0.8)) await world.readThrough(meter, Math.max(slot, meter.word.lastSlot));
    await world.seasons.connect(world.signer(10)).conclude(at, site, []);
    const key = `${String(at)}/${String(site)}`;
    expect(ghost.concluded.has(key), `${key} was concluded twice`).to.equal(false);
    ghost.concluded.add(key);
  },
  async finish({ world, ghost }, _, at) {
    await world.seasons.finish(at);
    expect(ghost.pools.has(at), `season ${String(at)} was finished twice`).to.equal(false);
    const { pool } = await world.seasons.seasonTotals(at);
    // What nobody collected of the seasons before is in this pool again.
    expect(pool).to.equal(ghost.filled - ghost.paid);
    ghost.pools.set(at, { pool, paid: 0n });
  },
  async collect({ world, ghost }, site, at) {
    const before = await world.credit.balanceOf(world.signer(10).address);
    const [reward, rebate] = await world.seasons.rewardOf(at, site);
    await world.seasons.collect(at, site);
    const paid = (await world.credit.balanceOf(world.signer(10).address)) - before;
    expect(paid).to.equal(reward + rebate);
    const key = `${String(at)}/${String(site)}`;
    expect(ghost.collected.has(key), `${key} was paid twice`).to.equal(false);
    ghost.collected.add(key);
    expect(ghost.concluded.has(key), `${key} was paid and not concluded`).to.equal(true);
    const finished = ghost.pools.get(at);
    if (finished === undefined) throw new Error(`season ${String(at)} paid before it was finished`);
    finished.paid += paid;
    ghost.paid += paid;
  },
  async fill({ world, choices, ghost }) {
    const credits = choices.of([choices.bits(10), choices.bits(60), choices.bits(70)]);
    await world.fill(credits);
    ghost.filled += credits;
  },
  async wait(playing) {
    const { world, choices } = playing;
    if (playing.slot >= END) throw new Error("nothing to wait for");
    playing.slot = Math.min(END, playing.slot + choices.of([1, 4, 24, 96]));
    await world.mineAt(playing.slot);
  },
  async settle({ world, choices, meters, readings, slot }, site) {
    const meter = meters[site - 1];
    if (meter === undefined || meter.word.lastSlot >= slot) throw new Error("nothing to read");
    const scarcity = choices.whole(-10_000, 2_000) * 100;
    await world.exchange.setScarcity(1, slot, scarcity);
    const settled = await world.settle(meter, [
      { slot, importWh: choices.whole(0, 5_000), exportWh: choices.whole(0, 2_000), gap: choices.chance(0.05) },
    ]);
    readings.set(site, [...(readings.get(site) ?? []), ...settled]);
  },
};
const ODDS = [
  "enrol",
  "settle",
  "settle",
  "prove",
  "prove",
  "conclude",
  "conclude",
  "finish",
  "collect",
  "collect",
  "fill",
];

async function begin(choices: Choices): Promise<Playing> {
  const world = await deploySeasonWorld(await hre.network.create());
  const meters: WorldMeter[] = [];
  for (let site = 1; site <= SITES; ++site) {
    const meter = await world.addMeter({ tier: choices.whole(0, 7) });
    await world.setSite(site, world.signer(10), [meter]);
    meters.push(meter);
  }
  const ghost: Ghost = {
    filled: 0n,
    paid: 0n,
    pools: new Map(),
    proved: new Set(),
    concluded: new Set(),
    collected: new Set(),
    done: new Map(),
  };
  await world.mineAt(START);
  return { world, choices, ghost, meters, readings: new Map(), starts: new Map(), slot: START };
}

async function holds({ world, ghost }: Playing): Promise<void> {
  const held = await world.credit.balanceOf(await world.seasons.getAddress());
  expect(held, "what came in and was not paid is there").to.equal(ghost.filled - ghost.paid);
  for (const [at, { pool, paid }] of ghost.pools) {
    expect(paid <= pool, `season ${String(at)} paid ${String(paid)} of ${String(pool)}`).to.equal(true);
  }
}

describe("seasons over random sequences of calls", () => {
  it("pay no more than their pools, each site once, and take each reading once", async () => {
    const done = new Map<string, number>();
    for (let run = 0; run < fuzzRuns(400); ++run) {
      const playing = await begin(new Choices(`seasons ${String(run)}`));
      for (let step = 0; step < STEPS; ++step) {
        const name = playing.choices.chance(0.2) ? "wait" : playing.choices.of(ODDS);
        const verb = VERBS[name];
        if (verb === undefined) throw new Error(`no verb ${name}`);
        try {
          await verb(playing, playing.choices.whole(1, SITES), season(playing, name));
          done.set(name, (done.get(name) ?? 0) + 1);
        } catch (error) {
          // A refusal changes nothing, which is what the checks below see; a broken expectation is none.
          const refused = error instanceof Error && /reverted|nothing to/.test(error.message);
          if (!refused) throw error;
        }
        await holds(playing);
      }
      await playing.world.connection.close();
    }
    // The sequences were no empty ones.
    for (const name of Object.keys(VERBS)) expect(done.get(name) ?? 0, name).to.be.greaterThan(2);
  });
});
