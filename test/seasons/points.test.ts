import { expect } from "chai";
import hre from "hardhat";
import { CLAIM_SLOTS, deploySeasonWorld, SEASON_SLOTS, START, type SeasonWorld, type WorldMeter } from "./world.ts";

const END = START + SEASON_SLOTS - 1;

/** A home, site 7, with one meter; account 10 owns it. Slots 10, 20 and 30 of the season have scarcities. */
async function home() {
  const connection = await hre.network.create();
  const world = await deploySeasonWorld(connection);
  const owner = world.signer(10);
  const meter = await world.addMeter({ importWh: 5_000, exportWh: 300 });
  await world.setSite(7, owner, [meter]);
  await world.exchange.setScarcity(1, START + 10, -400_000);
  await world.exchange.setScarcity(1, START + 20, 250_000);
  await world.exchange.setScarcity(1, START + 30, 500_000);
  return { world, owner, meter };
}

async function enrolled() {
  const given = await home();
  await given.world.seasons.connect(given.owner).enrol(1, 7);
  return given;
}

async function concludeAt(world: SeasonWorld, slot: number, former: readonly WorldMeter[] = []) {
  await world.mineAt(slot);
  return world.seasons.connect(world.signer(10)).conclude(
    1,
    7,
    former.map(({ address }) => address),
  );
}

describe("enrolling a site in a season", () => {
  it("notes each meter's registers and newest slot, and what a point is worth at most", async () => {
    const { world, owner, meter } = await home();
    const { seasons } = world;
    await expect(seasons.connect(owner).enrol(1, 7))
      .to.emit(seasons, "SiteEnrolled")
      .withArgs(1, 7, 6_000)
      .and.to.emit(seasons, "MeterEnrolled")
      .withArgs(1, 7, meter.address, 5_000, 300, START - 1);
    const tally = await seasons.meterTally(1, meter.address);
    expect([tally.site, tally.importWh, tally.exportWh, tally.provedThrough]).to.deep.equal([
      7n,
      5_000n,
      300n,
      BigInt(START - 1),
    ]);
  });

  it("is for the owner or the owner's agent", async () => {
    const { world, owner } = await home();
    const { seasons } = world;
    const agent = world.signer(11);
    await expect(seasons.connect(agent).enrol(1, 7))
      .to.be.revertedWithCustomError(seasons, "NotEntitled")
      .withArgs(agent.address);
    await expect(seasons.connect(owner).setAgent(agent.address))
      .to.emit(seasons, "AgentSet")
      .withArgs(owner.address, agent.address);
    await seasons.connect(agent).enrol(1, 7);
    expect((await seasons.siteTally(1, 7)).stage).to.equal(1n);
  });

  it("is possible in the season under way and the next one, not later and not earlier", async () => {
    const { world, owner } = await home();
    const seasons = world.seasons.connect(owner);
    await expect(seasons.enrol(0, 7)).to.be.revertedWithCustomError(seasons, "EnrolmentClosed").withArgs(0);
    await expect(seasons.enrol(2, 7)).to.be.revertedWithCustomError(seasons, "EnrolmentClosed").withArgs(2);
    await world.mineAt(END + 1);
    await expect(seasons.enrol(1, 7)).to.be.revertedWithCustomError(seasons, "EnrolmentClosed").withArgs(1);
    await seasons.enrol(2, 7);
    await seasons.enrol(3, 7);
  });

  it("refuses a site without meters, one with a feeder alone, and a second time", async () => {
    const { world, owner } = await home();
    const seasons = world.seasons.connect(owner);
    await world.setSite(8, owner, []);
    await expect(seasons.enrol(1, 8)).to.be.revertedWithCustomError(seasons, "NoMeters").withArgs(8);
    await world.setSite(8, owner, [await world.addMeter({ feeder: true })]);
    await expect(seasons.enrol(1, 8)).to.be.revertedWithCustomError(seasons, "NoMeters").withArgs(8);
    await seasons.enrol(1, 7);
    await expect(seasons.enrol(1, 7)).to.be.revertedWithCustomError(seasons, "AlreadyEnrolled").withArgs(1, 7);
  });

  it("adds a meter that joined since, with the registers it was registered with", async () => {
    const { world, owner, meter } = await enrolled();
    const joined = await world.addMeter({ importWh: 900, exportWh: 40, lastSlot: START + 5 });
    await world.exchange.setFirst(joined.address, 800, 30);
    await world.setSite(7, owner, [meter, joined]);
    await expect(world.seasons.connect(owner).enrol(1, 7))
      .to.emit(world.seasons, "MeterEnrolled")
      .withArgs(1, 7, joined.address, 800, 30, 0);
    expect((await world.seasons.siteTally(1, 7)).meters).to.equal(2n);
  });

  it("takes the lower of the charges that hold and those that are decided", async () => {
    const { world, owner } = await home();
    await world.exchange.setCharges(1, 20_000, 10_000, START + 50, 6_500);
    await expect(world.seasons.connect(owner).enrol(1, 7)).to.emit(world.seasons, "SiteEnrolled").withArgs(1, 7, 1_300);
  });
});

