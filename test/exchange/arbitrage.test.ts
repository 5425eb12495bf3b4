import { expect } from "chai";
import hre from "hardhat";
import type { TestMarket, TestMeter } from "../support/testMarket.ts";
import { account, community, placedList, S, skipped, T, type Community } from "./given.ts";
import { gainOf, wealthOf } from "./wealth.ts";

const DAY_SLOTS = 96;

/** What two alternatives gain the same meters; each begins in the present state, which is there again afterwards. */
async function compare(
  market: TestMarket,
  meters: readonly TestMeter[],
  honest: () => Promise<unknown>,
  deviation: () => Promise<unknown>,
): Promise<{ honest: bigint; deviation: bigint }> {
  const snapshot = await market.connection.networkHelpers.takeSnapshot();
  const honestGain = await gainOf(market, meters, honest);
  await snapshot.restore();
  const deviationGain = await gainOf(market, meters, deviation);
  await snapshot.restore();
  return { honest: honestGain, deviation: deviationGain };
}

describe("nobody earns more by cheating than by honest operation", () => {
  let given: () => Promise<Community>;
  before(async () => {
    const connection = await hre.network.create();
    async function cheating() {
      return community(connection);
    }
    given = () => connection.networkHelpers.loadFixture(cheating);
  });

  /** Trade `slot` and settle it with the flows given. */
  async function trade(
    { market, seller, home, buyer }: Community,
    slot: number,
    orders: { meter: TestMeter; side: "bid" | "offer"; energyWh: number; limitPrice: number }[],
    flows: { meter: TestMeter; importWh?: number; exportWh?: number }[],
  ) {
    if (orders.length > 0) {
      await market.clear(
        slot,
        orders.map(({ meter, side, energyWh, limitPrice }) => market.order(meter, slot, side, energyWh, limitPrice)),
      );
    }
    await market.at(slot, 10);
    await market.settleFlows(slot - 1, [{ meter: seller }, { meter: home }, { meter: buyer }]);
    await market.at(slot + 1, 10);
    await market.settleFlows(slot, flows);
  }

  describe("by its readings", () => {
    it("not reading for a day costs a consumer and a generator more than reading every slot", async () => {
      const { market, buyer, seller } = await given();
      const silentBuyer = await market.addMeter({ kind: "consumer" });
      const silentSeller = await market.addMeter({ kind: "producer", source: "solar" });
      const start = await Promise.all(
        [buyer, silentBuyer, seller, silentSeller].map((meter) => wealthOf(market, [meter])),
      );
      for (let slot = S; slot < S + DAY_SLOTS; ++slot) {
        await market.at(slot + 1, 10);
        await market.settleFlows(slot, [
          { meter: buyer, importWh: 100 },
          { meter: seller, exportWh: 100 },
        ]);
      }
      // One reading for the whole day, when all its deadlines but its own are over.
      await market.at(S + DAY_SLOTS + 3, 10);
      await market.settleFlows(S + DAY_SLOTS - 1, [
        { meter: silentBuyer, importWh: 100 * DAY_SLOTS },
        { meter: silentSeller, exportWh: 100 * DAY_SLOTS },
      ]);
      const end = await Promise.all(
        [buyer, silentBuyer, seller, silentSeller].map((meter) => wealthOf(market, [meter])),
      );
      const [read, silent, sold, silentSold] = end.map((ticks, i) => ticks - (start[i] ?? 0n));
      const dayWh = 100n * BigInt(DAY_SLOTS);
      expect(read).to.equal(-dayWh * (300_000n + 50_000n + 10_000n));
      expect(silent).to.equal(-dayWh * (600_000n + 50_000n + 10_000n));
      expect(sold).to.equal(dayWh * 100_000n);
      expect(silentSold).to.equal(dayWh * 50_000n);
    });

    it("reading once a day, in time for its own slot, is a gap reading and shuts the meter out of trade", async () => {
      const { market, buyer, seller } = await given();
      const slot = S + DAY_SLOTS;
      await market.at(slot + 4, 10);
      await market.settleFlows(slot, [{ meter: buyer, importWh: 960 }]);
      expect((await market.word(buyer)).lastSlot).to.equal(slot);
      // The slot before the last one cleared was not the last one read.
      const traded = slot + 5;
      const cleared = await market.clear(traded, [
        market.order(buyer, traded, "bid", 100, 300_000),
        market.order(seller, traded, "offer", 100, 100_000),
      ]);
      await expect(cleared)
        .to.emit(market.exchange, "OrderSkipped")
        .withArgs(...skipped(buyer, traded, "MeterUnread"));
      expect((await market.exchange.slotRecord(1, traded)).matchedWh).to.equal(0n);
    });

    it("holding back the reading of a bad position does not undo it", async () => {
      const all = await given();
      const { market, seller, buyer } = all;
      const orders = [
        { meter: seller, side: "offer", energyWh: 1_000, limitPrice: 200_000 },
        { meter: buyer, side: "bid", energyWh: 1_000, limitPrice: 200_000 },
      ] as const;
      const read = async () => {
        await trade(all, T, [...orders], [{ meter: buyer }, { meter: seller }]);
      };
      const silent = async () => {
        await trade(all, T, [...orders], [{ meter: buyer }]);
        await market.at(T + 5, 10);
        await market.settleFlows(T, [{ meter: seller }]);
      };
      const gains = await compare(market, [seller], read, silent);
      expect(gains.deviation).to.equal(gains.honest);
      // The shortfall at the retail price, and the network charge that the buyer was spared.
      expect(gains.honest).to.equal(1_000n * (200_000n - 300_000n - 30_000n));
    });
  });

  describe("by its orders", () => {
    it("selling to a stranger without generating costs the retail price of what was sold", async () => {
      const all = await given();
      const { market, seller, buyer } = all;
      const idle = () => trade(all, T, [], [{ meter: seller }, { meter: buyer, importWh: 1_000 }]);
      const lie = () =>
        trade(
          all,
          T,
          [
            { meter: seller, side: "offer", energyWh: 1_000, limitPrice: 290_000 },
            { meter: buyer, side: "bid", energyWh: 1_000, limitPrice: 300_000 },
          ],
          [{ meter: seller }, { meter: buyer, importWh: 1_000 }],
        );
      const gains = await compare(market, [seller], idle, lie);
      expect(gains.honest).to.equal(0n);
      expect(gains.deviation).to.equal(1_000n * (295_000n - 300_000n - 30_000n));
    });

    it("selling to an accomplice without generating earns the two together nothing", async () => {
      const all = await given();
      const { market, seller, buyer } = all;
      const flows = [{ meter: seller }, { meter: buyer, importWh: 1_000 }];
      for (const limitPrice of [100_000, 200_000, 300_000]) {
        const gains = await compare(
          market,
          [seller, buyer],
          () => trade(all, T, [], flows),
          () =>
            trade(
              all,
              T,
              [
                { meter: seller, side: "offer", energyWh: 1_000, limitPrice },
                { meter: buyer, side: "bid", energyWh: 1_000, limitPrice },
              ],
              flows,
            ),
        );
        // All that changes for the two together is the trading fee that they lose.
        expect(gains.deviation - gains.honest).to.equal(-10n * BigInt(limitPrice));
      }
    });

    it("nor where the seller's balance is empty and its bond has to pay", async () => {
      const all = await given();
      const { market, buyer } = all;
      const empty = await market.addMeter({ kind: "producer", source: "wind", balanceTicks: 0n });
      const read = async () => {
        await market.at(T, 10);
        await market.settleFlows(S, [{ meter: empty }, { meter: buyer }]);
        await market.at(T + 1, 10);
        await market.settleFlows(T, [{ meter: empty }, { meter: buyer, importWh: 1_000 }]);
      };
      const gains = await compare(market, [empty, buyer], read, async () => {
        await market.clear(T, [
          market.order(empty, T, "offer", 1_000, 200_000),
          market.order(buyer, T, "bid", 1_000, 200_000),
        ]);
        await read();
      });
      expect(gains.deviation - gains.honest).to.equal(-2_000_000n);
    });

    it("buying without using loses the spread and the fee", async () => {
      const all = await given();
      const { market, seller, buyer } = all;
      const idle = () => trade(all, T, [], [{ meter: buyer }, { meter: seller, exportWh: 1_000 }]);
      const hoard = () =>
        trade(
          all,
          T,
          [
            { meter: seller, side: "offer", energyWh: 1_000, limitPrice: 100_000 },
            { meter: buyer, side: "bid", energyWh: 1_000, limitPrice: 100_000 },
          ],
          [{ meter: buyer }, { meter: seller, exportWh: 1_000 }],
        );
      const gains = await compare(market, [buyer], idle, hoard);
      expect(gains.honest).to.equal(0n);
      // Even at the lowest price there is, the fee is lost.
      expect(gains.deviation).to.equal(-1_000_000n);
      const others = await compare(market, [seller], idle, hoard);
      expect(others.deviation).to.equal(others.honest);
    });

    it("trading with oneself pays fees that the shares for work do not bring back", async () => {
      const all = await given();
      const { market, seller, buyer } = all;
      const worker = await market.exchange.earned(market.worker.address);
      const matcher = await market.exchange.earned(market.matcher.address);
      const gain = await gainOf(market, [seller, buyer], () =>
        trade(
          all,
          T,
          [
            { meter: seller, side: "offer", energyWh: 1_000, limitPrice: 300_000 },
            { meter: buyer, side: "bid", energyWh: 1_000, limitPrice: 300_000 },
          ],
          [{ meter: seller, exportWh: 1_000 }, { meter: buyer }],
        ),
      );
      const paid =
        (await market.exchange.earned(market.worker.address)) -
        worker +
        ((await market.exchange.earned(market.matcher.address)) - matcher);
      // Exporting 1,000 Wh without any trade earns 1,000 x 100,000.
      expect(gain + paid - 100_000_000n).to.equal(-3_000_000n + 1_200_000n);
    });

    it("splitting an order does not save fees", async () => {
      const { market, seller } = await given();
      const whole = await market.addMeter({ kind: "consumer" });
      const parts = [];
      for (let i = 0; i < 3; ++i) parts.push(await market.addMeter({ kind: "consumer" }));
      await market.clear(T, [
        market.order(seller, T, "offer", 2_000, 100_001),
        market.order(whole, T, "bid", 999, 100_001),
        ...parts.map((meter) => market.order(meter, T, "bid", 333, 100_001)),
      ]);
      const start = 1_000_000_000_000n;
      const paidWhole = start - (await market.word(whole)).balanceTicks;
      let paidParts = 0n;
      for (const meter of parts) paidParts += start - (await market.word(meter)).balanceTicks;
      expect(paidWhole < paidParts).to.equal(true);
    });
  });

  describe("by its sites", () => {
    it("splitting a home's import and export over two meters is never better than netting in one", async () => {
      const all = await given();
      const { market, home } = all;
      const load = await market.addMeter({ kind: "consumer", site: home.site });
      const solar = await market.addMeter({ kind: "producer", source: "solar", site: home.site, bonded: true });
      const site = [home, load, solar];
      // The home uses 700 Wh and generates 500 Wh at the same time: 200 Wh come in from the grid.
      const readAll = async (flows: { meter: TestMeter; importWh?: number; exportWh?: number }[]) => {
        await market.at(S + 1, 10);
        await market.settleFlows(S, [{ meter: home }, { meter: load }, { meter: solar }]);
        await market.at(T + 1, 10);
        await market.settleFlows(T, flows);
      };
      const one = () => readAll([{ meter: home, importWh: 200 }, { meter: load }, { meter: solar }]);
      const split = () => readAll([{ meter: home }, { meter: load, importWh: 700 }, { meter: solar, exportWh: 500 }]);
      const traded = async () => {
        await market.clear(T, [
          market.order(load, T, "bid", 500, 100_000),
          market.order(solar, T, "offer", 500, 100_000),
        ]);
        await split();
      };
      const untraded = await compare(market, site, one, split);
      expect(untraded.honest).to.equal(-200n * 360_000n);
      expect(untraded.deviation).to.equal(-700n * 360_000n + 500n * 100_000n);
      const inner = await compare(market, site, one, traded);
      // Trading between its own meters still pays fee, local network charge and levy.
      expect(inner.deviation - inner.honest).to.equal(-500_000n - 500n * 30_000n);
    });

    it("several small debts are one debt of the site, and every meter of it is shut out", async () => {
      const { market, seller } = await given();
      const poor = await market.addMeter({ kind: "consumer", balanceTicks: 0n });
      const rich = await market.addMeter({ kind: "consumer", site: poor.site });
      await market.at(S + 1, 10);
      await market.settleFlows(S, [{ meter: poor, importWh: 100 }, { meter: rich }]);
      // The sibling's own flag is not set yet; anybody may bring it up to date.
      await market.exchange.connect(market.worker).syncMeter(rich.address);
      const cleared = await market.clear(S + 2, [
        market.order(rich, S + 2, "bid", 100, 300_000),
        market.order(seller, S + 2, "offer", 100, 100_000),
      ]);
      await expect(cleared)
        .to.emit(market.exchange, "OrderSkipped")
        .withArgs(...skipped(rich, S + 2, "MeterIndebted"));
      // And money leaves the site only after the debt: 100 Wh x 300,000.
      await market.exchange.connect(rich.owner).requestWithdrawal(rich.address, 1n, rich.owner.address);
      expect((await market.exchange.siteInfo(poor.site)).debtTicks).to.equal(0n);
      expect((await market.word(rich)).balanceTicks).to.equal(1_000_000_000_000n - 30_000_000n - 1n);
    });
  });

  describe("by its debts", () => {
    it("a debt made on purpose is owed in full, asks for disconnection, and shuts the site out of trade", async () => {
      const { market, seller } = await given();
      const debtor = await market.addMeter({ kind: "consumer", balanceTicks: 0n });
      await market.at(S + 1, 10);
      const settled = await market.settleFlows(S, [{ meter: debtor, importWh: 1_000 }]);
      await expect(settled)
        .to.emit(market.exchange, "DisconnectionRequested")
        .withArgs(debtor.address, S, 0, (deposit: bigint) => deposit > 0n);
      const { debtTicks } = await market.exchange.siteInfo(debtor.site);
      expect(debtTicks >= 1_000n * 300_000n).to.equal(true);
      await market.fund(debtor.owner, 10_000_000_000n);
      await market.exchange.connect(debtor.owner).deposit(debtor.address, 10_000_000_000n);
      const cleared = await market.clear(S + 2, [
        market.order(debtor, S + 2, "bid", 100, 300_000),
        market.order(seller, S + 2, "offer", 100, 100_000),
      ]);
      await expect(cleared)
        .to.emit(market.exchange, "OrderSkipped")
        .withArgs(...skipped(debtor, S + 2, "MeterIndebted"));
      await market.exchange.connect(debtor.owner).requestWithdrawal(debtor.address, 1n, debtor.owner.address);
      expect((await market.word(debtor)).balanceTicks).to.equal(10_000_000_000n - debtTicks - 1n);
    });

    it("a seller that cannot pay its shortfall pays it from its bond and may not offer again", async () => {
      const all = await given();
      const { market, buyer, seller } = all;
      const empty = await market.addMeter({ kind: "producer", source: "wind", balanceTicks: 0n });
      await market.clear(T, [
        market.order(empty, T, "offer", 1_000, 200_000),
        market.order(buyer, T, "bid", 1_000, 200_000),
      ]);
      const gain = await gainOf(market, [empty], async () => {
        await market.at(T, 10);
        await market.settleFlows(S, [{ meter: empty }, { meter: buyer }, { meter: seller }]);
        await market.at(T + 1, 10);
        await market.settleFlows(T, [{ meter: empty }, { meter: buyer, importWh: 1_000 }, { meter: seller }]);
      });
      expect(gain <= 1_000n * (200_000n - 300_000n)).to.equal(true);
      expect((await market.word(empty)).flags.bonded).to.equal(false);
      const again = await market.clear(T + 2, [
        market.order(empty, T + 2, "offer", 1_000, 200_000),
        market.order(buyer, T + 2, "bid", 1_000, 200_000),
      ]);
      await expect(again)
        .to.emit(market.exchange, "OrderSkipped")
        .withArgs(...skipped(empty, T + 2, "MeterNotBonded"));
    });
  });

  describe("by the order of transactions", () => {
    it("front-running a batch with one of its readings settles it once and stops none of the others", async () => {
      const { market, seller, buyer, home, feeder } = await given();
      const flows = [seller, buyer, home, feeder].map((meter) => ({ meter, importWh: 40, exportWh: 40 }));
      const registers = flows.map(({ meter }) => ({ meter, importWh: 40, exportWh: 40 }));
      const batch = market.readings(S, registers);
      const alone = market.readings(S, registers.slice(1, 2));
      const undisturbed = async () => {
        await market.at(S + 1, 10);
        await market.exchange.connect(market.worker).settle(1, S, batch);
      };
      const frontRun = async () => {
        await market.at(S + 1, 9);
        await market.exchange.connect(account(market, 19)).settle(1, S, alone);
        await market.at(S + 1, 10);
        await expect(market.exchange.connect(market.worker).settle(1, S, batch))
          .to.emit(market.exchange, "ReadingSkipped")
          .withArgs(...skipped(buyer, S, "ReadingTooOld"));
        expect((await market.exchange.slotRecord(1, S)).readCount).to.equal(4n);
      };
      for (const meter of [seller, buyer, home]) {
        const gains = await compare(market, [meter], undisturbed, frontRun);
        expect(gains.deviation).to.equal(gains.honest);
      }
    });

    it("a reading cannot be taken to another zone, slot or register by whoever carries it", async () => {
      const { market, buyer } = await given();
      await market.at(S + 1, 10);
      const signed = market.readings(S, [{ meter: buyer, importWh: 10, exportWh: 0 }]);
      const forged = `0x${"00".repeat(4)}00${signed.slice(12)}`;
      expect(forged).to.have.length(signed.length);
      const receipt = await (await market.exchange.settle(1, S, forged)).wait();
      const names = receipt?.logs.map((log) => market.exchange.interface.parseLog(log)?.name);
      // Who touches a slot first fixes the prices up to it.
      const others = names?.filter((name) => name !== "TariffFixed");
      expect(others).to.deep.equal(["SlotOpened", "ReadingSkipped"]);
      expect((await market.word(buyer)).lastSlot).to.equal(S - 1);
    });
  });

  describe("by its matcher", () => {
    it("committing a book and withholding it costs the bond and stops no order placed on chain", async () => {
      const { market, seller, buyer, home } = await given();
      await market.exchange.connect(seller.owner).placeOrder(T, seller.address, 2, 500, 150_000);
      await market.exchange.connect(buyer.owner).placeOrder(T, buyer.address, 1, 500, 250_000);
      const hidden = market.book(T, [market.order(home, T, "bid", 300, 290_000)]);
      await market.at(T, -590);
      await market.exchange.connect(market.matcher).commitBook(1, T, hidden.hash, 1);
      const [bondBefore] = await market.exchange.matcherBond(market.matcher.address);
      const { encodeBook } = await import("../../src/market/book.ts");
      const open = encodeBook(market.book(T, [], await placedList(market, T)));
      await market.at(T, -119);
      await market.exchange.connect(market.worker).clear(1, T, open.bidEntries, open.offerEntries);
      const record = await market.exchange.slotRecord(1, T);
      expect([record.matchedWh, record.clearingPrice]).to.deep.equal([500n, 200_000n]);
      await market.at(T, 10);
      const reporter = account(market, 19);
      await market.exchange.connect(reporter).reportUncleared(1, T);
      const [bondAfter] = await market.exchange.matcherBond(market.matcher.address);
      expect(bondBefore - bondAfter).to.equal(20_000_000_000n);
      expect(await market.exchange.earned(reporter.address)).to.equal(10_000_000_000n);
      // Who stayed with the matcher falls back on the grid and is charged nothing for an order that did not trade.
      expect((await market.word(home)).balanceTicks).to.equal(1_000_000_000_000n);
    });
  });
});
