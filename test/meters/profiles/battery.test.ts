import { expect } from "chai";
import fc from "fast-check";
import { batterySchedule } from "../../../src/meters/profiles/batterySchedule.ts";

const storages = fc.record({
  capacityWh: fc.integer({ min: 1, max: 20_000 }),
  powerW: fc.integer({ min: 4, max: 10_000 }),
  roundTripPpm: fc.integer({ min: 500_000, max: 1_000_000 }),
});
const nets = fc.array(fc.integer({ min: -4_000, max: 4_000 }), { minLength: 1, maxLength: 300 });

describe("a battery", () => {
  it("never gives back more than efficiency times what it took, nor holds more than its capacity", () => {
    fc.assert(
      fc.property(storages, nets, (storage, net) => {
        const { importWh, exportWh } = batterySchedule({ storage, siteNetWh: Int32Array.from(net) });
        let taken = 0n;
        let given = 0n;
        net.forEach((_, index) => {
          taken += BigInt(importWh[index] ?? 0);
          given += BigInt(exportWh[index] ?? 0);
          const stored = (taken * BigInt(storage.roundTripPpm)) / 1_000_000n - given;
          expect(stored >= 0n && stored <= BigInt(storage.capacityWh)).to.be.true;
        });
      }),
    );
  });

  it("keeps to its power, charges from surplus only and discharges into deficit only, never beyond them", () => {
    fc.assert(
      fc.property(storages, nets, (storage, net) => {
        const { importWh, exportWh } = batterySchedule({ storage, siteNetWh: Int32Array.from(net) });
        net.forEach((netWh, index) => {
          expect(importWh[index]).to.be.at.most(Math.min(Math.max(-netWh, 0), storage.powerW / 4));
          expect(exportWh[index]).to.be.at.most(Math.min(Math.max(netWh, 0), storage.powerW / 4));
        });
      }),
    );
  });

  it("follows a worked example: 1,000 Wh at 90 % and 2 kW", () => {
    const storage = { capacityWh: 1_000, powerW: 2_000, roundTripPpm: 900_000 };
    const { importWh, exportWh } = batterySchedule({
      storage,
      siteNetWh: Int32Array.of(300, -700, -501, -900, 200, 900, 900),
    });
    // Empty at first; 500 gives 450, 500 more gives 900; 112 fill it, for 1112 x 0.9 = 1000.8; then out it goes.
    expect([...importWh]).to.deep.equal([0, 500, 500, 112, 0, 0, 0]);
    expect([...exportWh]).to.deep.equal([0, 0, 0, 0, 200, 500, 300]);
  });

  it("stops at its capacity to the Wh", () => {
    const storage = { capacityWh: 100, powerW: 8_000, roundTripPpm: 1_000_000 };
    const { importWh } = batterySchedule({ storage, siteNetWh: Int32Array.of(-60, -500, -500) });
    expect([...importWh]).to.deep.equal([60, 40, 0]);
  });

  it("wastes nothing of a surplus that fits: without losses all of it comes back", () => {
    const storage = { capacityWh: 10_000, powerW: 8_000, roundTripPpm: 1_000_000 };
    const { importWh, exportWh } = batterySchedule({ storage, siteNetWh: Int32Array.of(-1_999, -777, 2_000, 2_000) });
    expect([...importWh]).to.deep.equal([1_999, 777, 0, 0]);
    expect([...exportWh]).to.deep.equal([0, 0, 2_000, 776]);
  });
});
