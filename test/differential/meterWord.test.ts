import { expect } from "chai";
import hre from "hardhat";
import {
  decodeMeterWord,
  encodeMeterWord,
  isMeter,
  meterSlotLimitWh,
  withDelivery,
} from "../../src/market/meterWord.ts";
import type { MeterWordHarness } from "../../typechain-types/index.ts";
import { Choices, fuzzRuns } from "./random.ts";

const RUNS = fuzzRuns(14);
const NAMES = [
  "importWh",
  "exportWh",
  "lastSlot",
  "laneEven",
  "laneOdd",
  "balanceTicks",
  "reliability",
  "tier",
  "flags",
  "powerClass",
  "zone",
] as const;
type Fields = Record<(typeof NAMES)[number], bigint>;
/** Widths by the layout that stands in the contract's comment, least significant field first. */
const WIDTHS: Record<(typeof NAMES)[number], number> = {
  importWh: 40,
  exportWh: 40,
  lastSlot: 24,
  laneEven: 27,
  laneOdd: 27,
  balanceTicks: 58,
  reliability: 12,
  tier: 3,
  flags: 5,
  powerClass: 8,
  zone: 12,
};

/** The plain twin: fields side by side. */
function packed(fields: Fields): bigint {
  let word = 0n;
  let shift = 0n;
  for (const name of NAMES) {
    word |= fields[name] << shift;
    shift += BigInt(WIDTHS[name]);
  }
  expect(shift).to.equal(256n);
  return word;
}

describe("the packed word of a meter beside a plain struct", () => {
  const choices = new Choices("meter words");
  let harness: MeterWordHarness;
  before(async () => {
    const { ethers } = await hre.network.create();
    harness = await ethers.deployContract("MeterWordHarness");
  });

  function randomFields(): Fields {
    const fields = Object.fromEntries(NAMES.map((name) => [name, choices.edged(WIDTHS[name])])) as Fields;
    // Lanes hold nothing, a purchase or a sale.
    for (const lane of ["laneEven", "laneOdd"] as const) {
      const side = BigInt(choices.whole(0, 2));
      fields[lane] = side === 0n ? 0n : (side << 25n) | choices.edged(25);
    }
    return fields;
  }

  const plain = (read: Awaited<ReturnType<MeterWordHarness["read"]>>): Fields =>
    Object.fromEntries(NAMES.map((name) => [name, read[name]])) as Fields;

  it("reads every field back, at the edges too, and the library agrees", async () => {
    for (let i = 0; i < RUNS; ++i) {
      const fields = randomFields();
      const word = packed(fields);
      expect(plain(await harness.read(word))).to.deep.equal(fields);
      const decoded = decodeMeterWord(word);
      expect(encodeMeterWord(decoded)).to.equal(word);
      const flag = 1n << BigInt(choices.whole(0, 4));
      const [meter, open, has, limitWh] = await harness.facts(word, flag);
      expect(meter)
        .to.equal(fields.zone !== 0n)
        .and.to.equal(isMeter(decoded));
      expect(open).to.equal(fields.laneEven !== 0n || fields.laneOdd !== 0n);
      expect(has).to.equal((fields.flags & flag) !== 0n);
      expect(Number(limitWh)).to.equal(meterSlotLimitWh(decoded));
    }
  });

  it("writes one thing and leaves the rest", async () => {
    for (let i = 0; i < RUNS; ++i) {
      const fields = randomFields();
      const word = packed(fields);
      const next = randomFields();
      const slot = choices.whole(0, 1);
      const lane = slot === 0 ? "laneEven" : "laneOdd";
      const { importWh, exportWh, lastSlot, balanceTicks } = next;
      expect(plain(await harness.withRegisters(word, importWh, exportWh, lastSlot))).to.deep.equal({
        ...fields,
        importWh,
        exportWh,
        lastSlot,
      });
      expect(plain(await harness.withLane(word, slot, next[lane]))).to.deep.equal({ ...fields, [lane]: next[lane] });
      expect(plain(await harness.withBalance(word, balanceTicks))).to.deep.equal({ ...fields, balanceTicks });
      const empty = { ...fields, [lane]: 0n };
      expect(plain(await harness.withPosition(packed(empty), slot, next[lane], balanceTicks))).to.deep.equal({
        ...empty,
        [lane]: next[lane],
        balanceTicks,
      });
      const flag = 1n << BigInt(choices.whole(0, 4));
      expect(plain(await harness.withFlag(word, flag, true))).to.deep.equal({ ...fields, flags: fields.flags | flag });
      expect(plain(await harness.withFlag(word, flag, false))).to.deep.equal({
        ...fields,
        flags: fields.flags & ~flag,
      });
      expect(plain(await harness.retired(word))).to.deep.equal({ ...fields, zone: 0n });
    }
  });

  it("moves reliability as the plain twin does", async () => {
    for (let run = 0; run < RUNS; ++run) {
      const fields = randomFields();
      const word = decodeMeterWord(packed(fields));
      const positionWh = Math.max(1, Number(choices.edged(25)));
      const meteredWh = Number(choices.edged(25));
      const moved = await harness.withDelivery(packed(fields), positionWh, meteredWh);
      const expected = withDelivery(word, positionWh, meteredWh);
      expect(moved.reliability, `${String(positionWh)} Wh traded, ${String(meteredWh)} Wh metered`).to.equal(
        expected.reliability,
      );
      expect(moved.balanceTicks).to.equal(fields.balanceTicks);
      expect(moved.tier).to.equal(fields.tier);
      expect(moved.laneOdd).to.equal(fields.laneOdd);
    }
  });

  it("begins a meter without position or money and with neutral reliability", async () => {
    for (let i = 0; i < RUNS; ++i) {
      const { zone, powerClass, flags, lastSlot, importWh, exportWh } = randomFields();
      expect(plain(await harness.create(zone, powerClass, flags, lastSlot, importWh, exportWh))).to.deep.equal({
        importWh,
        exportWh,
        lastSlot,
        laneEven: 0n,
        laneOdd: 0n,
        balanceTicks: 0n,
        reliability: 0x800n,
        tier: 0n,
        flags,
        powerClass,
        zone,
      });
    }
  });

  it("lets trade exactly the meters whose fields allow it", async () => {
    const seen = new Set<boolean>();
    for (let i = 0; i < RUNS; ++i) {
      const fields = { ...randomFields(), zone: BigInt(choices.whole(0, 2)), lastSlot: BigInt(choices.whole(7, 8)) };
      fields.flags = choices.of([0n, 4n, 4n, 8n, 12n, fields.flags]);
      const offers = choices.chance(0.5);
      const may =
        fields.zone === 1n &&
        fields.lastSlot === 7n &&
        (fields.flags & 0b10011n) === 0n &&
        (!offers || (fields.flags & 4n) !== 0n);
      expect(await harness.mayTrade(packed(fields), 1, 7, offers)).to.equal(may);
      seen.add(may);
    }
    expect(seen.size).to.equal(2);
  });

  it("packs a lane as side and energy", async () => {
    for (const energyWh of [1, 0xffffff, 2 ** 25 - 1]) {
      expect([...(await harness.lane(1, energyWh))]).to.deep.equal([
        BigInt(2 ** 25 + energyWh),
        true,
        false,
        BigInt(energyWh),
      ]);
      expect([...(await harness.lane(2, energyWh))]).to.deep.equal([
        BigInt(2 ** 26 + energyWh),
        true,
        true,
        BigInt(energyWh),
      ]);
    }
  });
});
