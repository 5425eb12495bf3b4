import { expect } from "chai";
import hre from "hardhat";
import { computeBill, formatBill, type Bill, type BillLine } from "../../src/billing/index.ts";
import { leafHash, readingTree } from "../../src/market/readings.ts";
import { signConsent } from "../../src/market/sign.ts";
import { deployTestMarket, FIRST_SLOT as S, type TestMarket, type TestMeter } from "../support/testMarket.ts";
import { eventsOf } from "./eventsOf.ts";

const connection = await hre.network.create();
const { networkHelpers } = connection;

/** A seller with a second meter, and a buyer, all of them read in slot S. */
async function readMeters() {
  const market = await deployTestMarket(connection);
  const seller = await market.addMeter({ kind: "prosumer", source: "solar" });
  const buyer = await market.addMeter({ kind: "consumer" });
  const unbonded = await market.addMeter({ kind: "prosumer", bonded: false });
  await market.at(S + 1, 10);
  await market.settleFlows(S, [{ meter: seller }, { meter: buyer }, { meter: unbonded }]);
  return { market, seller, buyer, unbonded };
}

async function billOf(market: TestMarket, { site }: TestMeter, fromSlot: number, toSlot = fromSlot): Promise<Bill> {
  return computeBill({ events: await eventsOf(market), site, fromSlot, toSlot });
}

function lineOf({ lines }: Bill, meter: string): BillLine {
  const line = lines.find((candidate) => candidate.meter === meter);
  if (line === undefined) throw new Error("the bill has no line for the meter");
  return line;
}

