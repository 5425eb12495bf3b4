import { expect } from "chai";
import hre from "hardhat";
import {
  audit,
  finalChecks,
  readTransactions,
  rebuild,
  type AuditCheck,
  type AuditTransaction,
} from "../../src/audit/index.ts";
import { deployTestMarket, FIRST_SLOT as S, TERMS, type TestMarket } from "../support/testMarket.ts";
import { mockQueue } from "../support/mockQueue.ts";
import { hardhatRpc } from "./hardhatRpc.ts";
import { deploymentOf, type SmallRun } from "./smallRun.ts";

type Run = Omit<SmallRun, "meters">;

/** A zone whose prices move: a day of readings, queued energy, new terms, and then nothing for a week. */
async function play(): Promise<Run> {
  const connection = await hre.network.create();
  const market = await deployTestMarket(connection, { slopePpm: 600_000 });
  const { exchange } = market;
  const taker = await market.addMeter({ kind: "consumer" });
  const giver = await market.addMeter({ kind: "prosumer", bonded: false });
  const queue = await mockQueue(market);
  await queue.set(
    1,
    S + 20,
    Array.from({ length: 150 }, (_, index) => (index * 37) % 500),
  );
  for (let slot = S; slot < S + 125; ++slot) {
    await market.at(slot + 1, 20);
    await read(market, slot, taker, giver);
    if (slot === S + 100) {
      const terms = { ...TERMS, fromSlot: slot + 12, importPrice: 320_000, slopePpm: 900_000 };
      await exchange.connect(market.governor).setZoneTerms(1, terms);
    }
  }
  await market.at(S + 700);
  await exchange.fixTariffs(1, S + 705);
  return { market, rpc: hardhatRpc(connection), deployment: await deploymentOf(market) };
}

type Meter = Awaited<ReturnType<TestMarket["addMeter"]>>;

async function read(market: TestMarket, slot: number, taker: Meter, giver: Meter): Promise<void> {
  await market.settleFlows(slot, [
    { meter: taker, importWh: (slot * 331) % 1_700 },
    { meter: giver, exportWh: (slot * 173) % 1_500 },
  ]);
  if (slot === S + 10) await market.exchange.passOver(1, S - 1);
  if (slot > S + 10) await market.exchange.close(1, slot - 11, []);
}

async function checkOf({ market, deployment }: Run, transactions: AuditTransaction[]): Promise<AuditCheck> {
  const { domain } = market;
  const { state, findings } = await rebuild({ transactions, domain, desk: deployment.contracts.CreditDesk ?? "" });
  finalChecks(state, findings, domain);
  const check = findings.checks().find(({ name }) => name === "tariff");
  if (check === undefined) throw new Error("no check of prices");
  return check;
}

describe("an audit of prices that move", () => {
  let run: Run;
  let history: AuditTransaction[];
  before(async () => {
    run = await play();
    history = [];
    const {
      EnergyExchange: exchange = "",
      EnergyCredit: credit = "",
      CreditDesk: desk = "",
      Reputation: reputation = "",
      Seasons: seasons = "",
      Badges: badges = "",
      Inspections: inspections = "",
    } = run.deployment.contracts;
    const contracts = { exchange, credit, desk, reputation, seasons, badges, inspections };
    const toBlock = await run.market.connection.ethers.provider.getBlockNumber();
    for await (const transaction of readTransactions({ rpc: run.rpc, ...contracts, fromBlock: 0, toBlock })) {
      history.push(transaction);
    }
  });

  /** The price of a slot, in the events of this history. */
  function priceOf(events: readonly AuditTransaction[], wanted: number): Record<string, number> {
    for (const { source, event } of events.flatMap((transaction) => transaction.events)) {
      if (source === "exchange" && event.name === "TariffFixed" && event.args.slot === wanted) {
        return event.args;
      }
    }
    throw new Error(`slot ${String(wanted)} has no price`);
  }

  it("recomputes every one of them from the readings, and finds them on the chain", async () => {
    const report = await audit(run);
    expect(report.checks.flatMap(({ failures }) => failures)).to.deep.equal([]);
    const figures = report.checks.find(({ name }) => name === "tariff")?.figures;
    expect(figures?.prices).to.be.greaterThan(300);
    expect(figures?.pricesMoved).to.be.greaterThan(100);
    expect(figures?.queuedWh).to.be.greaterThan(1_000);
  });

  for (const field of ["importPrice", "exportPrice", "scarcityPpm", "queuedWh"]) {
    it(`names the slot whose ${field} is not what its figures say`, async () => {
      const tampered = structuredClone(history);
      const price = priceOf(tampered, S + 118);
      expect(price.queuedWh).to.be.greaterThan(0);
      price[field] = (price[field] ?? 0) + 1;
      const { failures } = await checkOf(run, tampered);
      expect(failures[0]).to.deep.include({ zone: 1, slot: S + 118 });
    });
  }

  it("names the first slot whose price does not follow when a reading was another", async () => {
    const tampered = structuredClone(history);
    for (const { source, event } of tampered.flatMap((transaction) => transaction.events)) {
      // The word of a reading holds the import register in its lowest bits.
      if (source !== "exchange" || event.name !== "ReadingSettled") continue;
      (event.args as { word: bigint }).word += 700n;
      break;
    }
    const { failures } = await checkOf(run, tampered);
    expect(failures[0]).to.deep.include({ zone: 1, slot: S + 96 });
  });

  it("misses a price that was left out, and one that came before its gate opened", async () => {
    const without = history.map((transaction) => ({
      ...transaction,
      events: transaction.events.filter(({ event }) => event.name !== "TariffFixed" || event.args.slot !== S + 119),
    }));
    expect((await checkOf(run, without)).failures[0]?.subject).to.be.oneOf(["importPrice", "slots are fixed in order"]);
    const early = history.map((transaction) => {
      const fixes = transaction.events.some(({ event }) => event.name === "TariffFixed" && event.args.slot === S + 705);
      return fixes ? { ...transaction, timestamp: (S + 697) * 900 - 1 } : transaction;
    });
    const { failures } = await checkOf(run, early);
    expect(failures.map(({ subject, slot }) => `${subject} ${String(slot)}`)).to.include(
      `fixed once its gate was open ${String(S + 705)}`,
    );
  });
});