describe("proving readings", () => {
  it("gives -scarcity times net import, worked out by hand", async () => {
    const { world, owner, meter } = await enrolled();
    const { seasons } = world;
    const readings = await world.settle(meter, [
      // 0.4 plentiful: 0.4 * (1,500 - 0) = 600 points
      { slot: START + 10, importWh: 1_500 },
      // 0.25 scarce: -0.25 * (400 - 100) = -75 points
      { slot: START + 20, importWh: 400, exportWh: 100 },
      // 0.5 scarce: -0.5 * (0 - 701) = 350.5 points
      { slot: START + 30, exportWh: 701 },
    ]);
    await expect(seasons.connect(owner).prove(1, 7, readings))
      .to.emit(seasons, "ReadingProved")
      .withArgs(1, 7, meter.address, START + 10, 1_500, 0, 600_000_000n)
      .and.to.emit(seasons, "ReadingProved")
      .withArgs(1, 7, meter.address, START + 20, 400, 100, -75_000_000n)
      .and.to.emit(seasons, "ReadingProved")
      .withArgs(1, 7, meter.address, START + 30, 0, 701, 350_500_000n);
    const tally = await seasons.siteTally(1, 7);
    expect([tally.pointsPpm, tally.importWh]).to.deep.equal([875_500_000n, 1_900n]);
    const entry = await seasons.meterTally(1, meter.address);
    expect([entry.provedThrough, entry.provedImportWh, entry.provedExportWh]).to.deep.equal([
      BigInt(START + 30),
      1_900n,
      801n,
    ]);
  });

  it("takes readings outside the season as proved, but for no points", async () => {
    const { world, owner, meter } = await home();
    await world.readThrough(meter, START - 5);
    await world.seasons.connect(owner).enrol(1, 7);
    await world.exchange.setScarcity(1, START - 2, -900_000);
    await world.exchange.setScarcity(1, END + 1, -900_000);
    const readings = await world.settle(meter, [
      { slot: START - 2, importWh: 700 },
      { slot: END + 1, importWh: 800 },
    ]);
    await world.seasons.connect(owner).prove(1, 7, readings);
    const tally = await world.seasons.siteTally(1, 7);
    expect([tally.pointsPpm, tally.importWh]).to.deep.equal([0n, 0n]);
    await concludeAt(world, END + 2);
    expect((await world.seasons.siteTally(1, 7)).points).to.equal(0n);
  });

  it("goes on in a later call, in rising slots of each meter", async () => {
    const { world, owner, meter } = await enrolled();
    const seasons = world.seasons.connect(owner);
    const [first, second, third] = await world.settle(
      meter,
      [10, 20, 30].map((slot) => ({ slot: START + slot, importWh: 100 })),
    );
    if (first === undefined || second === undefined || third === undefined) throw new Error("three readings");
    await seasons.prove(1, 7, [first, second]);
    for (const again of [first, second]) {
      await expect(seasons.prove(1, 7, [again]))
        .to.be.revertedWithCustomError(seasons, "ReadingOutOfOrder")
        .withArgs(meter.address, again.leaf.slot, START + 20);
    }
    await seasons.prove(1, 7, [third]);
    await expect(seasons.prove(1, 7, [])).not.to.emit(seasons, "ReadingProved");
    expect((await seasons.siteTally(1, 7)).pointsPpm).to.equal(40_000_000n - 25_000_000n - 50_000_000n);
  });

  it("takes meters in turn", async () => {
    const { world, owner, meter } = await home();
    const other = await world.addMeter();
    await world.setSite(7, owner, [meter, other]);
    await world.seasons.connect(owner).enrol(1, 7);
    const own = await world.settle(
      meter,
      [10, 20].map((slot) => ({ slot: START + slot, importWh: 100 })),
    );
    const others = await world.settle(
      other,
      [10, 20].map((slot) => ({ slot: START + slot, exportWh: 100 })),
    );
    const mixed = own.flatMap((reading, index) => [reading, others[index] ?? reading]);
    await world.seasons.connect(owner).prove(1, 7, mixed);
    // Energy that left one meter and entered the other.
    expect((await world.seasons.siteTally(1, 7)).pointsPpm).to.equal(0n);
    expect((await world.seasons.meterTally(1, other.address)).provedExportWh).to.equal(200n);
  });

  it("refuses gap readings, unproved ones, and those of another site's meter", async () => {
    const { world, owner, meter } = await enrolled();
    const seasons = world.seasons.connect(owner);
    const [gap] = await world.settle(meter, [{ slot: START + 10, importWh: 100, gap: true }]);
    if (gap === undefined) throw new Error("a reading");
    await expect(seasons.prove(1, 7, [gap]))
      .to.be.revertedWithCustomError(seasons, "GapReading")
      .withArgs(meter.address, START + 10);
    const forged = { ...gap, leaf: { ...gap.leaf, flags: 0, importWh: 101 } };
    await expect(seasons.prove(1, 7, [forged])).to.be.revertedWithCustomError(world.exchange, "UnprovenReading");
    const stranger = await world.addMeter();
    const foreign = await world.settle(stranger, [{ slot: START + 10, importWh: 100 }]);
    await expect(seasons.prove(1, 7, foreign))
      .to.be.revertedWithCustomError(seasons, "ForeignMeter")
      .withArgs(stranger.address, 7);
  });

  it("ends with the claim window and with the conclusion, and needs an enrolment", async () => {
    const { world, owner, meter } = await enrolled();
    const seasons = world.seasons.connect(owner);
    await expect(world.seasons.prove(1, 7, [])).to.be.revertedWithCustomError(seasons, "NotEntitled");
    await expect(seasons.prove(2, 7, []))
      .to.be.revertedWithCustomError(seasons, "WrongStage")
      .withArgs(2, 7, 0);
    await world.readThrough(meter, END);
    await world.mineAt(END + 1);
    await seasons.conclude(1, 7, []);
    await expect(seasons.prove(1, 7, []))
      .to.be.revertedWithCustomError(seasons, "WrongStage")
      .withArgs(1, 7, 2);
    await world.mineAt(END + CLAIM_SLOTS + 1);
    await expect(seasons.prove(1, 7, []))
      .to.be.revertedWithCustomError(seasons, "ClaimsClosed")
      .withArgs(1);
    for (const season of [0, 2 ** 32 - 1]) {
      await expect(seasons.prove(season, 7, [])).to.be.revertedWithCustomError(seasons, "BadParameter");
    }
  });
});

