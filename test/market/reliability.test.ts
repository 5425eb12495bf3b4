import { expect } from "chai";
import {
  encodeMeterWord,
  NEUTRAL_RELIABILITY,
  NO_FLAGS,
  withDelivery,
  type MeterWord,
} from "../../src/market/meterWord.ts";

/** A meter that carries at most 256 Wh a slot, so that trades below 16 Wh are light. */
const METER: MeterWord = {
  importWh: 0,
  exportWh: 0,
  lastSlot: 1,
  laneEven: null,
  laneOdd: null,
  balanceTicks: 0n,
  reliability: NEUTRAL_RELIABILITY,
  tier: 0,
  flags: NO_FLAGS,
  powerClass: 0,
  zone: 1,
};

function after(positionWh: number, meteredWh: number, reliability = NEUTRAL_RELIABILITY): number {
  return withDelivery({ ...METER, reliability }, positionWh, meteredWh).reliability;
}

describe("reliability of a meter", () => {
  it("moves a 32nd of the way for a trade of full weight: worked out by hand", () => {
    // (100 * 4095 - 100 * 2048) / (100 * 32) = 2047 / 32 = 63.96…
    expect(after(100, 100)).to.equal(2048 + 63);
    // Half delivered: (50 * 4095 - 100 * 2048) / (100 * 32) = -50 / 3200 = -0.01…, which is nothing
    expect(after(100, 50)).to.equal(2048);
    // Nothing delivered: -2048 / 32
    expect(after(100, 0)).to.equal(2048 - 64);
  });

  it("weighs a trade by the share of the metered energy that was traded", () => {
    // All 100 Wh delivered, but 200 Wh metered: (100 * 4095 - 100 * 2048) / (200 * 32) = 31.98…
    expect(after(100, 200)).to.equal(2048 + 31);
    expect(after(25, 200)).to.equal(2048 + 7);
  });

  it("gives next to nothing for trades of next to nothing", () => {
    // 1 Wh against a 16th of 256 Wh: 2047 / (16 * 32) = 3.99…
    expect(after(1, 1)).to.equal(2048 + 3);
    const large = { ...METER, powerClass: 0x60 };
    expect(withDelivery(large, 1, 1).reliability, "1 Wh at 65 kW").to.equal(2048);
  });

  it("leaves about half of the distance after 22 trades of full weight", () => {
    let reliability = NEUTRAL_RELIABILITY;
    for (let trade = 0; trade < 22; ++trade) reliability = after(100, 100, reliability);
    expect((4095 - reliability) / (4095 - NEUTRAL_RELIABILITY)).to.be.within(0.49, 0.51);
  });

  it("stays within its twelve bits from both ends, whatever is traded and metered", () => {
    for (const [positionWh, meteredWh] of [
      [1, 0],
      [1, 2 ** 25],
      [2 ** 25 - 1, 0],
      [2 ** 25 - 1, 2 ** 25],
    ] as const) {
      for (const reliability of [0, 4095]) {
        const moved = withDelivery({ ...METER, powerClass: 255, reliability }, positionWh, meteredWh);
        expect(moved.reliability).to.be.within(0, 4095);
        expect(() => encodeMeterWord(moved)).not.to.throw();
      }
    }
  });
});
