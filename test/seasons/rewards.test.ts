import { expect } from "chai";
import hre from "hardhat";
import { packRebatePrices } from "../../src/game/seasonRewards.ts";
import { CLAIM_SLOTS, deploySeasonWorld, SEASON_SLOTS, START, type SeasonWorld } from "./world.ts";

const END = START + SEASON_SLOTS - 1;
const CREDIT = 10n ** 18n;

/** A site that imports `importWh` in a slot whose scarcity makes that `points` points, and concludes season 1. */
interface Plan {
  readonly points: number;
  readonly importWh: number;
  readonly tier?: number;
}

async function concluded(plans: readonly Plan[]): Promise<SeasonWorld> {
  const world = await deploySeasonWorld(await hre.network.create());
  const meters = await Promise.all(plans.map(({ tier = 0 }) => world.addMeter({ tier })));
  for (const [index, { points, importWh }] of plans.entries()) {
    const meter = meters[index];
    if (meter === undefined) throw new Error("a meter a plan");
    const owner = world.signer(10 + index);
    const seasons = world.seasons.connect(owner);
    await world.setSite(index + 1, owner, [meter]);
    await seasons.enrol(1, index + 1);
    await world.exchange.setScarcity(1, START + index, -(points * 1_000_000) / importWh);
    await seasons.prove(1, index + 1, await world.settle(meter, [{ slot: START + index, importWh }]));
    await world.readThrough(meter, END);
  }
  await world.mineAt(END + 1);
  for (const index of plans.keys()) await world.seasons.connect(world.signer(10 + index)).conclude(1, index + 1, []);
  return world;
}

describe("the reward pool of a season", () => {
  it("is shared by points, worked out by hand", async () => {
    // Tier 0, so no rebates.
    const world = await concluded([
      { points: 3_000, importWh: 5_000 },
      { points: 1_000, importWh: 5_000 },
    ]);
    const { seasons, credit } = world;
    await world.fill((24n * CREDIT) / 1_000n);
    await world.mineAt(END + CLAIM_SLOTS + 1);
    await expect(seasons.finish(1))
      .to.emit(seasons, "SeasonFinished")
      .withArgs(1, 2, 4_000, (24n * CREDIT) / 1_000n, 0);
    // 0.024 credits over 4,000 points: 0.000006 a point, just what a point may pay.
    await expect(seasons.collect(1, 1))
      .to.emit(seasons, "RewardCollected")
      .withArgs(1, 1, world.signer(10).address, (18n * CREDIT) / 1_000n, 0);
    await seasons.collect(1, 2);
    expect(await credit.balanceOf(world.signer(10).address)).to.equal((18n * CREDIT) / 1_000n);
    expect(await credit.balanceOf(world.signer(11).address)).to.equal((6n * CREDIT) / 1_000n);
    expect(await credit.balanceOf(await seasons.getAddress())).to.equal(0n);
    await expect(seasons.collect(1, 1)).to.be.revertedWithCustomError(seasons, "WrongStage").withArgs(1, 1, 3);
  });

  it("pays a point at most a fifth of an imported Wh's charges; the rest is the next season's", async () => {
    const world = await concluded([{ points: 500, importWh: 1_000 }]);
    await world.fill(100n * CREDIT);
    await world.mineAt(END + CLAIM_SLOTS + 1);
    await world.seasons.finish(1);
    // 500 points at 6,000 ticks of 1e9 base units
    expect(await world.seasons.rewardOf(1, 1)).to.deep.equal([500n * 6_000n * 10n ** 9n, 0n]);
    await world.seasons.collect(1, 1);
    await world.mineAt(END + SEASON_SLOTS + CLAIM_SLOTS + 1);
    await expect(world.seasons.finish(2))
      .to.emit(world.seasons, "SeasonFinished")
      .withArgs(2, 0, 0, 100n * CREDIT - 3_000_000n * 10n ** 9n, 0);
  });

  it("pays rebates first, by tier and proved import, whole where they are at most a quarter", async () => {
    const world = await concluded([
      { points: 10, importWh: 5_000, tier: 2 }, // 5,000 Wh * 2,000 ticks = 10^7 ticks
      { points: 30, importWh: 5_000, tier: 4 }, // 5,000 Wh * 6,000 ticks = 3 * 10^7 ticks
    ]);
    const tick = 10n ** 9n;
    await world.fill(200_000_000n * tick);
    await world.mineAt(END + CLAIM_SLOTS + 1);
    await expect(world.seasons.finish(1))
      .to.emit(world.seasons, "SeasonFinished")
      .withArgs(1, 2, 40, 200_000_000n * tick, 40_000_000n * tick);
    expect(await world.seasons.rewardOf(1, 1)).to.deep.equal([60_000n * tick, 10_000_000n * tick]);
    expect(await world.seasons.rewardOf(1, 2)).to.deep.equal([180_000n * tick, 30_000_000n * tick]);
  });

  it("scales rebates down to a quarter of the pool where they are more", async () => {
    const world = await concluded([
      { points: 10, importWh: 5_000, tier: 2 },
      { points: 30, importWh: 5_000, tier: 4 },
    ]);
    // A quarter of 4,003 base units is 1,000: a quarter and three quarters of it; the other 3,003 by points.
    await world.fill(4_003n);
    await world.mineAt(END + CLAIM_SLOTS + 1);
    await world.seasons.finish(1);
    expect(await world.seasons.rewardOf(1, 1)).to.deep.equal([750n, 250n]);
    expect(await world.seasons.rewardOf(1, 2)).to.deep.equal([2_252n, 750n]);
    await world.seasons.collect(1, 1);
    await world.seasons.collect(1, 2);
    expect(await world.credit.balanceOf(await world.seasons.getAddress())).to.equal(1n);
  });

  it("opens when the claims end and closes when the next season's do", async () => {
    const world = await concluded([{ points: 10, importWh: 100 }]);
    const { seasons } = world;
    await world.fill(CREDIT);
    await expect(seasons.finish(1)).to.be.revertedWithCustomError(seasons, "ClaimsOpen").withArgs(1);
    await expect(seasons.collect(1, 1)).to.be.revertedWithCustomError(seasons, "PayoutClosed").withArgs(1);
    expect(await seasons.rewardOf(1, 1)).to.deep.equal([0n, 0n]);
    await world.mineAt(END + CLAIM_SLOTS + 1);
    await seasons.finish(1);
    await expect(seasons.finish(1)).to.be.revertedWithCustomError(seasons, "AlreadyFinished").withArgs(1);
    await world.mineAt(END + SEASON_SLOTS + CLAIM_SLOTS + 1);
    await expect(seasons.collect(1, 1)).to.be.revertedWithCustomError(seasons, "PayoutClosed").withArgs(1);
    await seasons.finish(2);
    expect((await seasons.seasonTotals(2)).pool).to.equal(CREDIT);
  });

  it("needs a conclusion and something to collect", async () => {
    const world = await concluded([
      { points: 10, importWh: 100 },
      { points: 0, importWh: 100 },
    ]);
    const { seasons } = world;
    await world.mineAt(END + CLAIM_SLOTS + 1);
    await seasons.finish(1);
    await expect(seasons.collect(1, 9)).to.be.revertedWithCustomError(seasons, "WrongStage").withArgs(1, 9, 0);
    // The pool is empty.
    await expect(seasons.collect(1, 1)).to.be.revertedWithCustomError(seasons, "NothingToCollect").withArgs(1, 1);
    await expect(seasons.collect(1, 2)).to.be.revertedWithCustomError(seasons, "NothingToCollect").withArgs(1, 2);
  });

  it("may skip a season that nobody finished", async () => {
    const world = await concluded([{ points: 10, importWh: 100 }]);
    await world.fill(CREDIT);
    await world.mineAt(END + SEASON_SLOTS + CLAIM_SLOTS + 1);
    await world.seasons.finish(2);
    await expect(world.seasons.finish(1)).to.be.revertedWithCustomError(world.seasons, "AlreadyFinished").withArgs(1);
  });
});

