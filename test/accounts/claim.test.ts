import { expect } from "chai";
import hre from "hardhat";
import { ticksToBaseUnits } from "../../src/units.ts";
import { deployTestMarket, FIRST_SLOT, type TestMarket, type TestMeter } from "../support/testMarket.ts";

const connection = await hre.network.create();
const { networkHelpers } = connection;
const S = FIRST_SLOT;
/** 100 Wh at the feed-in price of 100,000 ticks. */
const EXPORTED = 10_000_000n;

/** A producer that exported 100 Wh while nothing but sales backed credits. */
async function waiting(): Promise<{ market: TestMarket; meter: TestMeter; headroom: bigint }> {
  const market = await deployTestMarket(connection, { creditLineTicks: 0n });
  const meter = await market.addMeter({ kind: "producer", source: "solar", balanceTicks: 0n });
  await market.fund(market.worker, 1_000_000_000n);
  const headroom = await market.desk.headroomTicks();
  await market.at(S + 1, 1);
  await market.settleFlows(S, [{ meter, exportWh: 100 }]);
  return { market, meter, headroom };
}

async function load() {
  const parts = await networkHelpers.loadFixture(waiting);
  const { market, meter } = parts;
  return {
    ...parts,
    exchange: market.exchange.connect(market.worker),
    claim: async () => (await market.exchange.meterConfig(meter.address)).claimTicks,
    balance: async () => (await market.word(meter)).balanceTicks,
    setLine: async (ticks: bigint) => market.desk.connect(market.grid).setCreditLine(ticksToBaseUnits(ticks)),
  };
}

describe("claims on the grid", () => {
  it("are what an export is worth beyond the headroom of the mint bound", async () => {
    const { market, headroom, claim, balance } = await load();
    // Sales are rounded up, which leaves a few thousand ticks of headroom.
    expect(headroom).to.be.lt(EXPORTED);
    expect(await balance()).to.equal(headroom);
    expect(await claim()).to.equal(EXPORTED - headroom);
    expect(await market.desk.headroomTicks()).to.equal(0n);
    expect(await market.credit.totalSupply()).to.be.lte(await market.desk.backing());
  });

  it("are paid from headroom that burns of the same batch make", async () => {
    const { market, exchange, meter, claim } = await load();
    const consumer = await market.addMeter({ kind: "consumer" });
    const before = await claim();
    await market.at(S + 2, 1);
    const settled = await market.settleFlows(S + 1, [
      { meter: consumer, importWh: 100 },
      { meter, exportWh: 100 },
    ]);
    await expect(settled).not.to.emit(exchange, "ClaimGranted");
    expect(await claim()).to.equal(before);
  });

  describe("payClaim", () => {
    it("refuses an address that is no meter, and a meter without claim", async () => {
      const { market, exchange } = await load();
      const stranger = market.newKey().address;
      await expect(exchange.payClaim(stranger))
        .to.be.revertedWithCustomError(exchange, "UnknownMeter")
        .withArgs(stranger, 0);
      const consumer = await market.addMeter({ kind: "consumer", balanceTicks: 0n });
      await expect(exchange.payClaim(consumer.address)).to.be.revertedWithCustomError(exchange, "NothingToPay");
    });

    it("refuses while there is no headroom", async () => {
      const { exchange, meter } = await load();
      await expect(exchange.payClaim(meter.address)).to.be.revertedWithCustomError(exchange, "NothingToPay");
    });

    it("mints as far as the headroom goes, by anybody, and the rest waits", async () => {
      const { market, exchange, meter, claim, balance, setLine } = await load();
      const [claimed, held] = [await claim(), await balance()];
      await setLine(4_000_000n);
      const headroom = await market.desk.headroomTicks();
      await expect(exchange.connect(market.guardian).payClaim(meter.address))
        .to.emit(exchange, "ClaimPaid")
        .withArgs(meter.address, headroom, 0, claimed - headroom, (word: bigint) => typeof word === "bigint");
      expect(await balance()).to.equal(held + headroom);
      expect(await claim()).to.equal(claimed - headroom);
      await setLine(10n ** 12n);
      await exchange.payClaim(meter.address);
      expect(await balance()).to.equal(EXPORTED);
      expect(await claim()).to.equal(0n);
      await expect(exchange.payClaim(meter.address)).to.be.revertedWithCustomError(exchange, "NothingToPay");
    });

    it("offsets debt of its site first, for which no credit moves and no headroom is needed", async () => {
      const { market, exchange, meter, claim } = await load();
      const consumer = await market.addMeter({ kind: "consumer", site: meter.site, balanceTicks: 0n });
      const claimed = await claim();
      const bond = (await exchange.siteInfo(meter.site)).bondTicks;
      // Import until the bond is gone and 3,000,000 ticks are owed.
      const energyWh = bond / 600_000n + 5n;
      const slots = Number(energyWh / 2_560n) + 1;
      await market.at(S + slots + 6, 1);
      await market.settleFlows(S + slots, [{ meter: consumer, importWh: Number(energyWh) }]);
      const debt = (await exchange.siteInfo(meter.site)).debtTicks;
      expect(debt).to.equal(energyWh * 600_000n - bond);
      expect(debt).to.be.lt(claimed);
      // Take back the pledge that the burnt bond set free.
      const supply = await market.credit.totalSupply();
      const needed = (supply * 300_000n + 10n ** 18n - 1n) / 10n ** 18n;
      await market.desk.connect(market.grid).withdrawPledge(market.grid.address, (await market.desk.funds()) - needed);
      const headroom = await market.desk.headroomTicks();
      expect(headroom).to.be.lt(claimed - debt);
      await expect(exchange.payClaim(meter.address))
        .to.emit(exchange, "DebtRepaid")
        .withArgs(meter.site, meter.address, debt, 0);
      expect((await exchange.siteInfo(meter.site)).debtTicks).to.equal(0n);
      expect(await market.credit.totalSupply()).to.equal(supply + ticksToBaseUnits(headroom));
      expect(await claim()).to.equal(claimed - debt - headroom);
    });
  });
});
