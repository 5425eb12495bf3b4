import { expect } from "chai";
import { proveUse, type ProveUseParameters } from "../../src/compute/proveUse.ts";
import type { SettledReadings } from "../../src/game/settledReadings.ts";
import { codeOf, keyOf } from "../market/helpers.ts";

const METER = keyOf(1).address;
const SLOT = 1_944_983;

/** One settled reading of 700 Wh. */
function readings(flags = 0): SettledReadings {
  const leaf = { meter: METER, zone: 1, slot: SLOT, importWh: 700, exportWh: 0, flags };
  return {
    of: () => [],
    prove: (meter, slot) => (meter === METER && slot === SLOT ? { leaf, root: "0x01", proof: ["0x02"] } : undefined),
  };
}

const use = (changes: Partial<ProveUseParameters> = {}): ProveUseParameters => ({
  readings: readings(),
  meter: METER,
  slot: SLOT,
  acceleratorSeconds: 3_600,
  powerW: 700,
  usedWh: 0,
  ...changes,
});

describe("the proof of a slot's use", () => {
  it("is for the energy that the offer declares, rounded up, with the slot's reading", () => {
    // 3,600 accelerator-seconds at 700 W are 700 Wh; 1,801 at 350 W are 175.097 Wh.
    expect(proveUse(use())).to.deep.equal({
      energyWh: 700,
      reading: readings().prove(METER, SLOT),
    });
    expect(proveUse(use({ acceleratorSeconds: 1_801, powerW: 350 })).energyWh).to.equal(176);
    expect(proveUse(use({ energyWh: 5 })).energyWh).to.equal(5);
  });

  it("is not there without a reading of the slot, or with one that spans several", () => {
    expect(codeOf(() => proveUse(use({ slot: SLOT - 1 })))).to.equal("READING_NOT_SETTLED");
    expect(codeOf(() => proveUse(use({ readings: readings(1) })))).to.equal("READING_IS_GAP");
  });

  it("takes no watt-hour that was not read, or that proved something before", () => {
    expect(codeOf(() => proveUse(use({ energyWh: 701 })))).to.equal("EVIDENCE_SHORT");
    expect(proveUse(use({ energyWh: 600, usedWh: 100 })).energyWh).to.equal(600);
    expect(codeOf(() => proveUse(use({ energyWh: 600, usedWh: 101 })))).to.equal("EVIDENCE_SHORT");
  });
});
