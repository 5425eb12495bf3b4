import { expect } from "chai";
import hre from "hardhat";
import { openArtifacts } from "../../../explorer/server/artifacts.ts";
import { createContext, type ServerContext } from "../../../explorer/server/context.ts";
import { meter } from "../../../explorer/server/queries/meter.ts";
import { slot } from "../../../explorer/server/queries/slot.ts";
import { transaction } from "../../../explorer/server/queries/transaction.ts";
import { meter as meterSchema, type MeterAnswer } from "../../../explorer/api/meter.ts";
import { slot as slotSchema, type SlotAnswer } from "../../../explorer/api/slot.ts";
import { createIndexer } from "../../../explorer/indexer/indexer.ts";
import { sqliteStores } from "../../../explorer/store/sqliteStore.ts";
import { computeBill } from "../../../src/billing/index.ts";
import { EXCHANGE_ABI } from "../../../src/chain/exchangeAbi.ts";
import type { ExchangeEvent } from "../../../src/chain/exchange.ts";
import { fetchEvents } from "../../../src/chain/logs.ts";
import { blockNumberCall } from "../../../src/chain/calls.ts";
import { itemErrorOf } from "../../../src/market/itemErrors.ts";
import { contractAddress } from "../../../src/chain/deployment.ts";
import { playSmallRun, type SmallRun } from "../../audit/smallRun.ts";
import { FIRST_SLOT as S } from "../../support/testMarket.ts";

