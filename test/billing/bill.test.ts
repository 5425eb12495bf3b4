import { expect } from "chai";
import hre from "hardhat";
import { billCsv, billJson, computeBill, formatBill, type Bill, type BillLine } from "../../src/billing/index.ts";
import { JouleworkError } from "../../src/errors.ts";
import { deployTestMarket, FIRST_SLOT, type TestMeter } from "../support/testMarket.ts";
import { eventsOf } from "./eventsOf.ts";

const S = FIRST_SLOT;

function lineOf({ lines }: Bill, { address }: TestMeter): BillLine {
  const line = lines.find(({ meter }) => meter === address);
  if (line === undefined) throw new Error("the bill has no line for the meter");
  return line;
}

/** A slot with an under-delivering seller and a buyer that uses too much, at 0.20 credits a kWh. */
async function tradedSlot() {
  const market = await deployTestMarket(await hre.network.create());
  const seller = await market.addMeter({ kind: "producer", source: "solar" });
  const buyer = await market.addMeter({ kind: "consumer" });
  const second = await market.addMeter({ kind: "prosumer", site: seller.site });
  await market.clear(S + 1, [
    market.order(seller, S + 1, "offer", 1000, 150_000),
    market.order(buyer, S + 1, "bid", 800, 250_000),
  ]);
  await market.at(S + 1, 10);
  await market.settleFlows(S, [{ meter: seller }, { meter: buyer }, { meter: second }]);
  await market.at(S + 2, 10);
  await market.settleFlows(S + 1, [
    { meter: seller, exportWh: 700 },
    { meter: buyer, importWh: 900 },
    { meter: second, importWh: 50, exportWh: 250 },
  ]);
  return { market, seller, buyer, second };
}

