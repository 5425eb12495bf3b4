import { expect } from "chai";
import hre from "hardhat";
import { ticksToBaseUnits } from "../../src/units.ts";
import { meterSlotLimitWh } from "../../src/market/meterWord.ts";
import { eventsOf, linesOf } from "./events.ts";
import { storeClaim, storeDebt } from "../support/storedWords.ts";
import { TERMS } from "../support/testMarket.ts";
import { community, S, T, type Community } from "./given.ts";

describe("what a meter cannot pay, and what the grid cannot mint", () => {
  let given: () => Promise<Community>;
  before(async () => {
    const connection = await hre.network.create();
    async function owing() {
      return community(connection);
    }
    given = () => connection.networkHelpers.loadFixture(owing);
  });

  it("burns the balance first, then the bond, and books the rest as the site's debt; charges lapse", async () => {
    const { market } = await given();
    const home = await market.addMeter({ kind: "prosumer", balanceTicks: 100n });
    const required = await market.exchange.requiredBond(home.site);
    const limitWh = meterSlotLimitWh(await market.word(home));
    const supply = await market.credit.totalSupply();
    await market.at(S + 1, 10);
    const sent = await market.settleFlows(S, [{ meter: home, importWh: limitWh }]);
    const owed = BigInt(limitWh) * 300_000n;
    await expect(sent)
      .to.emit(market.exchange, "DebtIncurred")
      .withArgs(home.site, home.address, owed - 100n, 0, 0)
      .and.to.emit(market.exchange, "ChargesLapsed")
      .withArgs(home.address, S, BigInt(limitWh) * 50_000n, BigInt(limitWh) * 10_000n);
    expect((await linesOf(market, sent)).get(home.address)?.line).to.deep.equal({
      mintedTicks: 0n,
      burnedTicks: owed,
      networkTicks: 0n,
      levyTicks: 0n,
    });
    const site = await market.exchange.siteInfo(home.site);
    expect([site.bondTicks, site.debtTicks]).to.deep.equal([required - owed + 100n, 0n]);
    expect((await market.word(home)).flags).to.include({ bonded: false, indebted: false });
    expect(supply - (await market.credit.totalSupply())).to.equal(ticksToBaseUnits(owed));
  });

  it("books everything as debt where there is no bond, and pays the charges that it still can", async () => {
    const { market } = await given();
    const poor = await market.addMeter({ kind: "consumer", balanceTicks: 3_000_050n });
    await market.at(S + 1, 10);
    const first = await market.settleFlows(S, [{ meter: poor, importWh: 10 }]);
    // 10 Wh cost 3,000,000: what is left pays 50 ticks of the network charge.
    expect((await linesOf(market, first)).get(poor.address)?.line).to.deep.equal({
      mintedTicks: 0n,
      burnedTicks: 3_000_000n,
      networkTicks: 50n,
      levyTicks: 0n,
    });
    expect((await market.exchange.siteInfo(poor.site)).debtTicks).to.equal(0n);
    await market.at(S + 2, 10);
    const second = await market.settleFlows(T, [{ meter: poor, importWh: 10 }]);
    await expect(second)
      .to.emit(market.exchange, "DebtIncurred")
      .withArgs(poor.site, poor.address, 0, 3_000_000, 3_000_000);
    expect((await market.word(poor)).flags.indebted).to.equal(true);
    expect((await linesOf(market, second)).get(poor.address)?.line.burnedTicks).to.equal(0n);
  });

  it("burns the earnings of a flagged meter against its site's debt before charges", async () => {
    const { market } = await given();
    const site = (await market.addMeter({ kind: "consumer", balanceTicks: 0n })).site;
    const home = await market.addMeter({ kind: "prosumer", site, balanceTicks: 0n, bonded: true });
    // The bond is burned to its end, so that a debt remains.
    const bond = (await market.exchange.siteInfo(site)).bondTicks;
    const limitWh = meterSlotLimitWh(await market.word(home));
    let slot = S;
    for (let left = bond; left > 0n; left -= BigInt(limitWh) * 300_000n, ++slot) {
      await market.at(slot + 1, 10);
      await market.settleFlows(slot, [{ meter: home, importWh: limitWh }]);
    }
    const debt = (await market.exchange.siteInfo(site)).debtTicks;
    expect((await market.word(home)).flags.indebted).to.equal(debt > 0n);
    await market.at(slot + 1, 10);
    await market.settleFlows(slot, [{ meter: home, importWh: 10 }]);
    const more = (await market.exchange.siteInfo(site)).debtTicks;
    expect(more).to.equal(debt + 3_000_000n);
    // A bond again lets it earn; what it earns goes to the debt.
    const required = await market.exchange.requiredBond(site);
    await market.fund(home.owner, required);
    await market.exchange.connect(home.owner).postBond(site, required);
    await market.at(slot + 2, 10);
    const sent = await market.settleFlows(slot + 1, [{ meter: home, exportWh: 20 }]);
    await expect(sent)
      .to.emit(market.exchange, "DebtRepaid")
      .withArgs(site, home.address, 2_000_000, more - 2_000_000n);
    expect((await linesOf(market, sent)).get(home.address)?.line).to.deep.equal({
      mintedTicks: 2_000_000n,
      burnedTicks: 2_000_000n,
      networkTicks: 0n,
      levyTicks: 0n,
    });
    expect((await market.word(home)).balanceTicks).to.equal(0n);
  });

  it("lets a debt that fills its 64 bits grow no further, and settles the rest of the batch", async () => {
    const { market, buyer } = await given();
    const poor = await market.addMeter({ kind: "consumer", balanceTicks: 0n });
    const most = 2n ** 64n - 1n;
    await storeDebt(market, poor.site, most - 5n);
    await market.at(S + 1, 10);
    const sent = await market.settleFlows(S, [
      { meter: poor, importWh: 10 },
      { meter: buyer, importWh: 10 },
    ]);
    await expect(sent).to.emit(market.exchange, "DebtIncurred").withArgs(poor.site, poor.address, 0, 5, most);
    expect([...(await linesOf(market, sent)).keys()]).to.deep.equal([poor.address, buyer.address]);
    // A gap reading and closing as well.
    await market.at(S + 9, 10);
    const late = await market.settleFlows(S + 2, [{ meter: poor, importWh: 5_000 }]);
    await expect(late).to.emit(market.exchange, "DebtIncurred").withArgs(poor.site, poor.address, 0, 0, most);
    expect((await market.exchange.siteInfo(poor.site)).debtTicks).to.equal(most);
  });

  it("settles a batch in which one meter owes the most there is for one reading, at the highest prices", async () => {
    const { market } = await given();
    const accounts = await market.exchange.zoneInfo(1).then(({ accounts: held }) => ({
      network: held.network,
      levy: held.levy,
      fee: held.fee,
      season: held.season,
    }));
    const dear = { floorPrice: 0, capPrice: 2 ** 22, exportCapPrice: 2 ** 22, lossPpm: 0, toleranceWh: 0 };
    const terms = {
      ...TERMS,
      importPrice: 2 ** 22,
      exportPrice: 2 ** 22,
      networkLocalPrice: 1_000_000,
      networkGridPrice: 1_000_000,
      levyPrice: 1_000_000,
    };
    await market.exchange.connect(market.registrar).createZone(2, dear, terms, accounts);
    const wide = await market.addMeter({ kind: "consumer", zone: 2, powerClass: 255, balanceTicks: 0n });
    const small = await market.addMeter({ kind: "consumer", zone: 2 });
    // Long enough for the register to be able to rise by all that it has.
    const slot = S + 70_000;
    await market.mineAt(slot + 6, 10);
    const most = 2 ** 40 - 1;
    const sent = await market.settleFlows(
      slot,
      [
        { meter: wide, importWh: most },
        { meter: small, importWh: 1 },
      ],
      2,
    );
    const debt = BigInt(most) * 2n ** 22n;
    await expect(sent).to.emit(market.exchange, "DebtIncurred").withArgs(wide.site, wide.address, 0, debt, debt);
    expect((await linesOf(market, sent)).has(small.address)).to.equal(true);
  });

  describe("given a mint bound that is reached", () => {
    /** Leave the grid this much headroom. */
    async function leaveHeadroom({ market }: Community, ticks: bigint) {
      const used = (await market.credit.totalSupply()) - (await market.desk.backing());
      const line = await market.desk.creditLine();
      await market.desk.connect(market.grid).setCreditLine(line + used + ticksToBaseUnits(ticks));
      const bound = await market.desk.headroomTicks();
      expect(bound).to.equal(ticks);
    }

    it("mints what fits and lets the rest wait as a claim, which anybody's call pays when there is room", async () => {
      const all = await given();
      const { market, seller } = all;
      await leaveHeadroom(all, 1_000_000n);
      const start = (await market.word(seller)).balanceTicks;
      await market.at(S + 1, 10);
      const sent = await market.settleFlows(S, [{ meter: seller, exportWh: 15 }]);
      await expect(sent).to.emit(market.exchange, "ClaimGranted").withArgs(seller.address, 500_000, 500_000);
      expect((await linesOf(market, sent)).get(seller.address)?.line.mintedTicks).to.equal(1_000_000n);
      expect((await market.exchange.meterConfig(seller.address)).claimTicks).to.equal(500_000n);
      await expect(market.exchange.payClaim(seller.address)).to.be.revertedWithCustomError(
        market.exchange,
        "NothingToPay",
      );
      await market.desk
        .connect(market.grid)
        .setCreditLine((await market.desk.creditLine()) + ticksToBaseUnits(300_000n));
      await expect(market.exchange.connect(market.worker).payClaim(seller.address))
        .to.emit(market.exchange, "ClaimPaid")
        .withArgs(seller.address, 300_000, 0, 200_000, (word: bigint) => word !== 0n);
      expect((await market.word(seller)).balanceTicks).to.equal(start + 1_300_000n);
    });

    it("lets what one meter burns pay for what the next one of the batch is minted", async () => {
      const all = await given();
      const { market, seller, buyer } = all;
      await leaveHeadroom(all, 0n);
      await market.at(S + 1, 10);
      // 300,000 ticks a Wh are burned before 100,000 are minted.
      const sent = await market.settleFlows(S, [
        { meter: buyer, importWh: 10 },
        { meter: seller, exportWh: 31 },
      ]);
      const names = (await eventsOf(market, sent)).map(({ name }) => name);
      expect(names.filter((name) => name === "ClaimGranted")).to.have.length(1);
      const lines = await linesOf(market, sent);
      expect(lines.get(seller.address)?.line.mintedTicks).to.equal(3_000_000n);
      expect((await market.exchange.meterConfig(seller.address)).claimTicks).to.equal(100_000n);
      expect(await market.desk.headroomTicks()).to.equal(0n);
    });

    it("lets a claim that fills its 64 bits grow no further", async () => {
      const all = await given();
      const { market, seller, buyer } = all;
      await leaveHeadroom(all, 0n);
      const most = 2n ** 64n - 1n;
      await storeClaim(market, seller.address, most - 7n);
      await market.at(S + 1, 10);
      const sent = await market.settleFlows(S, [{ meter: seller, exportWh: 15 }, { meter: buyer }]);
      await expect(sent).to.emit(market.exchange, "ClaimGranted").withArgs(seller.address, 7, most);
      expect((await linesOf(market, sent)).has(buyer.address)).to.equal(true);
      expect((await market.exchange.meterConfig(seller.address)).claimTicks).to.equal(most);
    });

    it("pays sellers from their buyers all the same", async () => {
      const all = await given();
      const { market, seller, buyer } = all;
      await leaveHeadroom(all, 0n);
      await market.clear(T, [
        market.order(seller, T, "offer", 100, 200_000),
        market.order(buyer, T, "bid", 100, 200_000),
      ]);
      await market.at(T, 10);
      await market.settleFlows(S, [{ meter: seller }, { meter: buyer }]);
      const start = (await market.word(seller)).balanceTicks;
      await market.at(T + 1, 10);
      await market.settleFlows(T, [
        { meter: seller, exportWh: 100 },
        { meter: buyer, importWh: 100 },
      ]);
      expect((await market.word(seller)).balanceTicks - start).to.equal(20_000_000n);
      expect((await market.exchange.meterConfig(seller.address)).claimTicks).to.equal(0n);
    });
  });
});
