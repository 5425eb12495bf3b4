import { expect } from "chai";
import hre from "hardhat";
import { baselineSlots } from "../../src/game/baseline.ts";
import { deploySeasonWorld, SEASON_SLOTS, START, type Proven, type SeasonWorld, type WorldMeter } from "./world.ts";

const DAY = 96;
/** Thursday of the season's first week, 18:00 UTC. */
const EVENT = START + 3 * DAY + 72;

/** A site with a house meter and a battery; three weekdays of readings before the event, which was called this morning. */
async function called() {
  const world = await deploySeasonWorld(await hre.network.create());
  const owner = world.signer(10);
  const [house, battery] = [await world.addMeter(), await world.addMeter()];
  await world.setSite(7, owner, [house, battery]);
  await world.seasons.connect(owner).enrol(1, 7);
  await world.mineAt(EVENT - 40);
  await world.seasons.connect(world.signer(3)).callEvent(1, EVENT, 2, 500_000);
  return { world, owner, house, battery };
}

/** Readings of a meter at the three days before and at the event's slot, in the order of a claim. */
async function history(world: SeasonWorld, meter: WorldMeter, nets: readonly [number, number, number, number]) {
  const flows = nets.map((net, index) => {
    const slot = EVENT - (3 - index) * DAY;
    return net >= 0 ? { slot, importWh: net } : { slot, exportWh: -net };
  });
  const [monday, tuesday, wednesday, now] = await world.settle(meter, flows);
  if (monday === undefined || tuesday === undefined || wednesday === undefined || now === undefined) throw new Error();
  return [wednesday, tuesday, monday, now] as const;
}

describe("calling a demand-response event", () => {
  it("is told with its season, and marks its slots", async () => {
    const world = await deploySeasonWorld(await hre.network.create());
    const seasons = world.seasons.connect(world.signer(3));
    await world.mineAt(EVENT - 40);
    await expect(seasons.callEvent(1, EVENT, 2, 500_000))
      .to.emit(seasons, "EventCalled")
      .withArgs(1, 1, 1, EVENT, 2, 500_000);
    const marked = [EVENT - 1, EVENT, EVENT + 1, EVENT + 2].map((slot) => seasons.isEventSlot(1, slot));
    expect(await Promise.all(marked)).to.deep.equal([false, true, true, false]);
    expect(await seasons.isEventSlot(2, EVENT)).to.equal(false);
    const event = await seasons.demandEvent(1);
    expect([event.season, event.zone, event.firstSlot, event.slots, event.pointsPpm]).to.deep.equal([
      1n,
      1n,
      BigInt(EVENT),
      2n,
      500_000n,
    ]);
  });

  it("is for GRID alone", async () => {
    const world = await deploySeasonWorld(await hre.network.create());
    await expect(world.seasons.callEvent(1, EVENT, 2, 500_000)).to.be.revertedWithCustomError(
      world.seasons,
      "AccessManagedUnauthorized",
    );
  });

  it("refuses sizes, times and zones outside its bounds", async () => {
    const world = await deploySeasonWorld(await hre.network.create());
    const seasons = world.seasons.connect(world.signer(3));
    await world.mineAt(START + 10);
    for (const [slots, ppm] of [
      [0, 1],
      [33, 1],
      [1, 0],
      [1, 1_000_001],
    ] as const) {
      await expect(seasons.callEvent(1, START + 30, slots, ppm)).to.be.revertedWithCustomError(seasons, "BadParameter");
    }
    await expect(seasons.callEvent(9, START + 30, 1, 1)).to.be.revertedWithCustomError(world.exchange, "BadZone");
    const refused = [
      { first: START + 17, slots: 1, named: START + 17 }, // seven slots ahead
      { first: START + 106, slots: 1, named: START + 106 }, // its yesterday has not passed
      { first: START + 100, slots: 7, named: START + 106 },
    ];
    for (const { first, slots, named } of refused) {
      await expect(seasons.callEvent(1, first, slots, 1))
        .to.be.revertedWithCustomError(seasons, "EventOutOfRange")
        .withArgs(named);
    }
    await seasons.callEvent(1, START + 18, 1, 1);
    await seasons.callEvent(1, START + 105, 1, 1);
    await world.mineAt(START + SEASON_SLOTS - 20);
    await expect(seasons.callEvent(1, START + SEASON_SLOTS - 2, 3, 1))
      .to.be.revertedWithCustomError(seasons, "EventOutOfRange")
      .withArgs(START + SEASON_SLOTS);
  });

  it("is refused before the first season", async () => {
    const world = await deploySeasonWorld(await hre.network.create());
    await world.mineAt(START - 9);
    await expect(world.seasons.connect(world.signer(3)).callEvent(1, START - 1, 1, 1))
      .to.be.revertedWithCustomError(world.seasons, "EventOutOfRange")
      .withArgs(START - 1);
  });

  it("leaves a comparable day between two events of a quarter hour", async () => {
    const { world } = await called();
    const seasons = world.seasons.connect(world.signer(3));
    await expect(seasons.callEvent(1, EVENT - 1, 2, 1))
      .to.be.revertedWithCustomError(seasons, "EventTooSoon")
      .withArgs(1, EVENT);
    await world.mineAt(EVENT + DAY - 40);
    await expect(seasons.callEvent(1, EVENT + DAY, 1, 1))
      .to.be.revertedWithCustomError(seasons, "EventTooSoon")
      .withArgs(1, EVENT + DAY);
    await seasons.callEvent(1, EVENT + DAY + 2, 1, 1);
    // Saturday is not comparable with Thursday or Friday; Monday is, and Friday lies between.
    await world.mineAt(EVENT + 2 * DAY - 40);
    await seasons.callEvent(1, EVENT + 2 * DAY, 1, 1);
    await world.mineAt(EVENT + 4 * DAY - 40);
    await seasons.callEvent(1, EVENT + 4 * DAY, 1, 1);
  });
});

