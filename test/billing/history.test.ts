import { expect } from "chai";
import hre from "hardhat";
import { audit, type AuditReport } from "../../src/audit/index.ts";
import { computeBill, type Bill, type BillAmounts } from "../../src/billing/index.ts";
import type { ExchangeEvent } from "../../src/chain/exchange.ts";
import { playSmallRun, type SmallRun } from "../audit/smallRun.ts";
import { eventsOf } from "./eventsOf.ts";
import { FIRST_SLOT as S } from "../support/testMarket.ts";

const EVER = { fromSlot: 0, toSlot: S + 1_000 };

describe("the bills of a whole history", () => {
  let run: SmallRun;
  let events: ExchangeEvent[];
  let report: AuditReport;
  let bills: Bill[];

  before(async () => {
    run = await playSmallRun(await hre.network.create());
    const { rpc, deployment } = run;
    events = await eventsOf(run.market);
    report = await audit({ rpc, deployment });
    const sites = events.filter(({ name }) => name === "SiteRegistered").length;
    bills = Array.from({ length: sites }, (_, index) => computeBill({ events, site: index + 1, ...EVER }));
  });

  function total(field: Exclude<keyof BillAmounts, `${string}Wh`>): bigint {
    return bills.reduce((sum, bill) => sum + bill.total[field], 0n);
  }

  function totalWh(field: Extract<keyof BillAmounts, `${string}Wh`>): number {
    return bills.reduce((sum, bill) => sum + bill.total[field], 0);
  }

  function figure(check: string, name: string): number | bigint {
    return report.checks.find((found) => found.name === check)?.figures[name] ?? "missing".length;
  }

  it("is one that the audit finds nothing wrong with", () => {
    expect(report.passed).to.equal(true);
  });

  it("add up to what the audit saw traded", () => {
    expect(totalWh("boughtWh")).to.equal(figure("slots", "tradedWh"));
    expect(totalWh("soldWh")).to.equal(figure("slots", "tradedWh"));
    expect(total("boughtTicks")).to.equal(figure("slots", "buyersPaidTicks"));
    expect(total("soldTicks")).to.equal(figure("slots", "sellersGotTicks"));
    expect(total("feeTicks")).to.equal(figure("slots", "feeTicks"));
    expect(bills.every(({ openPositions }) => openPositions === 0)).to.equal(true);
  });

  it("add up to what the grid owes and is owed, with claims, bonds and debts", () => {
    expect(total("longTicks")).to.equal(figure("gridLeg", "longValueTicks"));
    // The grid is owed the corrections as well, which a bill states on a line of their own.
    const corrected = events.reduce(
      (sum, event) => (event.name === "ReadingCorrected" ? sum - event.args.amountTicks : sum),
      0n,
    );
    expect(corrected).to.equal(1_000_000n);
    expect(total("shortTicks") + corrected).to.equal(figure("gridLeg", "shortValueTicks"));
    expect(total("claimTicks")).to.equal(figure("gridLeg", "claimedTicks"));
    expect(total("debtTicks")).to.equal(figure("gridLeg", "debtAddedTicks"));
    expect(total("repaidTicks")).to.equal(figure("gridLeg", "debtRepaidTicks"));
    for (const field of ["claimTicks", "debtTicks", "longTicks", "shortTicks"] as const) {
      expect(total(field), field).to.be.gt(0n);
    }
  });

  it("bill the charges that accrued, and nothing of those that lapsed", () => {
    expect(total("networkTicks")).to.equal(figure("charges", "networkTicks"));
    expect(total("levyTicks")).to.equal(figure("charges", "levyTicks"));
    expect(figure("charges", "lapsedTicks")).to.be.gt(0n);
  });

  it("count each metered watt-hour once, late ones and those of replaced meters included", async () => {
    const feeder = await run.market.word(run.meters.feeder);
    expect(totalWh("importWh")).to.equal(Number(figure("registers", "importWh")) - feeder.importWh);
    expect(totalWh("exportWh")).to.equal(Number(figure("registers", "exportWh")) - feeder.exportWh);
    expect(figure("settlement", "gapReadings")).to.be.gt(0);
    expect(events.some(({ name }) => name === "MeterReplaced")).to.equal(true);
  });

  it("are the same whether a period is billed at once or slot by slot", () => {
    for (const whole of bills) {
      const { site } = whole;
      const slots = Array.from({ length: 30 }, (_, index) => S - 5 + index);
      const rest = computeBill({ events, site, fromSlot: S + 25, toSlot: S + 1_000 });
      const parts = [...slots.map((slot) => computeBill({ events, site, fromSlot: slot, toSlot: slot })), rest];
      const [gained, imported] = [
        parts.reduce((sum, bill) => sum + bill.total.totalTicks, 0n),
        parts.reduce((sum, bill) => sum + bill.total.importWh, 0),
      ];
      expect({ gained, imported }).to.deep.equal({ gained: whole.total.totalTicks, imported: whole.total.importWh });
    }
  });
});