describe("a bill's rare lines", () => {
  it("a reading that comes late, of the very next slot, is billed gross at cap and floor", async () => {
    const { market, seller } = await networkHelpers.loadFixture(readMeters);
    // The deadline of S + 1 is four slots after its end.
    await market.at(S + 6, 10);
    await market.settleFlows(S + 1, [{ meter: seller, importWh: 70, exportWh: 30 }]);
    const { total } = await billOf(market, seller, S + 1);
    expect(total).to.deep.include({
      importWh: 70,
      exportWh: 30,
      shortWh: 70,
      shortTicks: 42_000_000n, // 70 x 600,000
      longWh: 30,
      longTicks: 1_500_000n, // 30 x 50,000
      networkTicks: 3_500_000n, // 70 x 50,000
      levyTicks: 700_000n,
      totalTicks: -44_700_000n,
    });
  });

  it("the same energy in time is billed net", async () => {
    const { market, seller } = await networkHelpers.loadFixture(readMeters);
    await market.at(S + 2, 10);
    await market.settleFlows(S + 1, [{ meter: seller, importWh: 70, exportWh: 30 }]);
    const { total } = await billOf(market, seller, S + 1);
    expect(total).to.deep.include({ shortWh: 40, shortTicks: 12_000_000n, longWh: 0, longTicks: 0n });
  });

  it("a late export without a bond is billed with its energy and without money", async () => {
    const { market, unbonded } = await networkHelpers.loadFixture(readMeters);
    await market.at(S + 6, 10);
    await market.settleFlows(S + 1, [{ meter: unbonded, importWh: 70, exportWh: 30 }]);
    const { total } = await billOf(market, unbonded, S + 1);
    expect(total).to.deep.include({ shortWh: 70, shortTicks: 42_000_000n, longWh: 30, longTicks: 0n });
  });

  it("a late reading of a slot in which the meter had sold bills the sale as undelivered and the energy gross", async () => {
    const { market, seller, buyer } = await networkHelpers.loadFixture(readMeters);
    await market.clear(S + 2, [
      market.order(seller, S + 2, "offer", 400, 150_000),
      market.order(buyer, S + 2, "bid", 400, 250_000),
    ]);
    await market.at(S + 2, 10);
    await market.settleFlows(S + 1, [{ meter: seller }, { meter: buyer }]);
    await market.at(S + 7, 10);
    await market.settleFlows(S + 2, [{ meter: seller, importWh: 20, exportWh: 300 }]);
    const { total } = await billOf(market, seller, S + 2);
    expect(total).to.deep.include({
      soldWh: 400,
      soldTicks: 80_000_000n, // 400 x 200,000
      importWh: 20,
      exportWh: 300,
      // 400 bought back at 300,000 with 30,000 of network charge, and 20 at the cap of 600,000.
      shortWh: 420,
      shortTicks: 144_000_000n,
      longWh: 300,
      longTicks: 15_000_000n, // 300 x 50,000
    });
    expect(total.totalTicks).to.equal(80_000_000n + 15_000_000n - 144_000_000n - 1_000_000n - 200_000n);
  });

  it("a gap of several slots is billed on the line of the slot that was read", async () => {
    const { market, seller } = await networkHelpers.loadFixture(readMeters);
    await market.at(S + 8, 10);
    await market.settleFlows(S + 3, [{ meter: seller, importWh: 50 }]);
    expect((await billOf(market, seller, S + 1, S + 2)).total.importWh).to.equal(0);
    expect((await billOf(market, seller, S + 3)).total).to.deep.include({ importWh: 50, shortTicks: 30_000_000n });
  });

  it("a meter that was replaced in the period has two lines, each of its own registers", async () => {
    const { market, seller } = await networkHelpers.loadFixture(readMeters);
    await market.at(S + 2, 10);
    await market.settleFlows(S + 1, [{ meter: seller, importWh: 100 }]);
    const before = await market.word(seller);
    const key = market.newKey();
    const { nonce } = await market.exchange.siteInfo(seller.site);
    const message = {
      oldMeter: seller.address,
      newMeter: key.address,
      finalImportWh: before.importWh,
      finalExportWh: before.exportWh,
      estimated: false,
      importWh: 5_000,
      exportWh: 7_000,
      nonce: Number(nonce),
    };
    const byOwner = await market.consent(seller.owner, "MeterReplacement", message);
    const byDevice = signConsent(market.domain, key, "MeterReplacement", message);
    await market.exchange.connect(market.registrar).replaceMeter(message, byOwner, byDevice);
    const successor: TestMeter = { ...seller, key, address: key.address };
    await market.at(S + 3, 10);
    await market.settleFlows(S + 2, [{ meter: successor, importWh: 10, exportWh: 60 }]);
    const bill = await billOf(market, seller, S, S + 2);
    expect(lineOf(bill, seller.address)).to.deep.include({ importWh: 100, exportWh: 0, shortTicks: 30_000_000n });
    expect(lineOf(bill, key.address)).to.deep.include({
      importWh: 10,
      exportWh: 60,
      longWh: 50,
      longTicks: 5_000_000n,
    });
    expect(bill.total).to.deep.include({ importWh: 110, exportWh: 60 });
    const balance = (await market.word(successor)).balanceTicks;
    expect(1_000_000_000_000n + bill.total.totalTicks).to.equal(balance);
  });

  it("a correction stands on the line of its reading's slot, whenever it was made", async () => {
    const { market, seller, buyer } = await networkHelpers.loadFixture(readMeters);
    await market.at(S + 2, 10);
    await market.settleFlows(S + 1, [
      { meter: seller, importWh: 100 },
      { meter: buyer, importWh: 200 },
    ]);
    const leafOf = ({ address }: TestMeter, importWh: number) => {
      return { meter: address, zone: 1, slot: S + 1, importWh, exportWh: 0, gap: false };
    };
    const tree = readingTree([leafHash(leafOf(seller, 100)), leafHash(leafOf(buyer, 200))]);
    const { nonce } = await market.exchange.siteInfo(seller.site);
    const correction = {
      meter: seller.address,
      slot: S + 1,
      leaf: leafHash(leafOf(seller, 100)),
      amountTicks: 9_000_000n,
      nonce: Number(nonce),
    };
    const consent = await market.consent(seller.owner, "ReadingCorrection", correction);
    const leaf = { meter: seller.address, zone: 1, slot: S + 1, importWh: 100, exportWh: 0, flags: 0 };
    await market.at(S + 4, 10);
    await market.exchange
      .connect(market.registrar)
      .correctReading(leaf, tree.root, tree.proof(0), 9_000_000n, "wrong phase", consent);
    const { total } = await billOf(market, seller, S + 1);
    expect(total).to.deep.include({ shortTicks: 30_000_000n, otherTicks: 9_000_000n });
    // 100 Wh at 300,000, network 50,000 and levy 10,000, and 9,000,000 back.
    expect(total.totalTicks).to.equal(-27_000_000n);
    expect((await billOf(market, seller, S + 2, S + 9)).total.totalTicks).to.equal(0n);
    expect(formatBill(await billOf(market, seller, S + 1))).to.match(/corrections +│ +│ +0\.0090/);
  });

  it("an export that backing does not cover is earned in its slot and waits as a claim, paid without a second line", async () => {
    const { market, seller } = await networkHelpers.loadFixture(readMeters);
    const grid = market.desk.connect(market.grid);
    await grid.setCreditLine(await market.credit.totalSupply());
    await grid.withdrawPledge(market.grid.address, await market.desk.funds());
    await market.at(S + 2, 10);
    await market.settleFlows(S + 1, [{ meter: seller, exportWh: 600 }]);
    const claimed = await billOf(market, seller, S + 1);
    expect(claimed.total).to.deep.include({
      longTicks: 60_000_000n,
      claimTicks: 60_000_000n,
      totalTicks: 60_000_000n,
      balanceChangeTicks: 0n,
    });
    expect(formatBill(claimed)).to.match(/of it claims, bond and debt +│ +│ +0\.0600/);
    await grid.setCreditLine(10n ** 30n);
    await market.exchange.payClaim(seller.address);
    expect((await billOf(market, seller, 0, S + 50)).total.totalTicks).to.equal(60_000_000n);
  });

  it("charges that a balance does not cover lapse, and are on no bill", async () => {
    const { market } = await networkHelpers.loadFixture(readMeters);
    // 100 Wh cost 30,000,000; network 5,000,000 and levy 1,000,000 find 2,000,000 left.
    const poor = await market.addMeter({ kind: "consumer", balanceTicks: 32_000_000n });
    await market.at(S + 2, 10);
    await market.settleFlows(S + 1, [{ meter: poor, importWh: 100 }]);
    const { total } = await billOf(market, poor, S + 1);
    expect(total.shortTicks).to.equal(30_000_000n);
    expect(total.networkTicks + total.levyTicks).to.equal(2_000_000n);
    expect(total).to.deep.include({ debtTicks: 0n, totalTicks: -32_000_000n, balanceChangeTicks: -32_000_000n });
  });
});