describe("the baseline of an event", () => {
  it("is the same quarter hour of the last three days of its class that were no events", async () => {
    const { world } = await called();
    const { seasons } = world;
    const slots = async (slot: number) => (await seasons.baselineSlots(1, slot)).map(Number);
    // Thursday: Wednesday, Tuesday, Monday
    expect(await slots(EVENT)).to.deep.equal([EVENT - DAY, EVENT - 2 * DAY, EVENT - 3 * DAY]);
    // Friday: Thursday is an event, so Wednesday, Tuesday, Monday
    expect(await slots(EVENT + DAY)).to.deep.equal([EVENT - DAY, EVENT - 2 * DAY, EVENT - 3 * DAY]);
    // Saturday: Sunday and Saturday of last week, Sunday of the week before
    expect(await slots(EVENT + 2 * DAY)).to.deep.equal([EVENT - 4 * DAY, EVENT - 5 * DAY, EVENT - 11 * DAY]);
    await expect(seasons.baselineSlots(1, 2 * DAY)).to.be.revertedWithCustomError(seasons, "NoBaseline");
  });

  it("is the same in the twin, for four weeks of slots and random events", async () => {
    const { world } = await called();
    const events = new Set([EVENT, EVENT + 1]);
    for (let slot = EVENT; slot < EVENT + 28 * DAY; slot += 29) {
      const expected = baselineSlots(slot, (candidate) => events.has(candidate));
      expect((await world.seasons.baselineSlots(1, slot)).map(Number)).to.deep.equal(expected);
    }
    expect(baselineSlots(2 * DAY, () => false)).to.equal(undefined);
    expect(baselineSlots(EVENT, () => true)).to.equal(undefined);
  });
});

