import { expect } from "chai";
import hre from "hardhat";
import { bidCoverTicks } from "../../src/market/fees.ts";
import { marketDomain } from "../../src/market/messages.ts";
import { laneOf, meterSlotLimitWh } from "../../src/market/meterWord.ts";
import { decodeFill } from "../../src/market/packed.ts";
import { receiveOrder, signDelegatedOrder, signOrder, type SignedOrder } from "../../src/market/sign.ts";
import { signingKey } from "../../src/market/signer.ts";
import type { TestMarket } from "../support/testMarket.ts";
import { account, addZone, community, incurDebt, S, skipped, T, type Community } from "./given.ts";

/** Every `OrderCleared` of a transaction, by meter. */
async function fillsOf(market: TestMarket, sent: Awaited<ReturnType<TestMarket["clear"]>>) {
  const receipt = await sent.wait();
  const fills = new Map<string, ReturnType<typeof decodeFill>>();
  for (const log of receipt?.logs ?? []) {
    const event = market.exchange.interface.parseLog(log);
    if (event?.name === "OrderCleared") fills.set(String(event.args[0]), decodeFill(event.args[1] as bigint));
  }
  return fills;
}

describe("clearing skips one order and clears the others", () => {
  let given: () => Promise<Community>;
  before(async () => {
    const connection = await hre.network.create();
    async function skipping() {
      return community(connection);
    }
    given = () => connection.networkHelpers.loadFixture(skipping);
  });

  /** Clear the order beside a sound pair; the pair trades as if the order were not there. */
  async function expectSkipped(
    all: Community,
    slot: number,
    order: SignedOrder,
    reason: Parameters<typeof skipped>[2],
  ) {
    const { market, seller, buyer } = all;
    const pair = [
      market.order(seller, slot, "offer", 500, 150_000),
      market.order(buyer, slot, "bid", 500, 250_000),
    ].filter((sound) => sound.meter !== order.meter);
    const before = await market.exchange.meterWord(order.meter);
    const cleared = await market.clear(slot, [...pair, order]);
    await expect(cleared)
      .to.emit(market.exchange, "OrderSkipped")
      .withArgs(...skipped(order.meter, slot, reason));
    const record = await market.exchange.slotRecord(1, slot);
    const sound = pair.length === 2;
    expect([record.matchedWh, record.clearingPrice]).to.deep.equal(sound ? [500n, 200_000n] : [0n, 0n]);
    expect(await market.exchange.meterWord(order.meter)).to.equal(before);
  }

  it("of a signer who is no meter", async () => {
    const all = await given();
    const key = all.market.newKey();
    const order = { zone: 1, slot: T, side: "bid", energyWh: 100, limitPrice: 300_000 } as const;
    await expectSkipped(all, T, signOrder(all.market.domain, key, order), "UnknownMeter");
  });

  for (const what of ["chain", "exchange"] as const) {
    it(`that a meter signed for another ${what}, which nobody here has signed`, async () => {
      const all = await given();
      const { market, home } = all;
      const { chainId, verifyingContract } = market.domain.fields;
      const foreign =
        what === "chain"
          ? marketDomain(chainId + 1, verifyingContract)
          : marketDomain(chainId, await market.desk.getAddress());
      const order = { zone: 1, slot: T, side: "bid", energyWh: 100, limitPrice: 300_000 } as const;
      const received = receiveOrder(market.domain, order, signOrder(foreign, home.key, order).signature);
      expect(received.meter).not.to.equal(home.address);
      const before = await market.exchange.meterWord(home.address);
      await expectSkipped(all, T, received, "UnknownMeter");
      expect(await market.exchange.meterWord(home.address)).to.equal(before);
    });
  }

  it("of a meter of another zone", async () => {
    const all = await given();
    await addZone(all.market, 2, 8);
    const abroad = await all.market.addMeter({ kind: "consumer", zone: 2 });
    const order = { zone: 1, slot: T, side: "bid", energyWh: 100, limitPrice: 300_000 } as const;
    await expectSkipped(all, T, signOrder(all.market.domain, abroad.key, order), "WrongZone");
  });

  it("of a suspended meter", async () => {
    const all = await given();
    const { market, home } = all;
    await market.exchange.connect(market.registrar).suspendMeter(home.address);
    await expectSkipped(all, T, market.order(home, T, "bid", 100, 300_000), "MeterSuspended");
  });

  it("of an indebted meter", async () => {
    const all = await given();
    const { market, seller, buyer } = all;
    const poor = await market.addMeter({ kind: "consumer", balanceTicks: 0n });
    await incurDebt(market, poor, S, 100);
    await market.settleFlows(S, [{ meter: seller }, { meter: buyer }]);
    await expectSkipped(all, S + 2, market.order(poor, S + 2, "bid", 100, 300_000), "MeterIndebted");
  });

  it("of a feeder", async () => {
    const all = await given();
    await expectSkipped(all, T, all.market.order(all.feeder, T, "bid", 100, 300_000), "FeederCannotTrade");
  });

  it("of a meter whose last slot but one was not read", async () => {
    const all = await given();
    const { market, seller, buyer, home } = all;
    await market.at(S + 1, 10);
    await market.settleFlows(S, [{ meter: seller }, { meter: buyer }]);
    await expectSkipped(all, S + 2, market.order(home, S + 2, "bid", 100, 300_000), "MeterUnread");
  });

  it("of whoever is unread, and leaves the other side without a position", async () => {
    const { market, buyer, seller } = await given();
    await market.at(S + 1, 10);
    await market.settleFlows(S, [{ meter: buyer }, { meter: seller }]);
    await market.at(S + 2, 10);
    await market.settleFlows(S + 1, [{ meter: buyer }]);
    const slot = S + 3;
    const cleared = await market.clear(slot, [
      market.order(buyer, slot, "bid", 100, 300_000),
      market.order(seller, slot, "offer", 100, 100_000),
    ]);
    await expect(cleared)
      .to.emit(market.exchange, "OrderSkipped")
      .withArgs(...skipped(seller, slot, "MeterUnread"));
    expect(laneOf(await market.word(buyer), slot)).to.equal(null);
  });

  it("of an offer without the bond it needs, while the same meter may bid", async () => {
    const all = await given();
    const { market } = all;
    const unbonded = await market.addMeter({ kind: "prosumer", bonded: false });
    const snapshot = await market.connection.networkHelpers.takeSnapshot();
    await expectSkipped(all, T, market.order(unbonded, T, "offer", 100, 100_000), "MeterNotBonded");
    await snapshot.restore();
    await market.clear(T, [
      market.order(unbonded, T, "bid", 100, 300_000),
      market.order(all.seller, T, "offer", 100, 100_000),
    ]);
    expect(laneOf(await market.word(unbonded), T)).to.deep.equal({ side: "bid", energyWh: 100 });
  });

  it("beyond rated power, and outside the tariff on both sides", async () => {
    const all = await given();
    const { market, home } = all;
    const limitWh = meterSlotLimitWh(await market.word(home));
    const snapshot = await market.connection.networkHelpers.takeSnapshot();
    await expectSkipped(all, T, market.order(home, T, "bid", limitWh + 1, 300_000), "OrderBeyondRatedPower");
    await snapshot.restore();
    for (const limitPrice of [99_999, 300_001, 2 ** 24, 2 ** 32 - 1]) {
      await expectSkipped(all, T, market.order(home, T, "bid", 100, limitPrice), "LimitOutsideTariff");
      await snapshot.restore();
      await expectSkipped(all, T, market.order(home, T, "offer", 100, limitPrice), "LimitOutsideTariff");
      await snapshot.restore();
    }
  });

  it("of a bid one tick short of its limit price and fee", async () => {
    const all = await given();
    const { market } = all;
    const cover = bidCoverTicks(333, 222_223, 10_000);
    const short = await market.addMeter({ kind: "consumer", balanceTicks: cover - 1n });
    const enough = await market.addMeter({ kind: "consumer", balanceTicks: cover });
    const snapshot = await market.connection.networkHelpers.takeSnapshot();
    await expectSkipped(all, T, market.order(short, T, "bid", 333, 222_223), "InsufficientBalance");
    await snapshot.restore();
    const sent = await market.clear(T, [
      market.order(all.seller, T, "offer", 500, 150_000),
      market.order(enough, T, "bid", 333, 222_223),
    ]);
    expect((await fillsOf(market, sent)).get(enough.address)?.filledWh).to.equal(333);
  });

  describe("given a delegate", () => {
    const delegateKey = signingKey(`0x${"42".repeat(32)}`);
    const order = { zone: 1, slot: T, side: "bid", energyWh: 400, limitPrice: 300_000 } as const;

    it("clears an order that it signed for the meter it is named for", async () => {
      const { market, home, seller } = await given();
      await market.exchange.connect(home.owner).setDelegate(home.address, delegateKey.address);
      const signed = signDelegatedOrder(market.domain, delegateKey, home.address, order);
      await market.clear(T, [signed, market.order(seller, T, "offer", 400, 100_000)]);
      expect(laneOf(await market.word(home), T)).to.deep.equal({ side: "bid", energyWh: 400 });
    });

    it("skips its orders for other meters, and all of them once it is revoked", async () => {
      const all = await given();
      const { market, home, seller } = all;
      await market.exchange.connect(home.owner).setDelegate(home.address, delegateKey.address);
      const snapshot = await market.connection.networkHelpers.takeSnapshot();
      const foreign = signDelegatedOrder(market.domain, delegateKey, seller.address, order);
      await expectSkipped(all, T, foreign, "NotDelegate");
      await snapshot.restore();
      await market.exchange.connect(home.owner).setDelegate(home.address, `0x${"0".repeat(40)}`);
      await expectSkipped(all, T, signDelegatedOrder(market.domain, delegateKey, home.address, order), "NotDelegate");
    });

    it("does not let the device key sign in the delegate's form, nor the delegate in the device's", async () => {
      const all = await given();
      const { market, home } = all;
      await market.exchange.connect(home.owner).setDelegate(home.address, delegateKey.address);
      const snapshot = await market.connection.networkHelpers.takeSnapshot();
      await expectSkipped(all, T, signDelegatedOrder(market.domain, home.key, home.address, order), "NotDelegate");
      await snapshot.restore();
      await expectSkipped(all, T, signOrder(market.domain, delegateKey, order), "UnknownMeter");
    });
  });

  it("does not let a skipped order move the price", async () => {
    const { market, seller, buyer, home } = await given();
    const orders = [
      market.order(seller, T, "offer", 500, 150_000),
      market.order(buyer, T, "bid", 500, 250_000),
      market.order(home, T, "offer", 500, 100_000),
    ];
    await market.exchange.connect(market.registrar).suspendMeter(home.address);
    await market.clear(T, orders);
    expect((await market.exchange.slotRecord(1, T)).clearingPrice).to.equal(200_000n);
  });

  it("reports every order's fill, fee and balance, the unfilled ones too", async () => {
    const { market, seller, buyer, home } = await given();
    const sent = await market.clear(T, [
      market.order(seller, T, "offer", 600, 150_000),
      market.order(home, T, "offer", 600, 260_000),
      market.order(buyer, T, "bid", 500, 250_000),
    ]);
    const fills = await fillsOf(market, sent);
    const base = { limitPrice: 0, slot: T, zone: 1, placed: false };
    const start = 1_000_000_000_000n;
    expect(fills.get(buyer.address)).to.deep.equal({
      ...base,
      side: "bid",
      energyWh: 500,
      filledWh: 500,
      limitPrice: 250_000,
      feeTicks: 1_000_000n,
      balanceTicks: start - 500n * 200_000n - 1_000_000n,
    });
    expect(fills.get(seller.address)).to.deep.equal({
      ...base,
      side: "offer",
      energyWh: 600,
      filledWh: 500,
      limitPrice: 150_000,
      feeTicks: 0n,
      balanceTicks: start,
    });
    expect(fills.get(home.address)?.filledWh).to.equal(0);
    expect(laneOf(await market.word(home), T)).to.equal(null);
    const record = await market.exchange.slotRecord(1, T);
    expect([record.openPositions, record.matchedWh, record.workTicks]).to.deep.equal([2n, 500n, 200_000n]);
    // Of the fee of 1,000,000: 40 % work (half of it now), 20 % season, the rest to the fee account.
    const { accruals } = await market.exchange.zoneInfo(1);
    expect([accruals.fee, accruals.season]).to.deep.equal([400_000n, 200_000n]);
    expect(await market.exchange.earned(market.matcher.address)).to.equal(200_000n);
    expect(await market.exchange.earned(account(market, 19).address)).to.equal(0n);
  });
});
