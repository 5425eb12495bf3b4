import { expect } from "chai";
import hre from "hardhat";
import { pointPrice } from "../../src/game/points.ts";
import { rebatePriceOf, packRebatePrices, shareSeason, type ConcludedSite } from "../../src/game/seasonRewards.ts";
import { tallySite, type TalliedMeter } from "../../src/game/seasonTally.ts";
import {
  CLAIM_SLOTS,
  deploySeasonWorld,
  REBATES,
  SEASON_SLOTS,
  START,
  type Proven,
  type SeasonWorld,
  type WorldMeter,
} from "../seasons/world.ts";
import { Choices, fuzzRuns } from "./random.ts";

const FIRST = START;
const LAST = START + SEASON_SLOTS - 1;

/** A site with random meters, flows and proofs, enrolled in season 1. */
interface FuzzedSite {
  readonly site: number;
  readonly tier: number;
  readonly proofs: Proven[];
  readonly meters: TalliedMeter[];
  readonly readLast: () => Promise<void>;
}

async function fuzzSite(
  world: SeasonWorld,
  choices: Choices,
  site: number,
  scarcities: Map<number, number>,
): Promise<FuzzedSite> {
  const owner = world.signer(10);
  const tiers: number[] = [];
  const meters: WorldMeter[] = [];
  for (let count = choices.whole(1, 3); count > 0; --count) {
    tiers.push(choices.whole(0, 7));
    meters.push(
      await world.addMeter({
        importWh: Number(choices.bits(30)),
        exportWh: Number(choices.bits(30)),
        tier: tiers.at(-1) ?? 0,
        lastSlot: FIRST - 4,
      }),
    );
  }
  await world.setSite(site, owner, meters);
  await world.seasons.connect(owner).enrol(1, site);
  const proofs: Proven[] = [];
  const tallied: TalliedMeter[] = [];
  for (const meter of meters) {
    const start = { importWh: meter.word.importWh, exportWh: meter.word.exportWh };
    const slots = new Set([FIRST, LAST, FIRST - 1, LAST + 1]);
    for (let tries = choices.whole(0, 8); tries > 0; --tries) slots.add(choices.whole(FIRST - 3, LAST + 3));
    const flows = [...slots]
      .sort((a, b) => a - b)
      .map((slot) => ({ slot, importWh: flowWh(choices), exportWh: flowWh(choices), gap: choices.chance(0.05) }));
    for (const { slot } of flows) {
      if (scarcities.has(slot)) continue;
      const hundreds = choices.of([-10_000, 10_000, choices.whole(-10_000, 10_000)]);
      scarcities.set(slot, hundreds * 100);
      await world.exchange.setScarcity(1, slot, hundreds * 100);
    }
    const settled = await world.settle(meter, flows);
    const proved = settled.filter(({ leaf }) => leaf.flags === 0 && choices.chance(0.9));
    proofs.push(...proved);
    tallied.push({
      start,
      end: { importWh: meter.word.importWh, exportWh: meter.word.exportWh },
      proved: proved.map(({ leaf }) => ({ ...leaf, scarcityPpm: scarcities.get(leaf.slot) ?? 0 })),
    });
  }
  const readLast = async () => {
    for (const meter of meters) await world.readThrough(meter, LAST + 3);
  };
  return { site, tier: Math.min(...tiers), proofs, meters: tallied, readLast };
}

/** Small, large or nothing, so that sites end above and below zero. */
function flowWh(choices: Choices): number {
  return choices.chance(0.5) ? 0 : choices.whole(0, choices.of([5, 40_000]));
}

describe("seasons on chain and their TypeScript twin", () => {
  it("agree on every point, rebate and base unit of random seasons, and never pay more than the pool", async function () {
    this.timeout(0);
    const choices = new Choices("seasons");
    const rebates = packRebatePrices(REBATES);
    const world = await deploySeasonWorld(await hre.network.create());
    const deployed = await world.connection.networkHelpers.takeSnapshot();
    for (let run = 0; run < fuzzRuns(100); ++run) {
      await deployed.restore();
      const seasons = world.seasons.connect(world.signer(10));
      const price = pointPrice([{ networkLocalPrice: 20_000, levyPrice: 10_000 }]);
      const scarcities = new Map<number, number>();
      const sites: FuzzedSite[] = [];
      const count = choices.whole(1, 4);
      for (let site = 1; site <= count; ++site) {
        sites.push(await fuzzSite(world, choices, site, scarcities));
      }
      for (const { site, proofs } of sites) {
        const cut = choices.whole(0, proofs.length);
        await seasons.prove(1, site, proofs.slice(0, cut));
        await seasons.prove(1, site, proofs.slice(cut));
      }
      await world.mineAt(LAST + 4);
      const concluded: ConcludedSite[] = [];
      for (const { site, tier, meters, readLast } of sites) {
        await readLast();
        await seasons.conclude(1, site, []);
        const expected = tallySite({ firstSlot: FIRST, lastSlot: LAST, meters });
        const tally = await world.seasons.siteTally(1, site);
        const rebatePrice = Math.min(price, rebatePriceOf(rebates, tier));
        expect([tally.pointsPpm, tally.points, Number(tally.importWh)]).to.deep.equal([
          expected.pointsPpm,
          expected.points,
          expected.importWh,
        ]);
        expect([tally.tier, tally.pointPrice, tally.rebatePrice].map(Number)).to.deep.equal([tier, price, rebatePrice]);
        concluded.push({ site, points: expected.points, importWh: expected.importWh, pointPrice: price, rebatePrice });
      }
      const pool = choices.of([0n, choices.bits(12), choices.bits(60), choices.bits(80)]);
      await world.fill(pool);
      await world.mineAt(LAST + CLAIM_SLOTS + 1);
      await world.seasons.finish(1);
      const division = shareSeason(pool, concluded);
      expect((await world.seasons.seasonTotals(1)).rebates).to.equal(division.rebates);
      let paid = 0n;
      for (const { site, reward, rebate } of division.shares) {
        expect(await world.seasons.rewardOf(1, site)).to.deep.equal([reward, rebate]);
        paid += reward + rebate;
        if (reward + rebate > 0n) await world.seasons.collect(1, site);
      }
      expect(paid <= pool).to.equal(true);
      expect(await world.credit.balanceOf(await world.seasons.getAddress())).to.equal(pool - paid);
    }
  });
});