describe("a site's bill", () => {
  it("states what was metered, traded, short, long and charged, as worked out by hand", async () => {
    const { market, seller, buyer, second } = await tradedSlot();
    const events = await eventsOf(market);
    const bought = lineOf(computeBill({ events, site: buyer.site, fromSlot: S + 1, toSlot: S + 1 }), buyer);
    expect(bought).to.deep.include({ importWh: 900, exportWh: 0, boughtWh: 800, soldWh: 0, shortWh: 100, longWh: 0 });
    expect(bought).to.deep.include({
      boughtTicks: 160_000_000n, // 800 x 200,000
      shortTicks: 30_000_000n, // 100 x 300,000
      feeTicks: 1_600_000n, // 1 % of 160,000,000
      networkTicks: 21_000_000n, // 800 x 20,000 + 100 x 50,000
      levyTicks: 9_000_000n, // 900 x 10,000
      totalTicks: -221_600_000n,
      balanceChangeTicks: -221_600_000n,
    });

    const bill = computeBill({ events, site: seller.site, fromSlot: S + 1, toSlot: S + 1 });
    expect(lineOf(bill, seller)).to.deep.include({
      exportWh: 700,
      soldWh: 800,
      soldTicks: 160_000_000n,
      shortWh: 100,
      // 100 x 300,000, and 30,000 a Wh because the buyer paid the local network charge for what came from the grid.
      shortTicks: 33_000_000n,
    });
    // 50 in and 250 out without a position: 200 long at 100,000, and charges on the 50.
    expect(lineOf(bill, second)).to.deep.include({
      longWh: 200,
      longTicks: 20_000_000n,
      shortWh: 0,
      networkTicks: 2_500_000n,
      levyTicks: 500_000n,
      totalTicks: 17_000_000n,
    });
    expect(bill.total).to.deep.include({ importWh: 50, exportWh: 950, soldWh: 800, longWh: 200, shortWh: 100 });
    expect(bill.total.totalTicks).to.equal(lineOf(bill, seller).totalTicks + 17_000_000n);
    expect(bill.openPositions).to.equal(0);
  });

  it("explains the whole way from the deposit to the balance on chain", async () => {
    const { market, seller, buyer, second } = await tradedSlot();
    // A position that nobody reads, then a gap reading; and a meter that was late.
    await market.clear(S + 3, [
      market.order(seller, S + 3, "offer", 400, 150_000),
      market.order(buyer, S + 3, "bid", 400, 250_000),
    ]);
    await market.at(S + 12, 10);
    await market.settleFlows(S + 5, [
      { meter: seller, exportWh: 900 },
      { meter: buyer, importWh: 120 },
      { meter: second, importWh: 70, exportWh: 30 },
    ]);
    const events = await eventsOf(market);
    for (const meter of [seller, buyer, second]) {
      const line = lineOf(computeBill({ events, site: meter.site, fromSlot: 0, toSlot: S + 20 }), meter);
      const balance = (await market.word(meter)).balanceTicks;
      expect(1_000_000_000_000n + line.totalTicks).to.equal(balance);
      expect(line.balanceChangeTicks).to.equal(line.totalTicks);
    }
    // Gap energy is charged gross: 70 at the cap of 600,000 and 30 at the floor of 50,000.
    const gap = lineOf(computeBill({ events, site: second.site, fromSlot: S + 5, toSlot: S + 5 }), second);
    expect(gap).to.deep.include({ shortWh: 70, shortTicks: 42_000_000n, longWh: 30, longTicks: 1_500_000n });
  });

  it("bills unread positions as if nothing had flowed, and says which ones still wait", async () => {
    const { market, seller, buyer } = await tradedSlot();
    await market.clear(S + 3, [
      market.order(seller, S + 3, "offer", 400, 150_000),
      market.order(buyer, S + 3, "bid", 400, 250_000),
    ]);
    const waiting = computeBill({ events: await eventsOf(market), site: seller.site, fromSlot: S + 3, toSlot: S + 3 });
    expect(waiting.openPositions).to.equal(1);
    expect(waiting.total.soldTicks).to.equal(0n);

    await market.at(S + 9, 10);
    await market.exchange.close(1, S, []);
    await market.exchange.close(1, S + 1, []);
    await market.exchange.close(1, S + 3, [seller.address, buyer.address]);
    const events = await eventsOf(market);
    const sold = computeBill({ events, site: seller.site, fromSlot: S + 3, toSlot: S + 3 });
    expect(sold.openPositions).to.equal(0);
    // Sold 400 at 200,000, delivered nothing: bought back at 300,000, with 30,000 of network charge that buyers saved.
    expect(sold.total).to.deep.include({ soldTicks: 80_000_000n, shortWh: 400, shortTicks: 132_000_000n });
    const bought = computeBill({ events, site: buyer.site, fromSlot: S + 3, toSlot: S + 3 });
    // Bought 400 at 200,000, used nothing: given to the grid at 100,000.
    expect(bought.total).to.deep.include({ boughtTicks: 80_000_000n, longWh: 400, longTicks: 40_000_000n });
  });

  it("bills the fee of an order placed on chain only where it did not trade", async () => {
    const market = await deployTestMarket(await hre.network.create());
    const seller = await market.addMeter({ kind: "producer" });
    const buyer = await market.addMeter({ kind: "consumer" });
    const idle = await market.addMeter({ kind: "consumer" });
    await market.exchange.connect(buyer.owner).placeOrder(S + 1, buyer.address, 1, 300, 250_000);
    await market.exchange.connect(idle.owner).placeOrder(S + 1, idle.address, 1, 300, 100_000);
    const locked = computeBill({ events: await eventsOf(market), site: buyer.site, fromSlot: S + 1, toSlot: S + 1 });
    // 300 x 250,000, its fee of 1 %, and the placement fee of a thousandth of a credit.
    expect(locked.total.otherTicks).to.equal(-76_750_000n);
    const placed = [buyer, idle].map(({ address: meter }, index) => {
      return { meter, side: "bid" as const, energyWh: 300, limitPrice: index === 0 ? 250_000 : 100_000 };
    });
    await market.clear(S + 1, [market.order(seller, S + 1, "offer", 300, 150_000)], placed);
    const events = await eventsOf(market);
    const traded = computeBill({ events, site: buyer.site, fromSlot: S + 1, toSlot: S + 1 });
    expect(traded.total).to.deep.include({ boughtTicks: 60_000_000n, feeTicks: 600_000n, otherTicks: 0n });
    expect(traded.openPositions).to.equal(1);
    const unmatched = computeBill({ events, site: idle.site, fromSlot: S + 1, toSlot: S + 1 });
    expect(unmatched.total).to.deep.include({ boughtWh: 0, otherTicks: -1_000_000n, totalTicks: -1_000_000n });
  });

  it("separates what the balance could not pay: bond, debt and lapsed charges", async () => {
    const market = await deployTestMarket(await hre.network.create());
    const poor = await market.addMeter({ kind: "consumer", balanceTicks: 10_000_000n });
    await market.at(S + 1, 10);
    await market.settleFlows(S, [{ meter: poor, importWh: 100 }]);
    const { total } = computeBill({ events: await eventsOf(market), site: poor.site, fromSlot: S, toSlot: S });
    // 100 Wh cost 30,000,000: the balance pays 10,000,000, the rest is debt, and no charge is paid.
    expect(total).to.deep.include({
      shortTicks: 30_000_000n,
      debtTicks: 20_000_000n,
      networkTicks: 0n,
      levyTicks: 0n,
      totalTicks: -30_000_000n,
      balanceChangeTicks: -10_000_000n,
    });
  });

  it("prints a table, CSV and JSON with the same figures", async () => {
    const { market, buyer } = await tradedSlot();
    const bill = computeBill({ events: await eventsOf(market), site: buyer.site, fromSlot: S + 1, toSlot: S + 1 });
    const table = formatBill(bill);
    expect(table).to.match(/bought +│ +0\.800 │ +-0\.1600/);
    expect(table).to.match(/total +│ +│ +-0\.2216/);
    const [head = "", line = "", total = ""] = billCsv(bill).split("\n");
    const columns = head.split(",");
    const at = (row: string, name: string) => row.split(",")[columns.indexOf(name)];
    expect(at(line, "meter")).to.equal(buyer.address);
    expect(at(line, "totalCredits")).to.equal("-0.2216");
    expect(at(total, "meter")).to.equal("total");
    expect(at(total, "boughtWh")).to.equal("800");
    const parsed = JSON.parse(billJson(bill)) as { total: { totalTicks: string; importWh: number } };
    expect(parsed.total).to.include({ totalTicks: "-221600000", importWh: 900 });
  });

  it("refuses an unknown site, a period that ends before it begins, and events with a hole", async () => {
    const { market, buyer } = await tradedSlot();
    const events = await eventsOf(market);
    const codeOf = (work: () => unknown): string => {
      try {
        work();
      } catch (error) {
        if (error instanceof JouleworkError) return error.code;
        throw error;
      }
      return "none";
    };
    const { site } = buyer;
    expect(codeOf(() => computeBill({ events, site: 99, fromSlot: S, toSlot: S }))).to.equal("SITE_UNKNOWN");
    expect(codeOf(() => computeBill({ events, site, fromSlot: S, toSlot: S - 1 }))).to.equal("BILL_PERIOD_INVALID");
    const holed = events.filter(({ name }) => name !== "Deposited");
    expect(codeOf(() => computeBill({ events: holed, site, fromSlot: S, toSlot: S + 1 }))).to.equal(
      "BILL_DOES_NOT_BALANCE",
    );
  });
});
