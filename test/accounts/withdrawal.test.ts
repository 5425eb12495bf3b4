import { expect } from "chai";
import { ZeroAddress } from "ethers";
import hre from "hardhat";
import { BALANCE_CEILING_TICKS } from "../../src/market/meterWord.ts";
import { deployTestMarket, FIRST_SLOT, type TestMarket, type TestMeter } from "../support/testMarket.ts";

const connection = await hre.network.create();
const { ethers, networkHelpers } = connection;
const S = FIRST_SLOT;
const BASE = 10n ** 9n;

async function deployed(): Promise<{ market: TestMarket; meter: TestMeter; feeder: TestMeter }> {
  const market = await deployTestMarket(connection);
  const meter = await market.addMeter({ kind: "consumer", balanceTicks: 1_000_000_000n });
  const feeder = await market.addMeter({ kind: "feeder", balanceTicks: 0n });
  return { market, meter, feeder };
}

async function load() {
  const parts = await networkHelpers.loadFixture(deployed);
  const { market, meter } = parts;
  return { ...parts, exchange: market.exchange.connect(meter.owner), to: market.inspector.address };
}

/** Read every meter of slot S and close it: balanced, or flagged because the feeder says otherwise. */
async function closeFirstSlot(market: TestMarket, meter: TestMeter, feeder: TestMeter, feederWh: number) {
  await market.at(S + 1, 1);
  await market.settleFlows(S, [
    { meter, importWh: 100 },
    { meter: feeder, importWh: feederWh },
  ]);
  return market.exchange.close(1, S, []);
}

