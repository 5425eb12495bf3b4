import { expect } from "chai";
import { MaxUint256, ZeroAddress } from "ethers";
import hre from "hardhat";
import { deployTestMarket, FIRST_SLOT, type TestMarket, type TestMeter } from "../support/testMarket.ts";

const connection = await hre.network.create();
const { ethers, networkHelpers } = connection;
const S = FIRST_SLOT;
const BASE = 10n ** 9n;
/** 100 Wh at the retail price of 300,000 ticks. */
const DEBT = 30_000_000n;

/** A site whose empty meter has taken 100 Wh that it cannot pay. */
async function indebted(): Promise<{ market: TestMarket; meter: TestMeter; second: TestMeter }> {
  const market = await deployTestMarket(connection);
  const meter = await market.addMeter({ kind: "consumer", balanceTicks: 0n });
  const second = await market.addMeter({ kind: "consumer", site: meter.site, balanceTicks: 0n });
  await market.at(S + 1, 1);
  await market.settleFlows(S, [{ meter, importWh: 100 }, { meter: second }]);
  await market.fund(market.worker, 10n * DEBT);
  return { market, meter, second };
}

async function load() {
  const parts = await networkHelpers.loadFixture(indebted);
  const { market, meter, second } = parts;
  return {
    ...parts,
    exchange: market.exchange.connect(market.worker),
    debt: async () => (await market.exchange.siteInfo(meter.site)).debtTicks,
    flags: async () => [(await market.word(meter)).flags.indebted, (await market.word(second)).flags.indebted],
  };
}