describe("concluding a season", () => {
  it("charges a point a Wh for what was not proved, worked out by hand", async () => {
    const { world, owner, meter } = await enrolled();
    const { seasons } = world;
    const readings = await world.settle(meter, [
      { slot: START + 10, importWh: 1_500 }, // 600 points
      { slot: START + 20, importWh: 90, exportWh: 11 }, // not proved: -101 instead of -19.75
      { slot: START + 30, exportWh: 701 }, // 350.5
    ]);
    await seasons.connect(owner).prove(
      1,
      7,
      readings.filter(({ leaf }) => leaf.slot !== START + 20),
    );
    await world.readThrough(meter, END);
    // 600 + 350.5 - 101 = 849.5, rounded down
    await expect(concludeAt(world, END + 1))
      .to.emit(seasons, "MeterConcluded")
      .withArgs(1, 7, meter.address, 6_590, 1_012, 101)
      .and.to.emit(world.exchange, "Noted")
      .withArgs(7, 849);
    const tally = await seasons.siteTally(1, 7);
    expect([tally.points, tally.owner, tally.stage, tally.streak]).to.deep.equal([849n, owner.address, 2n, 1n]);
    expect((await seasons.seasonTotals(1)).points).to.equal(849n);
  });

  it("never leaves a site below zero, and reports nothing then", async () => {
    const { world, meter } = await enrolled();
    await world.settle(meter, [{ slot: START + 10, importWh: 1_500 }]);
    await world.readThrough(meter, END);
    const concluded = await concludeAt(world, END + 1);
    await expect(concluded).not.to.emit(world.exchange, "Noted");
    const tally = await world.seasons.siteTally(1, 7);
    expect([tally.points, tally.streak]).to.deep.equal([0n, 0n]);
  });

  it("waits for the season's end and for every meter's last reading", async () => {
    const { world, meter } = await enrolled();
    const { seasons } = world;
    await expect(seasons.conclude(1, 7, [])).to.be.revertedWithCustomError(seasons, "NotEntitled");
    await expect(concludeAt(world, END)).to.be.revertedWithCustomError(seasons, "SeasonRunning").withArgs(1);
    await world.readThrough(meter, END - 1);
    await expect(concludeAt(world, END + 1))
      .to.be.revertedWithCustomError(seasons, "MeterUnread")
      .withArgs(meter.address, END);
    await world.readThrough(meter, END);
    await concludeAt(world, END + 2);
    await expect(concludeAt(world, END + 3))
      .to.be.revertedWithCustomError(seasons, "WrongStage")
      .withArgs(1, 7, 2);
  });

  it("ends with the claim window", async () => {
    const { world, meter } = await enrolled();
    await world.readThrough(meter, END);
    await expect(concludeAt(world, END + CLAIM_SLOTS + 1))
      .to.be.revertedWithCustomError(world.seasons, "ClaimsClosed")
      .withArgs(1);
  });

  it("counts a meter that joined and was not enrolled from the registers it was registered with", async () => {
    const { world, owner, meter } = await enrolled();
    const readings = await world.settle(meter, [{ slot: START + 10, importWh: 1_500 }]);
    await world.seasons.connect(owner).prove(1, 7, readings);
    const joined = await world.addMeter({ importWh: 950, exportWh: 70, lastSlot: END });
    await world.exchange.setFirst(joined.address, 800, 30);
    await world.setSite(7, owner, [meter, joined]);
    await world.readThrough(meter, END);
    await concludeAt(world, END + 1);
    expect((await world.seasons.siteTally(1, 7)).points).to.equal(600n - 150n - 40n);
  });

  it("asks for the enrolled meters that have been retired since, so that retiring hides nothing", async () => {
    const { world, owner, meter } = await home();
    const other = await world.addMeter();
    await world.setSite(7, owner, [meter, other]);
    const { seasons } = world;
    await seasons.connect(owner).enrol(1, 7);
    const readings = await world.settle(meter, [{ slot: START + 10, importWh: 1_500 }]);
    await seasons.connect(owner).prove(1, 7, readings);
    await world.settle(other, [{ slot: START + 12, importWh: 250 }]);
    await world.readThrough(meter, END);
    await world.setSite(7, owner, [meter]);
    await expect(concludeAt(world, END + 1))
      .to.be.revertedWithCustomError(seasons, "MetersMissing")
      .withArgs(7, 2, 1);
    // Still a meter: not a former one.
    await expect(concludeAt(world, END + 2, [other])).to.be.revertedWithCustomError(seasons, "ForeignMeter");
    other.word = { ...other.word, zone: 0 };
    await world.store(other);
    await expect(concludeAt(world, END + 3, [other, other])).to.be.revertedWithCustomError(seasons, "ForeignMeter");
    const stranger = await world.addMeter({ zone: 0 });
    await expect(concludeAt(world, END + 4, [stranger]))
      .to.be.revertedWithCustomError(seasons, "ForeignMeter")
      .withArgs(stranger.address, 7);
    await concludeAt(world, END + 5, [other]);
    expect((await seasons.siteTally(1, 7)).points).to.equal(350n);
  });

  it("gives a site that has no meter left its points, and the rebate of tier 0", async () => {
    const { world, owner, meter } = await enrolled();
    const readings = await world.settle(meter, [{ slot: START + 10, importWh: 1_500 }]);
    await world.seasons.connect(owner).prove(1, 7, readings);
    await world.setSite(7, owner, []);
    meter.word = { ...meter.word, zone: 0, tier: 3 };
    await world.store(meter);
    await concludeAt(world, END + 1, [meter]);
    const tally = await world.seasons.siteTally(1, 7);
    expect([tally.points, tally.tier, tally.rebatePrice]).to.deep.equal([600n, 0n, 0n]);
  });

  it("takes the lowest tier of the meters, its rebate at most the point price, and the lower charges", async () => {
    const { world, owner, meter } = await home();
    const other = await world.addMeter({ tier: 4, lastSlot: END });
    meter.word = { ...meter.word, tier: 3 };
    const feeder = await world.addMeter({ feeder: true });
    await world.setSite(7, owner, [meter, other, feeder]);
    await world.seasons.connect(owner).enrol(1, 7);
    await world.readThrough(meter, END);
    await world.exchange.setCharges(1, 6_000, 3_000, 0, 0);
    await concludeAt(world, END + 1);
    const tally = await world.seasons.siteTally(1, 7);
    expect([tally.tier, tally.pointPrice, tally.rebatePrice]).to.deep.equal([3n, 1_800n, 1_800n]);
  });

  it("counts seasons with points in a row", async () => {
    const { world, owner, meter } = await home();
    const seasons = world.seasons.connect(owner);
    const streaks: bigint[] = [];
    for (const [season, importWh] of [100, 100, 0, 100, 100, 100].entries()) {
      const first = START + season * SEASON_SLOTS;
      await seasons.enrol(season + 1, 7);
      await world.exchange.setScarcity(1, first + 10, -1_000_000);
      const readings = await world.settle(meter, [{ slot: first + 10, importWh }]);
      await seasons.prove(season + 1, 7, readings);
      await world.readThrough(meter, first + SEASON_SLOTS - 1);
      await world.mineAt(first + SEASON_SLOTS);
      await seasons.conclude(season + 1, 7, []);
      streaks.push((await seasons.siteTally(season + 1, 7)).streak);
    }
    expect(streaks).to.deep.equal([1n, 2n, 0n, 1n, 2n, 3n]);
  });

  it("goes on from the later of two seasons that are concluded the other way round", async () => {
    const day = 96;
    // The claims of a season last into the one after the next.
    const world = await deploySeasonWorld(await hre.network.create(), { seasonSlots: day, claimSlots: 2 * day });
    const owner = world.signer(10);
    const seasons = world.seasons.connect(owner);
    const meter = await world.addMeter();
    await world.setSite(7, owner, [meter]);
    const sunny = [10, day + 10, 2 * day + 10].map((place) => START + place);
    for (const slot of sunny) await world.exchange.setScarcity(1, slot, -1_000_000);
    const flows = sunny.map((slot) => ({ slot, importWh: 100 }));
    await world.mineAt(START);
    await seasons.enrol(1, 7);
    await seasons.enrol(2, 7);
    const two = await world.settle(meter, flows.slice(0, 2));
    await seasons.prove(1, 7, two);
    await seasons.prove(2, 7, two);
    await world.readThrough(meter, START + 2 * day - 1);
    await world.mineAt(START + 2 * day);
    await seasons.conclude(2, 7, []);
    await seasons.conclude(1, 7, []);
    await seasons.enrol(3, 7);
    await seasons.prove(3, 7, await world.settle(meter, flows.slice(2)));
    await world.readThrough(meter, START + 3 * day - 1);
    await world.mineAt(START + 3 * day);
    await seasons.conclude(3, 7, []);
    const tallies = await Promise.all([1, 2, 3].map((season) => seasons.siteTally(season, 7)));
    expect(tallies.map(({ points, streak }) => [points, streak])).to.deep.equal([
      [100n, 1n],
      [100n, 1n],
      [100n, 2n],
    ]);
  });
});
