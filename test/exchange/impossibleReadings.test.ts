import { expect } from "chai";
import hre from "hardhat";
import { FAULT_CODES, faultHash } from "../../src/market/penalties.ts";
import { replaceDevice } from "../support/consents.ts";
import { CUT, LIMIT_WH, reading, REWARD } from "./faults.ts";
import { addZone, community, S, type Community } from "./given.ts";

describe("a reading that cannot be", () => {
  let given: () => Promise<Community>;
  before(async () => {
    const connection = await hre.network.create();
    async function faulty() {
      return community(connection);
    }
    given = () => connection.networkHelpers.loadFixture(faulty);
  });

  describe("reportImpossible", () => {
    it("refuses readings that are no readings by their bytes, strangers and foreign zones", async () => {
      const { market, seller } = await given();
      const { exchange } = market;
      const lie = reading(market, seller, S, 0, LIMIT_WH + 1);
      await expect(exchange.reportImpossible(1, S, `${lie}00`))
        .to.be.revertedWithCustomError(exchange, "BadBatchLength")
        .withArgs(75);
      await expect(exchange.reportImpossible(1, S, `${lie.slice(0, 22)}${"00".repeat(64)}`))
        .to.be.revertedWithCustomError(exchange, "UnrecoverableSignature")
        .withArgs(0);
      await expect(exchange.reportImpossible(1, S + 1, lie)).to.be.revertedWithCustomError(exchange, "UnknownMeter");
      await addZone(market, 2, 8);
      await expect(exchange.reportImpossible(2, S, reading(market, seller, S, 0, LIMIT_WH + 1, 2)))
        .to.be.revertedWithCustomError(exchange, "WrongZone")
        .withArgs(seller.address, S);
    });

    it("refuses a slot that is read, a slot too old, and a meter that is retired", async () => {
      const { market, seller } = await given();
      const { exchange } = market;
      await market.at(S + 1, 1);
      await market.settleFlows(S, [{ meter: seller, exportWh: 100 }]);
      await expect(exchange.reportImpossible(1, S, reading(market, seller, S, 0, 9_999)))
        .to.be.revertedWithCustomError(exchange, "ReadingTooOld")
        .withArgs(seller.address, S);
      const lie = reading(market, seller, S + 1, 0, 9_999);
      await replaceDevice(market, seller, market.newKey());
      await expect(exchange.reportImpossible(1, S + 1, lie))
        .to.be.revertedWithCustomError(exchange, "BadMeterStatus")
        .withArgs(seller.address, 3);
      await market.at(S + 129, 0);
      await expect(exchange.reportImpossible(1, S + 1, lie))
        .to.be.revertedWithCustomError(exchange, "SlotOutOfRange")
        .withArgs(S + 1);
    });

    it("allows what rated power allows for the time since the last reading, and not a watt-hour more", async () => {
      const { market, seller } = await given();
      const { exchange } = market;
      for (const [slots, importWh, exportWh] of [
        [1, LIMIT_WH, LIMIT_WH],
        [3, 3 * LIMIT_WH, 0],
        [5, 0, 5 * LIMIT_WH],
      ] as const) {
        const slot = S - 1 + slots;
        const possible = reading(market, seller, slot, importWh, exportWh);
        await expect(exchange.reportImpossible(1, slot, possible)).to.be.revertedWithCustomError(
          exchange,
          "NothingProven",
        );
        const grown = [importWh, exportWh].map((wh) => (wh === slots * LIMIT_WH ? wh + 1 : wh));
        const [moreIn = 0, moreOut = 0] = grown;
        await expect(exchange.reportImpossible(1, slot, reading(market, seller, slot, moreIn, moreOut)))
          .to.emit(exchange, "Penalised")
          .withArgs(
            seller.site,
            seller.address,
            slot,
            FAULT_CODES.impossible,
            (cut: bigint) => cut <= CUT,
            (reward: bigint) => reward <= REWARD,
            (reporter: string) => reporter !== seller.owner.address,
          );
      }
      expect((await exchange.siteInfo(seller.site)).bondTicks).to.equal(0n);
    });

    it("takes the largest registers there are", async () => {
      const { market, seller } = await given();
      const most = 2 ** 40 - 1;
      await market.exchange.reportImpossible(1, S, reading(market, seller, S, most, most));
      // So far ahead even that is possible.
      const last = 2 ** 24 - 1;
      const wide = await market.addMeter({ kind: "producer", source: "hydro", powerClass: 255 });
      await expect(
        market.exchange.reportImpossible(1, last, reading(market, wide, last, most, most)),
      ).to.be.revertedWithCustomError(market.exchange, "NothingProven");
    });

    it("does not punish a register that went down: a reset device does that", async () => {
      const { market } = await given();
      const meter = await market.addMeter({ kind: "producer", source: "solar", importWh: 5_000, exportWh: 9_000 });
      for (const [importWh, exportWh] of [
        [0, 0],
        [0, 9_000],
        [5_000, 0],
      ] as const) {
        await expect(
          market.exchange.reportImpossible(1, S, reading(market, meter, S, importWh, exportWh)),
        ).to.be.revertedWithCustomError(market.exchange, "NothingProven");
      }
      // The other register still counts.
      await expect(market.exchange.reportImpossible(1, S, reading(market, meter, S, 0, 9_001 + LIMIT_WH))).to.emit(
        market.exchange,
        "Penalised",
      );
    });

    it("holds a storage to what it took in and may have held", async () => {
      const { market } = await given();
      const { exchange } = market;
      const battery = await market.addMeter({
        kind: "storage",
        source: "storage",
        storageCapacityWh: 1_000,
        bestEfficiencyPpm: 900_000,
        importWh: 50,
        exportWh: 70,
      });
      // 200 taken in give 180, and 1,000 may have been there.
      for (const [importWh, exportWh] of [
        [250, 1_250],
        [50, 1_070],
        [0, 0],
        [0, 1_070],
        [250, 0],
      ] as const) {
        await expect(
          exchange.reportImpossible(1, S, reading(market, battery, S, importWh, exportWh)),
        ).to.be.revertedWithCustomError(exchange, "NothingProven");
      }
      await expect(exchange.reportImpossible(1, S, reading(market, battery, S, 250, 1_251)))
        .to.emit(exchange, "Penalised")
        .withArgs(battery.site, battery.address, S, 2, CUT, REWARD, (reporter: string) => reporter !== battery.address);
      await expect(exchange.reportImpossible(1, S + 1, reading(market, battery, S + 1, 0, 1_071))).to.emit(
        exchange,
        "Penalised",
      );
    });

    it("punishes once, and beside an equivocation of the same slot", async () => {
      const { market, seller } = await given();
      const { exchange } = market;
      const lie = reading(market, seller, S, 0, LIMIT_WH + 1);
      await exchange.reportImpossible(1, S, lie);
      await expect(exchange.reportImpossible(1, S, reading(market, seller, S, 0, LIMIT_WH + 2)))
        .to.be.revertedWithCustomError(exchange, "AlreadyPenalised")
        .withArgs(faultHash("impossible", seller.address, S));
      await exchange.reportEquivocation(1, S, lie, reading(market, seller, S, 0, 0));
      const site = await exchange.siteInfo(seller.site);
      expect([site.bondTicks, site.faults]).to.deep.equal([0n, 2n]);
    });
  });
});