describe("rebates by tier", () => {
  it("start at zero, do not fall and are bounded", async () => {
    const { seasons, signer } = await deploySeasonWorld(await hre.network.create()).then((world) => ({
      seasons: world.seasons,
      signer: world.signer(1),
    }));
    const governed = seasons.connect(signer);
    const refused = [
      { prices: [1], value: 1 },
      { prices: [0, 5, 4, 6, 6, 6, 6, 6], value: 4 },
      { prices: [0, 0, 0, 0, 0, 0, 0, 100_001], value: 100_001 },
    ];
    for (const { prices, value } of refused) {
      await expect(governed.setRebatePrices(packRebatePrices(prices)))
        .to.be.revertedWithCustomError(seasons, "BadParameter")
        .withArgs("0x6c616e6573" + "00".repeat(27), value);
    }
    const lanes = packRebatePrices([0, 0, 7, 7, 9, 100_000, 100_000, 100_000]);
    await expect(governed.setRebatePrices(lanes)).to.emit(seasons, "RebatePricesSet").withArgs(lanes);
    expect(await seasons.rebatePrices()).to.equal(lanes);
    await expect(seasons.setRebatePrices(lanes)).to.be.revertedWithCustomError(seasons, "AccessManagedUnauthorized");
  });
});

describe("the deployment of seasons", () => {
  it("refuses seasons and claim windows outside their bounds", async () => {
    const { ethers } = await hre.network.create();
    const seasons = await ethers.getContractFactory("Seasons");
    const any = ethers.ZeroAddress;
    const cases = [
      { length: 95, claims: 8, name: "seasonSlots" },
      { length: 2_689, claims: 8, name: "seasonSlots" },
      { length: 96, claims: 7, name: "claimSlots" },
      { length: 96, claims: 961, name: "claimSlots" },
    ];
    for (const { length, claims, name } of cases) {
      await expect(seasons.deploy(any, any, any, any, START, length, claims, 0n))
        .to.be.revertedWithCustomError(seasons, "BadParameter")
        .withArgs(ethers.encodeBytes32String(name), name === "seasonSlots" ? length : claims);
    }
    const shortest = await seasons.deploy(any, any, any, any, START, 96, 8, 0n);
    expect(await shortest.seasonBounds(2)).to.deep.equal([
      BigInt(START + 96),
      BigInt(START + 191),
      BigInt(START + 199),
    ]);
    expect([
      await shortest.seasonAt(START - 1),
      await shortest.seasonAt(START),
      await shortest.seasonAt(START + 96),
    ]).to.deep.equal([0n, 1n, 2n]);
  });
});
