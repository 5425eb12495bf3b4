import { expect } from "chai";
import hre from "hardhat";
import { orderProblem, tradingProblem } from "../../src/market/admission.ts";
import { compareOrders, encodeEntries, type BookOrder } from "../../src/market/book.ts";
import { clearBook, type ClearingRule } from "../../src/market/clearing.ts";
import {
  bidCoverTicks,
  encodeTierDiscounts,
  PLACEMENT_FEE_TICKS,
  purchaseTicks,
  shareFee,
  tierFeePpm,
} from "../../src/market/fees.ts";
import { selectorOf } from "../../src/market/itemErrors.ts";
import { decodeMeterWord, encodeMeterWord, withLane, type MeterWord } from "../../src/market/meterWord.ts";
import { encodeFill } from "../../src/market/packed.ts";
import { signDelegatedOrder, signOrder, type SignedOrder } from "../../src/market/sign.ts";
import { setTier } from "../support/setTier.ts";
import { deployTestMarket, TERMS, type TestMarket, type TestMeter } from "../support/testMarket.ts";
import { clearBytes, commitHash } from "../exchange/books.ts";
import { eventsOf } from "../exchange/events.ts";
import { placedList, T } from "../exchange/given.ts";
import { Choices, fuzzRuns } from "./random.ts";

const ROUNDS = fuzzRuns(80);
const DISCOUNTS_PPM = [0, 10_000, 77_777, 150_000, 150_001, 300_000, 499_999, 500_000];

/** Sixteen meters, among them poor, unbonded, suspended and unread ones and a feeder. */
async function sixteenMeters(market: TestMarket): Promise<TestMeter[]> {
  const meters: TestMeter[] = [];
  for (let i = 0; i < 16; ++i) {
    meters.push(
      await market.addMeter({
        kind: i === 15 ? "feeder" : i % 3 === 0 ? "consumer" : "prosumer",
        balanceTicks: i === 5 || i === 9 ? 90_000_000n : 10n ** 12n,
        ...(i === 8 ? { bonded: false } : {}),
      }),
    );
  }
  // Every tier twice.
  for (const [i, meter] of meters.entries()) await setTier(market, meter, i % 8);
  await market.exchange.connect(market.governor).setTierDiscounts(encodeTierDiscounts(DISCOUNTS_PPM));
  const suspended = meters[13];
  if (suspended !== undefined) await market.exchange.connect(market.registrar).suspendMeter(suspended.address);
  return meters;
}

/** What clearing must say and leave behind, worked out from words, orders and terms alone. */
function predict(
  rule: ClearingRule,
  words: ReadonlyMap<string, MeterWord>,
  sides: { bids: readonly BookOrder[]; offers: readonly BookOrder[] },
  superseded: ReadonlySet<string>,
  delegates: ReadonlySet<string>,
) {
  const after = new Map(words);
  const skips: [string, string][] = [];
  const word = (meter: string): MeterWord => after.get(meter) ?? decodeMeterWord(0n);
  const release = (order: BookOrder, ticks: bigint) =>
    after.set(order.meter, { ...word(order.meter), balanceTicks: word(order.meter).balanceTicks + ticks });
  const lockOf = (order: BookOrder) =>
    order.side === "bid" ? bidCoverTicks(order.energyWh, order.limitPrice, TERMS.feePpm) : 0n;
  let seasonTicks = 0n;

  const admit = (orders: readonly BookOrder[]) =>
    orders.filter((order) => {
      let problem = orderProblem(word(order.meter), order, TERMS);
      if (order.kind === "placed") {
        problem = tradingProblem(word(order.meter), order);
        if (problem !== undefined) {
          release(order, lockOf(order));
          seasonTicks += PLACEMENT_FEE_TICKS;
        }
      } else if (superseded.has(order.meter)) problem = "OrderSuperseded";
      else if (order.kind === "delegated" && !delegates.has(order.meter)) problem = "NotDelegate";
      if (problem !== undefined) skips.push([order.meter, selectorOf(problem)]);
      return problem === undefined;
    });
  const bids = admit(sides.bids);
  const offers = admit(sides.offers);
  const clearing = clearBook(rule, bids, offers);

  const fills: [string, bigint][] = [];
  let feeTicks = 0n;
  let positions = 0;
  const fillSide = (orders: readonly BookOrder[], fillsWh: readonly number[]) => {
    orders.forEach((order, i) => {
      const filledWh = fillsWh[i] ?? 0;
      const placed = order.kind === "placed";
      if (placed) release(order, lockOf(order) + (filledWh > 0 ? PLACEMENT_FEE_TICKS : 0n));
      if (placed && filledWh === 0) seasonTicks += PLACEMENT_FEE_TICKS;
      let fee = 0n;
      if (filledWh > 0) {
        ++positions;
        if (order.side === "bid") {
          const feePpm = tierFeePpm(TERMS.feePpm, DISCOUNTS_PPM, word(order.meter).tier);
          const purchase = purchaseTicks(filledWh, clearing.price, feePpm);
          fee = purchase.feeTicks;
          release(order, -purchase.costTicks - fee);
        }
        after.set(order.meter, withLane(word(order.meter), order.slot, { side: order.side, energyWh: filledWh }));
      }
      feeTicks += fee;
      const { zone, slot, side, energyWh, limitPrice } = order;
      const { balanceTicks } = word(order.meter);
      const fill = { zone, slot, side, energyWh, limitPrice, filledWh, feeTicks: fee, balanceTicks, placed };
      fills.push([order.meter, encodeFill(fill)]);
    });
  };
  fillSide(bids, clearing.bidFillsWh);
  fillSide(offers, clearing.offerFillsWh);
  return { after, skips, fills, clearing, positions, feeTicks, seasonTicks };
}