describe("withdrawals", () => {
  describe("requestWithdrawal", () => {
    it("refuses everybody but the owner, and addresses that are no meter", async () => {
      const { market, exchange, meter, to } = await load();
      for (const caller of [market.registrar, market.governor, market.grid, market.worker]) {
        await expect(exchange.connect(caller).requestWithdrawal(meter.address, 1, to))
          .to.be.revertedWithCustomError(exchange, "NotEntitled")
          .withArgs(caller.address);
      }
      await expect(exchange.requestWithdrawal(to, 1, to))
        .to.be.revertedWithCustomError(exchange, "UnknownMeter")
        .withArgs(to, 0);
    });

    it("refuses the address zero, nothing, and more than the balance", async () => {
      const { exchange, meter, to } = await load();
      await expect(exchange.requestWithdrawal(meter.address, 1, ZeroAddress))
        .to.be.revertedWithCustomError(exchange, "BadParameter")
        .withArgs(ethers.encodeBytes32String("to"), 0);
      await expect(exchange.requestWithdrawal(meter.address, 0, to)).to.be.revertedWithCustomError(
        exchange,
        "NothingToPay",
      );
      await expect(exchange.requestWithdrawal(meter.address, 1_000_000_001n, to))
        .to.be.revertedWithCustomError(exchange, "AmountTooLarge")
        .withArgs(1_000_000_001n, 1_000_000_000n);
    });

    it("takes the money out of the balance at once and matures with the slot under way", async () => {
      const { market, exchange, meter, to } = await load();
      await market.at(S + 2, 899);
      await expect(exchange.requestWithdrawal(meter.address, 5, to)).to.emit(exchange, "WithdrawalRequested");
      const withdrawal = await exchange.withdrawal(1);
      expect(withdrawal.to).to.equal(to);
      expect(withdrawal.amountTicks).to.equal(5n);
      expect(withdrawal.maturitySlot).to.equal(S + 2);
      expect(withdrawal.site).to.equal(meter.site);
      expect(withdrawal.meter).to.equal(meter.address);
      expect((await market.word(meter)).balanceTicks).to.equal(999_999_995n);
      expect(await exchange.requestWithdrawal.staticCall(meter.address, 5, to)).to.equal(2n);
    });

    it("takes a whole balance at its ceiling", async () => {
      const { market, exchange, meter, to } = await load();
      await market.fund(market.worker, BALANCE_CEILING_TICKS);
      await exchange.connect(market.worker).deposit(meter.address, BALANCE_CEILING_TICKS - 1_000_000_000n);
      await exchange.requestWithdrawal(meter.address, BALANCE_CEILING_TICKS, to);
      expect((await market.word(meter)).balanceTicks).to.equal(0n);
      expect((await exchange.withdrawal(1)).amountTicks).to.equal(BALANCE_CEILING_TICKS);
      await market.at(S + 5, 0);
      await exchange.passOver(1, S);
      await expect(exchange.collectWithdrawal(1)).to.changeTokenBalance(
        ethers,
        market.credit,
        to,
        BALANCE_CEILING_TICKS * BASE,
      );
    });

    it("pays debt of the site first, and refuses while debt remains", async () => {
      const { market, exchange, meter, to } = await load();
      const poor = await market.addMeter({ kind: "consumer", site: meter.site, balanceTicks: 0n });
      await market.at(S + 1, 1);
      await market.settleFlows(S, [{ meter: poor, importWh: 1_000 }]);
      const before = (await market.word(meter)).balanceTicks;
      await expect(exchange.requestWithdrawal(meter.address, before, to))
        .to.be.revertedWithCustomError(exchange, "AmountTooLarge")
        .withArgs(before, before - 300_000_000n);
      await exchange.requestWithdrawal(meter.address, before - 300_000_000n, to);
      expect((await market.word(meter)).balanceTicks).to.equal(0n);

      await market.at(S + 2, 1);
      await market.settleFlows(S + 1, [{ meter: poor, importWh: 10 }]);
      await expect(exchange.requestWithdrawal(meter.address, 1, to))
        .to.be.revertedWithCustomError(exchange, "SiteIndebted")
        .withArgs(meter.site, 3_000_000);
    });
  });

  describe("collectWithdrawal", () => {
    it("refuses what was never requested, and what was collected", async () => {
      const { market, exchange, meter, to } = await load();
      await expect(exchange.collectWithdrawal(1))
        .to.be.revertedWithCustomError(exchange, "UnknownWithdrawal")
        .withArgs(1);
      await exchange.requestWithdrawal(meter.address, 5, to);
      await market.at(S + 5, 0);
      await exchange.passOver(1, S);
      await exchange.collectWithdrawal(1);
      await expect(exchange.collectWithdrawal(1))
        .to.be.revertedWithCustomError(exchange, "UnknownWithdrawal")
        .withArgs(1);
    });

    it("refuses until the slot of the request is closed, however late it is", async () => {
      const { market, exchange, meter, to } = await load();
      await exchange.requestWithdrawal(meter.address, 5, to);
      await expect(exchange.collectWithdrawal(1))
        .to.be.revertedWithCustomError(exchange, "NotMature")
        .withArgs(S, S - 21);
      await market.at(S + 500, 0);
      await expect(exchange.collectWithdrawal(1)).to.be.revertedWithCustomError(exchange, "NotMature");
    });

    it("pays where the owner said, once the slot is closed and unflagged, whoever calls", async () => {
      const { market, exchange, meter, feeder, to } = await load();
      await exchange.requestWithdrawal(meter.address, 5, to);
      await closeFirstSlot(market, meter, feeder, 100);
      const collected = exchange.connect(market.worker).collectWithdrawal(1);
      await expect(collected).to.changeTokenBalances(ethers, market.credit, [to, exchange], [5n * BASE, -5n * BASE]);
      await expect(collected).to.emit(exchange, "WithdrawalCollected").withArgs(1, to, 5, 0);
    });

    describe("given a flag on a slot before", () => {
      it("waits until the inspector ends the inspection", async () => {
        const { market, exchange, meter, feeder, to } = await load();
        await exchange.requestWithdrawal(meter.address, 5, to);
        await expect(closeFirstSlot(market, meter, feeder, 200)).to.emit(exchange, "SlotClosed");
        expect(await exchange.isFlagged(1, S)).to.equal(true);
        await expect(exchange.collectWithdrawal(1))
          .to.be.revertedWithCustomError(exchange, "SlotUnderInspection")
          .withArgs(S);
        const asInspector = exchange.connect(market.inspector);
        await expect(asInspector.endInspection(1, S, "seal checked"))
          .to.emit(exchange, "InspectionEnded")
          .withArgs(1, S, market.inspector.address, "seal checked");
        await exchange.collectWithdrawal(1);
      });

      it("waits for the inspection deadline at most: one reading window and 96 slots after the slot", async () => {
        const { market, exchange, meter, feeder, to } = await load();
        await exchange.requestWithdrawal(meter.address, 5, to);
        await closeFirstSlot(market, meter, feeder, 200);
        await market.at(S + 101, -1);
        await expect(exchange.collectWithdrawal(1))
          .to.be.revertedWithCustomError(exchange, "SlotUnderInspection")
          .withArgs(S);
        await market.at(S + 101, 0);
        await exchange.collectWithdrawal(1);
        expect(await exchange.isFlagged(1, S)).to.equal(false);
      });

      it("is not delayed by a flag on a slot after the request", async () => {
        const { market, exchange, meter, feeder, to } = await load();
        await exchange.requestWithdrawal(meter.address, 5, to);
        await closeFirstSlot(market, meter, feeder, 100);
        await market.at(S + 2, 1);
        await market.settleFlows(S + 1, [
          { meter, importWh: 100 },
          { meter: feeder, importWh: 900 },
        ]);
        await exchange.close(1, S + 1, []);
        expect(await exchange.isFlagged(1, S + 1)).to.equal(true);
        await exchange.collectWithdrawal(1);
      });
    });

    it("pays debt that came up since the request first", async () => {
      const { market, exchange, meter, feeder, to } = await load();
      const all = (await market.word(meter)).balanceTicks;
      await exchange.requestWithdrawal(meter.address, all, to);
      await closeFirstSlot(market, meter, feeder, 100);
      expect((await exchange.siteInfo(meter.site)).debtTicks).to.equal(30_000_000n);
      const supply = await market.credit.totalSupply();
      const collected = exchange.collectWithdrawal(1);
      await expect(collected)
        .to.emit(exchange, "WithdrawalCollected")
        .withArgs(1, to, all - 30_000_000n, 30_000_000n);
      await expect(collected).to.changeTokenBalance(ethers, market.credit, to, (all - 30_000_000n) * BASE);
      expect(await market.credit.totalSupply()).to.equal(supply - 30_000_000n * BASE);
      expect((await exchange.siteInfo(meter.site)).debtTicks).to.equal(0n);
    });

    it("pays nobody where debt takes all of it", async () => {
      const { market, exchange, meter, feeder, to } = await load();
      await exchange.requestWithdrawal(meter.address, 1_000_000_000n, to);
      await market.at(S + 1, 1);
      await market.settleFlows(S, [
        { meter, importWh: 2_560 },
        { meter: feeder, importWh: 2_560 },
      ]);
      await market.at(S + 2, 1);
      await market.settleFlows(S + 1, [{ meter, importWh: 2_560 }]);
      await exchange.close(1, S, []);
      const debt = (await exchange.siteInfo(meter.site)).debtTicks;
      expect(debt).to.equal(2n * 2_560n * 300_000n);
      await expect(exchange.collectWithdrawal(1))
        .to.emit(exchange, "WithdrawalCollected")
        .withArgs(1, to, 0, 1_000_000_000n);
      expect(await market.credit.balanceOf(to)).to.equal(0n);
      expect((await exchange.siteInfo(meter.site)).debtTicks).to.equal(debt - 1_000_000_000n);
    });
  });

  describe("endInspection", () => {
    it("refuses a zone that does not exist, a slot without record, one that is open, and one that is not flagged", async () => {
      const { market, exchange, meter, feeder } = await load();
      const asInspector = exchange.connect(market.inspector);
      await expect(asInspector.endInspection(9, S, ""))
        .to.be.revertedWithCustomError(exchange, "BadZone")
        .withArgs(9);
      await expect(asInspector.endInspection(1, S, ""))
        .to.be.revertedWithCustomError(exchange, "NoSlotRecord")
        .withArgs(1, S);
      await market.at(S + 1, 1);
      await market.settleFlows(S, [
        { meter, importWh: 100 },
        { meter: feeder, importWh: 100 },
      ]);
      await expect(asInspector.endInspection(1, S, "")).to.be.revertedWithCustomError(exchange, "NoSlotRecord");
      await exchange.close(1, S, []);
      await expect(asInspector.endInspection(1, S, "")).to.be.revertedWithCustomError(exchange, "NoSlotRecord");
    });
  });
});