describe("claiming an event", () => {
  it("gives points for net import below the mean of three days, worked out by hand", async () => {
    const { world, owner, house, battery } = await called();
    const { seasons } = world;
    // Mean of the house 900, of the battery -100, together 800; in the event 500 - 300 = 200: 600 Wh shed.
    const readings = [
      ...(await history(world, house, [1_000, 800, 900, 500])),
      ...(await history(world, battery, [0, -100, -200, -300])),
    ];
    await expect(seasons.connect(owner).claimEvent(1, EVENT, 7, readings))
      .to.emit(seasons, "LoadShed")
      .withArgs(1, 7, EVENT, 2_400, 200, 600, 300_000_000n);
    const tally = await seasons.siteTally(1, 7);
    expect([tally.pointsPpm, tally.shedWh]).to.deep.equal([300_000_000n, 600n]);
    expect(await seasons.isEventClaimed(1, 7, EVENT)).to.equal(true);
    expect(await seasons.isEventClaimed(1, 7, EVENT + 1)).to.equal(false);
    await expect(seasons.connect(owner).claimEvent(1, EVENT, 7, readings))
      .to.be.revertedWithCustomError(seasons, "EventClaimed")
      .withArgs(1, 7, EVENT);
  });

  it("gives nothing for more than the baseline, and rounds down to whole watt-hours", async () => {
    const more = await called();
    const readings = [
      ...(await history(more.world, more.house, [100, 100, 100, 101])),
      ...(await history(more.world, more.battery, [0, 0, 0, 0])),
    ];
    await more.world.seasons.connect(more.owner).claimEvent(1, EVENT, 7, readings);
    expect((await more.world.seasons.siteTally(1, 7)).pointsPpm).to.equal(0n);
    const less = await called();
    const thirds = [
      ...(await history(less.world, less.house, [100, 100, 101, 99])),
      ...(await history(less.world, less.battery, [0, 0, 0, 0])),
    ];
    await less.world.seasons.connect(less.owner).claimEvent(1, EVENT, 7, thirds);
    expect((await less.world.seasons.siteTally(1, 7)).shedWh).to.equal(1n);
  });

  it("takes readings that earned points too, and passes over a feeder", async () => {
    const { world, owner, house, battery } = await called();
    const feeder = await world.addMeter({ feeder: true });
    await world.setSite(7, owner, [house, feeder, battery]);
    const seasons = world.seasons.connect(owner);
    const readings = [
      ...(await history(world, house, [100, 100, 100, 40])),
      ...(await history(world, battery, [0, 0, 0, 0])),
    ];
    const now = readings[3];
    if (now === undefined) throw new Error();
    await world.exchange.setScarcity(1, EVENT, 1_000_000);
    await seasons.prove(1, 7, [now]);
    await seasons.claimEvent(1, EVENT, 7, readings);
    expect((await world.seasons.siteTally(1, 7)).pointsPpm).to.equal(-40_000_000n + 30_000_000n);
  });

  it("asks for every meter's readings in order, and no others", async () => {
    const { world, owner, house, battery } = await called();
    const seasons = world.seasons.connect(owner);
    const own = await history(world, house, [100, 100, 100, 40]);
    const others = await history(world, battery, [0, 0, 0, 0]);
    const all: Proven[] = [...own, ...others];
    const refused: { readings: Proven[]; args: unknown[] }[] = [
      { readings: [], args: [0, house.address, EVENT - DAY] },
      { readings: [...own], args: [4, battery.address, EVENT - DAY] },
      { readings: [...others, ...own], args: [0, house.address, EVENT - DAY] },
      { readings: [...all.slice(0, 3), ...others], args: [3, house.address, EVENT] },
      { readings: [...all, ...own], args: [8, `0x${"0".repeat(40)}`, 0] },
    ];
    for (const { readings, args } of refused) {
      await expect(seasons.claimEvent(1, EVENT, 7, readings))
        .to.be.revertedWithCustomError(seasons, "UnexpectedReading")
        .withArgs(...args);
    }
    const [gap] = await world.settle(house, [{ slot: EVENT - DAY, importWh: 100, gap: true }]);
    if (gap === undefined) throw new Error();
    await expect(seasons.claimEvent(1, EVENT, 7, [gap, ...all.slice(1)])).to.be.revertedWithCustomError(
      seasons,
      "GapReading",
    );
  });

  it("is for the owner of an enrolled site of the zone, for a slot of the event, until the claims end", async () => {
    const { world, owner } = await called();
    const seasons = world.seasons.connect(owner);
    await expect(world.seasons.claimEvent(1, EVENT, 7, [])).to.be.revertedWithCustomError(seasons, "NotEntitled");
    for (const [event, slot] of [
      [0, EVENT],
      [2, EVENT],
      [1, EVENT - 1],
      [1, EVENT + 2],
    ] as const) {
      await expect(seasons.claimEvent(event, slot, 7, [])).to.be.revertedWithCustomError(seasons, "UnknownEvent");
    }
    await world.setSite(8, owner, [await world.addMeter()]);
    await expect(seasons.claimEvent(1, EVENT, 8, []))
      .to.be.revertedWithCustomError(seasons, "WrongStage")
      .withArgs(1, 8, 0);
    await world.setSite(9, owner, [await world.addMeter({ zone: 2 })], 2);
    await expect(seasons.claimEvent(1, EVENT, 9, []))
      .to.be.revertedWithCustomError(seasons, "UnknownEvent")
      .withArgs(1, EVENT);
    await world.mineAt(START + 2 * SEASON_SLOTS);
    await expect(seasons.claimEvent(1, EVENT, 7, [])).to.be.revertedWithCustomError(seasons, "ClaimsClosed");
  });
});