for (const rule of ["midpoint", "sbba"] as const) {
  describe(`clearing on chain by ${rule} and its TypeScript twin`, () => {
    it(`agree on ${String(ROUNDS)} random books of signed, delegated, placed, void and unsound orders`, async function () {
      this.timeout(0);
      const connection = await hre.network.create();
      const market = await deployTestMarket(connection, { rule });
      const meters = await sixteenMeters(market);
      const choices = new Choices(`order books by ${rule}`);
      const delegate = market.newKey();
      const snapshot = await connection.networkHelpers.takeSnapshot();
      const reached = { skips: new Set<string>(), fills: 0, placed: 0, delegated: 0 };

      for (let round = 0; round < ROUNDS; ++round) {
        const delegates = new Set<string>();
        const signed: SignedOrder[] = [];
        for (const meter of meters) {
          const order = {
            zone: 1,
            slot: T,
            side: choices.chance(0.5) ? ("bid" as const) : ("offer" as const),
            energyWh: choices.whole(1, choices.of([3, 400, 2_600])),
            limitPrice: 200_000 + choices.whole(-choices.of([2, 60_000, 110_000]), choices.of([2, 60_000, 110_000])),
          };
          const kind = choices.whole(0, 9);
          if (kind === 0) continue;
          if (kind <= 2) {
            const named = choices.chance(0.8);
            const to = named ? delegate.address : `0x${"0".repeat(40)}`;
            await market.exchange.connect(meter.owner).setDelegate(meter.address, to);
            if (named) delegates.add(meter.address);
            signed.push(signDelegatedOrder(market.domain, delegate, meter.address, order));
            continue;
          }
          signed.push(signOrder(market.domain, meter.key, order));
          if (kind <= 4) {
            const side = choices.whole(1, 2);
            const placing = choices.chance(0.8)
              ? market.exchange
                  .connect(meter.owner)
                  .placeOrder(T, meter.address, side, choices.whole(1, 300), 190_000 + choices.whole(0, 20_000))
              : market.exchange.connect(meter.owner).cancelOrder(T, meter.address);
            // Who may not place is refused; the signed order stays.
            await placing.catch(() => undefined);
          }
        }
        const stranger = market.newKey();
        signed.push(
          signOrder(market.domain, stranger, { zone: 1, slot: T, side: "bid", energyWh: 5, limitPrice: 300_000 }),
        );
        // Some are suspended after they have placed.
        const late = choices.of(meters.slice(0, 12));
        if (choices.chance(0.4)) await market.exchange.connect(market.registrar).suspendMeter(late.address);
        const list = await placedList(market, T).catch(() => []);
        const superseded = new Set(list.map(({ meter }) => meter));
        // The matcher commits the void orders as well, so that clearing has to keep them out.
        const sound = market.book(T, signed);
        const placed = market.book(T, [], list);
        const sides = {
          bids: [...sound.bids, ...placed.bids].sort(compareOrders),
          offers: [...sound.offers, ...placed.offers].sort(compareOrders),
        };
        const words = new Map<string, MeterWord>();
        for (const meter of meters) words.set(meter.address, await market.word(meter));
        const expected = predict(rule, words, sides, superseded, delegates);
        const accruals = (await market.exchange.zoneInfo(1)).accruals;

        await commitHash(market, T, sound.hash, signed.length);
        const events = await eventsOf(
          market,
          await clearBytes(market, T, encodeEntries(sides.bids), encodeEntries(sides.offers)),
        );
        const told = (name: string) => events.filter((event) => event.name === name).map(({ args }) => args);
        expect(told("OrderSkipped").map((args) => [args[0], args[3]])).to.deep.equal(expected.skips);
        expect(told("OrderCleared")).to.deep.equal(expected.fills);
        for (const meter of meters) {
          const predicted = expected.after.get(meter.address);
          if (predicted === undefined) throw new Error("no prediction");
          expect(await market.exchange.meterWord(meter.address)).to.equal(encodeMeterWord(predicted));
        }
        const record = await market.exchange.slotRecord(1, T);
        const shares = shareFee(expected.feeTicks);
        expect([record.clearingPrice, record.matchedWh, record.openPositions, record.workTicks]).to.deep.equal([
          BigInt(expected.clearing.price),
          BigInt(expected.clearing.volumeWh),
          BigInt(expected.positions),
          shares.laterWorkTicks,
        ]);
        const now = (await market.exchange.zoneInfo(1)).accruals;
        expect(now.fee - accruals.fee).to.equal(shares.feeAccountTicks);
        expect(now.season - accruals.season).to.equal(shares.seasonTicks + expected.seasonTicks);
        for (const [, reason] of expected.skips) reached.skips.add(reason);
        reached.fills += expected.positions;
        reached.placed += list.filter(({ energyWh }) => energyWh > 0).length;
        reached.delegated += delegates.size;
        await snapshot.restore();
      }
      for (const reason of ["UnknownMeter", "MeterSuspended", "FeederCannotTrade", "MeterNotBonded"] as const) {
        expect(reached.skips, reason).to.include(selectorOf(reason));
      }
      for (const reason of ["OrderSuperseded", "NotDelegate", "InsufficientBalance", "LimitOutsideTariff"] as const) {
        expect(reached.skips, reason).to.include(selectorOf(reason));
      }
      expect(Math.min(reached.fills, reached.placed, reached.delegated)).to.be.greaterThan(ROUNDS / 2);
    });
  });
}
