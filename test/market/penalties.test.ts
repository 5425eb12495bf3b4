import { expect } from "chai";
import { findEquivocations } from "../../src/market/equivocations.ts";
import { NO_FLAGS } from "../../src/market/meterWord.ts";
import { faultCut, isImpossible, isPunishable, tradeWithEachOther } from "../../src/market/penalties.ts";
import { signReading } from "../../src/market/sign.ts";
import { isBeyondStorage, storageAllowanceWh } from "../../src/market/storagePhysics.ts";
import { DOMAIN, keyOf, meterWord } from "./helpers.ts";

describe("the cut of a fault, by hand", () => {
  // 1,024 Wh x 101 slots x 300,000 ticks = 31,027,200,000 ticks, of which half is cut.
  const limits = { capPrice: 600_000, exportCapPrice: 300_000 };
  const meter = { kind: "prosumer", powerClass: 32 } as const;

  it("is half of the meter's part: a quarter of it for the reporter", () => {
    expect(faultCut(limits, meter, 31_027_200_000n)).to.deep.equal({
      cutTicks: 15_513_600_000n,
      rewardTicks: 3_878_400_000n,
      seasonTicks: 11_635_200_000n,
    });
  });

  it("is what is left of the bond where that is less, the odd ticks for the season", () => {
    expect(faultCut(limits, meter, 7n)).to.deep.equal({ cutTicks: 7n, rewardTicks: 1n, seasonTicks: 6n });
    expect(faultCut(limits, meter, 3n)).to.deep.equal({ cutTicks: 3n, rewardTicks: 0n, seasonTicks: 3n });
    expect(faultCut(limits, meter, 0n)).to.deep.equal({ cutTicks: 0n, rewardTicks: 0n, seasonTicks: 0n });
  });

  it("is nothing for a meter that may not export", () => {
    expect(faultCut(limits, { kind: "consumer", powerClass: 32 }, 10n ** 12n).cutTicks).to.equal(0n);
  });
});

describe("what is a fault", () => {
  const word = meterWord({ zone: 1, lastSlot: 100, importWh: 5_000, exportWh: 7_000, powerClass: 32 });
  const reading = (slot: number, importWh: number, exportWh: number) => ({ zone: 1, slot, importWh, exportWh });

  it("is energy beyond rated power, in the time since the last reading", () => {
    expect(isImpossible(word, reading(101, 6_024, 8_024))).to.equal(false);
    expect(isImpossible(word, reading(101, 6_025, 7_000))).to.equal(true);
    expect(isImpossible(word, reading(101, 5_000, 8_025))).to.equal(true);
    expect(isImpossible(word, reading(103, 5_000, 7_000 + 3 * 1_024))).to.equal(false);
    expect(isImpossible(word, reading(103, 5_000, 7_001 + 3 * 1_024))).to.equal(true);
  });

  it("is neither a slot that was read nor a register that went down", () => {
    expect(isImpossible(word, reading(100, 99_999, 99_999))).to.equal(false);
    expect(isImpossible(word, reading(101, 0, 0))).to.equal(false);
  });

  it("is a storage that gave more than it took in and may have held", () => {
    const storage = { firstImportWh: 5_000, firstExportWh: 7_000, allowanceWh: 100, bestEfficiencyPpm: 900_000 };
    expect(isImpossible(word, reading(101, 5_200, 7_280), storage)).to.equal(false);
    expect(isImpossible(word, reading(101, 5_200, 7_281), storage)).to.equal(true);
    expect(isImpossible(word, reading(101, 0, 7_101), storage)).to.equal(true);
  });

  it("is punished for 127 slots", () => {
    expect(isPunishable(1_000, 1_127)).to.equal(true);
    expect(isPunishable(1_000, 1_128)).to.equal(false);
    expect(isPunishable(1_000, 900)).to.equal(true);
  });

  it("is not, but earns nothing: two meters on opposite sides of a slot", () => {
    const seller = { ...word, laneOdd: { side: "offer", energyWh: 5 } } as const;
    const buyer = { ...word, lastSlot: 99, laneOdd: { side: "bid", energyWh: 1 }, flags: NO_FLAGS } as const;
    expect(tradeWithEachOther(seller, buyer, 101)).to.equal(true);
    expect(tradeWithEachOther(buyer, seller, 101)).to.equal(true);
    expect(tradeWithEachOther(seller, seller, 101)).to.equal(false);
    expect(tradeWithEachOther(seller, word, 101)).to.equal(false);
    // The lane is of slot 101 for both, or of no slot that they share.
    expect(tradeWithEachOther(seller, { ...buyer, lastSlot: 98 }, 101)).to.equal(false);
    expect(tradeWithEachOther(seller, { ...buyer, zone: 0 }, 101)).to.equal(false);
    expect(tradeWithEachOther(seller, buyer, 103)).to.equal(false);
  });
});

describe("a storage's count", () => {
  const storage = { firstImportWh: 1_000, firstExportWh: 500, allowanceWh: 100, bestEfficiencyPpm: 900_000 };

  it("gives the next device what this one may still give, whatever its registers", () => {
    // 201 taken in give 180 (180.9 rounded down), 100 were allowed before, 60 are given.
    const left = storageAllowanceWh(storage, 1_201, 560);
    expect(left).to.equal(220);
    const next = { ...storage, firstImportWh: 3, firstExportWh: 0, allowanceWh: left };
    expect(isBeyondStorage(next, 3, 220)).to.equal(false);
    expect(isBeyondStorage(next, 3, 221)).to.equal(true);
  });

  it("stays within its field", () => {
    const full = { ...storage, allowanceWh: 2 ** 48 - 1 };
    expect(storageAllowanceWh(full, 2 ** 40 - 1, 500)).to.equal(2 ** 48 - 1);
  });
});

describe("looking for contradictions", () => {
  const sign = (key: number, slot: number, importWh: number, zone = 1) => {
    const { meter, ...rest } = signReading(DOMAIN, keyOf(key), { zone, slot, importWh, exportWh: 9 });
    return { meter, rest };
  };

  it("finds each meter and slot with two tales, once, by its signatures", () => {
    const [a, again, b, c] = [sign(1, 50, 10), sign(1, 50, 10), sign(1, 50, 11), sign(1, 50, 12)];
    const others = [sign(2, 50, 11), sign(1, 51, 11), sign(1, 50, 11, 2)];
    const found = findEquivocations(
      DOMAIN,
      [a, again, ...others, b, c].map(({ rest }) => rest),
    );
    expect(found).to.have.length(1);
    const [only] = found;
    expect([only?.meter, only?.zone, only?.slot]).to.deep.equal([a.meter, 1, 50]);
    expect(only?.readings.map(({ importWh }) => importWh)).to.deep.equal([10, 11]);
  });

  it("finds nothing where nothing contradicts", () => {
    expect(findEquivocations(DOMAIN, [])).to.deep.equal([]);
    expect(
      findEquivocations(
        DOMAIN,
        [sign(1, 50, 10), sign(2, 50, 11)].map(({ rest }) => rest),
      ),
    ).to.deep.equal([]);
  });
});
