import { expect } from "chai";
import hre from "hardhat";
import { isImpossible } from "../../src/market/penalties.ts";
import { storageAllowanceWh, type StorageFacts } from "../../src/market/storagePhysics.ts";
import { LIMIT_WH, reading } from "../exchange/faults.ts";
import { replaceDevice } from "../support/consents.ts";
import { deployTestMarket, FIRST_SLOT as S, type TestMarket, type TestMeter } from "../support/testMarket.ts";
import { Choices, fuzzRuns } from "./random.ts";

const READINGS = fuzzRuns(20);
const STORAGE = { kind: "storage", source: "storage", storageCapacityWh: 3_000, bestEfficiencyPpm: 870_000 } as const;

describe("impossible readings, contract and twin", () => {
  const choices = new Choices("impossible readings");
  let market: TestMarket;

  before(async () => {
    market = await deployTestMarket(await hre.network.create());
  });

  /** Whether the contract would punish the reading. */
  async function punished(meter: TestMeter, slot: number, importWh: number, exportWh: number): Promise<boolean> {
    const bytes = reading(market, meter, slot, importWh, exportWh);
    return market.exchange.reportImpossible.staticCall(1, slot, bytes).then(
      () => true,
      (error: unknown) => {
        expect(String(error)).to.contain("NothingProven");
        return false;
      },
    );
  }

  async function compare(meter: TestMeter, storage?: StorageFacts): Promise<void> {
    const word = await market.word(meter);
    const found = { true: 0, false: 0 };
    for (let run = 0; run < READINGS; ++run) {
      const slots = choices.whole(1, 6);
      const slot = word.lastSlot + slots;
      // Around the edges: what rated power allows, what the storage holds, and falling registers.
      const edge = () => choices.of([0, slots * LIMIT_WH, 3_000, choices.whole(0, slots * LIMIT_WH)]);
      const importWh = Math.max(0, word.importWh + edge() + choices.whole(-2, 2));
      const taken = Math.floor((Math.max(0, importWh - word.importWh) * 870_000) / 1_000_000);
      const exportWh = Math.max(0, word.exportWh + choices.of([edge(), 3_000 + taken]) + choices.whole(-2, 2));
      const expected = isImpossible(word, { zone: 1, slot, importWh, exportWh }, storage);
      expect(await punished(meter, slot, importWh, exportWh), `${slots} ${importWh} ${exportWh}`).to.equal(expected);
      found[`${expected}`] += 1;
    }
    expect(Math.min(found.true, found.false)).to.be.greaterThan(READINGS / 20);
  }

  it("agree on a generator", async () => {
    await compare(await market.addMeter({ kind: "producer", source: "wind", importWh: 900, exportWh: 77_000 }));
  });

  it("agree on a battery, and on the one that replaces its meter", async () => {
    const battery = await market.addMeter({ ...STORAGE, importWh: 900, exportWh: 77_000 });
    const first: StorageFacts = {
      firstImportWh: 900,
      firstExportWh: 77_000,
      allowanceWh: 3_000,
      bestEfficiencyPpm: 870_000,
    };
    await compare(battery, first);
    await market.at(S + 1, 10);
    await market.settleFlows(S, [{ meter: battery, importWh: 1_234, exportWh: 2_345 }]);
    await compare(battery, first);
    const { meter } = await replaceDevice(market, battery, market.newKey(), { importWh: 5, exportWh: 0 });
    const allowanceWh = storageAllowanceWh(first, 2_134, 79_345);
    expect((await market.exchange.meterConfig(meter.address)).storageAllowanceWh).to.equal(BigInt(allowanceWh));
    await compare(meter, { ...first, firstImportWh: 5, firstExportWh: 0, allowanceWh });
  });
});