// The history has orders of every kind, silence, debt, claims and faults; see the audit's tests.
describe("the explorer's pages of slots and meters in a history with every kind of event", () => {
  let run: SmallRun;
  let context: ServerContext;
  let events: ExchangeEvent[];

  before(async () => {
    run = await playSmallRun(await hre.network.create());
    const { rpc, deployment } = run;
    const indexer = await createIndexer({ rpc, deployment, openStore: sqliteStores({ folder: ":memory:" }) });
    await indexer.backfill();
    const artifacts = openArtifacts(hre.config.paths.artifacts);
    const indexing = () => ({ fromBlock: 0, toBlock: 0, done: true });
    context = createContext({ rpc, deployment, store: indexer.store, artifacts, indexing });
    const address = contractAddress(deployment, "EnergyExchange");
    const toBlock = await rpc.call(blockNumberCall());
    events = await fetchEvents({ rpc, abi: EXCHANGE_ABI, address, fromBlock: 0, toBlock });
  });
  after(async () => {
    await context.store.close();
  });

  const slotAt = async (number: number): Promise<SlotAnswer> =>
    slotSchema.parse(await slot(context, { zone: 1, slot: number }));
  const meterAt = async (address: string, cursor?: string, limit = 500): Promise<MeterAnswer> =>
    meterSchema.parse(await meter(context, { address, limit, ...(cursor === undefined ? {} : { cursor }) }));

  it("clears a slot of placed, delegated and signed orders again, and agrees with the chain", async () => {
    const { home, solar, consumer } = run.meters;
    const answer = await slotAt(S + 1);
    expect(answer.recomputed).to.deep.include({ equal: true, differences: [], rule: "midpoint" });
    expect(answer.recomputed?.bookHash).to.equal(answer.book?.bookHash);
    // 600 Wh bid at 250,000 on chain, 1,000 Wh offered at 140,000 and 300 Wh at 150,000: the midpoint of 250,000 and 140,000.
    expect(answer.clearing).to.deep.include({ clearingPrice: 195_000, matchedWh: 600 });
    expect(answer.orders.map(({ meter: of, side, filledWh, placed }) => [of, side, filledWh, placed])).to.deep.equal([
      [consumer.address, "bid", 600, true],
      [solar.address, "offer", 600, false],
      [home.address, "offer", 0, false],
    ]);
  });

  it("names an order that was left out, with the reason in words", async () => {
    const { poor } = run.meters;
    const { orders, recomputed } = await slotAt(S + 3);
    const skipped = orders.filter((order) => order.skipped !== null);
    expect(skipped).to.have.length(1);
    const told = events.find((event): event is ExchangeEvent<"OrderSkipped"> => event.name === "OrderSkipped");
    expect(skipped[0]).to.deep.include({
      meter: poor.address,
      side: "bid",
      energyWh: 3_000,
      limitPrice: 290_000,
      filledWh: 0,
      skipped: itemErrorOf(told?.args.reason ?? ""),
    });
    // 3,000 Wh are more than the meter can carry in a quarter of an hour.
    expect(skipped[0]?.reason).to.equal("More energy than rated power x slot.");
    expect(recomputed?.equal).to.equal(true);
  });

  it("tells ordinary readings, gap readings and positions that were closed unread apart", async () => {
    const { solar, home } = run.meters;
    const kinds = new Map<string, string[]>();
    for (let number = S; number <= S + 6; ++number) {
      for (const { meter: of, kind } of (await slotAt(number)).readings) {
        kinds.set(of, [...(kinds.get(of) ?? []), kind]);
      }
    }
    // The seller fell silent after its second slot: its sale was closed, and what came after was a gap.
    expect(kinds.get(solar.address)).to.deep.equal(["ordinary", "ordinary", "unread", "gap", "gap"]);
    expect(kinds.get(home.address)).to.include("ordinary");
  });

  it("adds up to the bill of every meter in every slot", async () => {
    let compared = 0;
    for (const [name, { address, site }] of Object.entries(run.meters)) {
      if (name === "feeder") continue;
      const { slots, next } = await meterAt(address);
      expect(next).to.equal(undefined);
      const bySlot = new Map<number, { money: bigint; importWh: number; exportWh: number }>();
      for (const { slot: number, moneyTicks, importWh, exportWh } of slots) {
        const sum = bySlot.get(number) ?? { money: 0n, importWh: 0, exportWh: 0 };
        bySlot.set(number, {
          money: sum.money + BigInt(moneyTicks),
          importWh: sum.importWh + importWh,
          exportWh: sum.exportWh + exportWh,
        });
      }
      for (const [number, { money, importWh, exportWh }] of bySlot) {
        const bill = computeBill({ events, site, fromSlot: number, toSlot: number });
        const line = bill.lines.find((one) => one.meter === address);
        const place = `${name} in slot S + ${String(number - S)}`;
        // Locks and fees of placed orders are no part of what the slot was settled for.
        expect(money, place).to.equal((line?.totalTicks ?? 0n) - (line?.otherTicks ?? 0n));
        expect({ importWh, exportWh }, place).to.deep.equal({ importWh: line?.importWh, exportWh: line?.exportWh });
        compared += 1;
      }
    }
    expect(compared).to.be.greaterThan(15);
  });

  it("says the same of a slot's reading on the page of the slot and on that of the meter", async () => {
    const { home } = run.meters;
    const { slots } = await meterAt(home.address);
    for (const row of slots.filter(({ slot: number }) => number <= S + 6)) {
      const reading = (await slotAt(row.slot)).readings.find(
        ({ source }) =>
          source.logIndex === row.source.logIndex && source.transactionHash === row.source.transactionHash,
      );
      const { kind, importWh, exportWh, positionWh, imbalanceWh, balanceTicks } = row;
      expect(reading).to.deep.include({ kind, importWh, exportWh, positionWh, imbalanceWh, balanceTicks });
    }
  });

  it("pages through a meter's life without a gap or a repetition", async () => {
    const { address } = run.meters.home;
    const whole = await meterAt(address);
    const parts: MeterAnswer["slots"] = [];
    let cursor: string | undefined;
    do {
      const page = await meterAt(address, cursor, 3);
      parts.push(...page.slots);
      cursor = page.next;
    } while (cursor !== undefined);
    expect(parts).to.deep.equal(whole.slots);
  });

  it("tells what moved a site's reputation", async () => {
    // The battery that told two tales of one slot.
    const fault = events.find((event): event is ExchangeEvent<"Penalised"> => event.name === "Penalised");
    const { reputation } = await meterAt(fault?.args.meter ?? "");
    const texts = reputation.flatMap(({ causes }) => causes.map(({ text }) => text));
    expect(
      texts.some((text) => /^fault of 0x\w{40} in slot 2025-06-21 \d\d:\d\d UTC: equivocation/.test(text)),
    ).to.equal(true, texts.join("\n"));
  });

  it("explains a skipped item on the page of its transaction", async () => {
    const skip = events.find(({ name }) => name === "ReadingSkipped");
    const answer = await transaction(context, { hash: skip?.transactionHash ?? "" });
    expect(answer.skipped[0]).to.deep.include({ name: "ReadingTooOld", logIndex: skip?.logIndex });
    expect(answer.skipped[0]?.words).to.match(/settled already/);
    expect(answer.call?.signature).to.equal("settle(uint16,uint32,bytes)");
  });
});