describe("debt of a site", () => {
  it("is what neither balance nor bond pays, while charges lapse with an event", async () => {
    const { market, exchange, meter, debt, flags } = await load();
    expect(await debt()).to.equal(DEBT);
    expect(await flags()).to.deep.equal([true, false]);
    await market.at(S + 2, 1);
    const settled = await market.settleFlows(S + 1, [{ meter, importWh: 10 }]);
    await expect(settled)
      .to.emit(exchange, "DebtIncurred")
      .withArgs(meter.site, meter.address, 0, 3_000_000, DEBT + 3_000_000n);
    await expect(settled)
      .to.emit(exchange, "ChargesLapsed")
      .withArgs(meter.address, S + 1, 10n * 50_000n, 10n * 10_000n);
  });

  it("is paid from the balance before the charges, and from the bond only after the balance", async () => {
    const { market, exchange } = await load();
    const meter = await market.addMeter({ kind: "prosumer", balanceTicks: 1_000n, bonded: false });
    await exchange.postBond(meter.site, 2_000n);
    await market.at(S + 2, 1);
    const supply = await market.credit.totalSupply();
    await expect(market.settleFlows(S + 1, [{ meter, importWh: 1 }]))
      .to.emit(exchange, "DebtIncurred")
      .withArgs(meter.site, meter.address, 2_000n, 297_000n, 297_000n);
    expect(await market.credit.totalSupply()).to.equal(supply - 3_000n * BASE);
    expect((await exchange.siteInfo(meter.site)).bondTicks).to.equal(0n);
  });

  it("takes the earnings of a flagged meter, and not what was deposited", async () => {
    const { market, exchange } = await load();
    const meter = await market.addMeter({ kind: "prosumer", balanceTicks: 0n, bonded: false });
    await market.at(S + 2, 1);
    await market.settleFlows(S + 1, [{ meter, importWh: 100 }]);
    const bond = await exchange.requiredBond(meter.site);
    await market.fund(market.worker, bond);
    await exchange.postBond(meter.site, bond);
    await exchange.deposit(meter.address, 7n);
    expect((await market.word(meter)).flags).to.deep.include({ bonded: true, indebted: true });

    const supply = await market.credit.totalSupply();
    await market.at(S + 3, 1);
    await expect(market.settleFlows(S + 2, [{ meter, exportWh: 200 }]))
      .to.emit(exchange, "DebtRepaid")
      .withArgs(meter.site, meter.address, 20_000_000n, 10_000_000n);
    expect((await market.word(meter)).balanceTicks).to.equal(7n);
    // Minted and burned in the same breath.
    expect(await market.credit.totalSupply()).to.equal(supply);
    await market.at(S + 4, 1);
    await market.settleFlows(S + 3, [{ meter, exportWh: 150 }]);
    const after = await market.word(meter);
    expect(after.balanceTicks).to.equal(7n + 5_000_000n);
    expect(after.flags.indebted).to.equal(false);
    expect((await exchange.siteInfo(meter.site)).bondTicks).to.equal(bond);
  });

  describe("payDebt", () => {
    it("refuses a site that does not exist, nothing, and where nothing is owed", async () => {
      const { market, exchange, meter } = await load();
      await expect(exchange.payDebt(99, 1)).to.be.revertedWithCustomError(exchange, "UnknownSite").withArgs(99);
      await expect(exchange.payDebt(meter.site, 0)).to.be.revertedWithCustomError(exchange, "NothingToPay");
      const other = await market.addMeter({ kind: "consumer" });
      await expect(exchange.payDebt(other.site, 1)).to.be.revertedWithCustomError(exchange, "NothingToPay");
    });

    it("takes from anybody, burns, and clears the flags of all meters of the site with the last tick", async () => {
      const { market, exchange, meter, second, debt, flags } = await load();
      await exchange.syncMeter(second.address);
      const paid = exchange.payDebt(meter.site, DEBT - 1n);
      await expect(paid).to.changeTokenBalance(ethers, market.credit, market.worker, -(DEBT - 1n) * BASE);
      await expect(paid)
        .to.emit(exchange, "DebtRepaid")
        .withArgs(meter.site, ZeroAddress, DEBT - 1n, 1);
      expect(await flags()).to.deep.equal([true, true]);
      await exchange.payDebt(meter.site, 1);
      expect(await debt()).to.equal(0n);
      expect(await flags()).to.deep.equal([false, false]);
    });

    it("takes no more than is owed, whatever is offered", async () => {
      const { market, exchange, meter, debt } = await load();
      const supply = await market.credit.totalSupply();
      await expect(exchange.payDebt(meter.site, MaxUint256)).to.changeTokenBalances(
        ethers,
        market.credit,
        [market.worker, exchange],
        [-DEBT * BASE, 0n],
      );
      expect(await market.credit.totalSupply()).to.equal(supply - DEBT * BASE);
      expect(await debt()).to.equal(0n);
    });
  });

  describe("seize", () => {
    it("refuses a site that does not exist and one that owes nothing", async () => {
      const { market, exchange } = await load();
      await expect(exchange.seize(99)).to.be.revertedWithCustomError(exchange, "UnknownSite").withArgs(99);
      const other = await market.addMeter({ kind: "consumer" });
      await expect(exchange.seize(other.site)).to.be.revertedWithCustomError(exchange, "NothingToPay");
    });

    it("burns balances of the site's meters one after the other, no more than is owed", async () => {
      const { market, exchange, meter, second, debt, flags } = await load();
      await exchange.deposit(meter.address, 10_000_000n);
      await exchange.deposit(second.address, 50_000_000n);
      const supply = await market.credit.totalSupply();
      const seized = await exchange.connect(market.guardian).seize(meter.site);
      await expect(seized)
        .to.emit(exchange, "BalanceSeized")
        .withArgs(meter.site, meter.address, 10_000_000n, (word: bigint) => typeof word === "bigint");
      await expect(seized)
        .to.emit(exchange, "BalanceSeized")
        .withArgs(meter.site, second.address, 20_000_000n, (word: bigint) => typeof word === "bigint");
      expect((await market.word(meter)).balanceTicks).to.equal(0n);
      expect((await market.word(second)).balanceTicks).to.equal(30_000_000n);
      expect(await market.credit.totalSupply()).to.equal(supply - DEBT * BASE);
      expect(await debt()).to.equal(0n);
      expect(await flags()).to.deep.equal([false, false]);
    });

    it("leaves the balances of other sites alone", async () => {
      const { market, exchange, meter, debt } = await load();
      const other = await market.addMeter({ kind: "consumer", owner: meter.owner });
      await exchange.seize(meter.site);
      expect((await market.word(other)).balanceTicks).to.equal(1_000_000_000_000n);
      expect(await debt()).to.equal(DEBT);
    });
  });

  describe("writeOff", () => {
    it("refuses a site that does not exist, nothing, and more than is owed", async () => {
      const { market, exchange, meter } = await load();
      const asGrid = exchange.connect(market.grid);
      await expect(asGrid.writeOff(99, 1)).to.be.revertedWithCustomError(exchange, "UnknownSite").withArgs(99);
      await expect(asGrid.writeOff(meter.site, 0)).to.be.revertedWithCustomError(exchange, "NothingToPay");
      for (const amount of [DEBT + 1n, MaxUint256]) {
        await expect(asGrid.writeOff(meter.site, amount))
          .to.be.revertedWithCustomError(exchange, "AmountTooLarge")
          .withArgs(amount, DEBT);
      }
    });

    it("gives debt up with an event against GRID and moves no credit", async () => {
      const { market, exchange, meter, debt, flags } = await load();
      const supply = await market.credit.totalSupply();
      await expect(exchange.connect(market.grid).writeOff(meter.site, DEBT))
        .to.emit(exchange, "DebtWrittenOff")
        .withArgs(meter.site, DEBT, 0);
      expect(await market.credit.totalSupply()).to.equal(supply);
      expect(await debt()).to.equal(0n);
      expect(await flags()).to.deep.equal([false, false]);
    });
  });
});
