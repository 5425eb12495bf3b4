import { expect } from "chai";
import fc from "fast-check";
import { plainAuction } from "../../scripts/bench/plainAuction.ts";
import { clearBook } from "../../src/market/clearing.ts";
import { purchaseTicks } from "../../src/market/fees.ts";
import { dueForSlot } from "../../src/market/settlement.ts";
import { firstTariffState, fixTariffs } from "../../src/market/tariffSchedule.ts";
import { batterySchedule } from "../../src/meters/profiles/batterySchedule.ts";
import { store } from "../../src/simulation/control.ts";
import { clearSides, OrderSide } from "../../src/simulation/orders.ts";
import { slotCostTicks } from "../../src/simulation/settle.ts";
import { ZoneTariff } from "../../src/simulation/tariffs.ts";

const price = fc.integer({ min: 0, max: 2 ** 22 });
const energy = fc.integer({ min: 1, max: 2 ** 24 - 1 });

function rising<Values extends number[]>(values: Values): Values {
  return values.sort((a, b) => a - b);
}

describe("the simulator's fast paths", () => {
  it("clear every book as the market's twin does, ties in the order of agents", () => {
    const order = fc.record({
      energyWh: fc.oneof(energy, fc.integer({ min: 1, max: 9 })),
      limitPrice: fc.oneof(price, fc.integer({ min: 0, max: 6 })),
    });
    const book = fc.tuple(
      fc.constantFrom("midpoint", "sbba"),
      fc.array(order, { maxLength: 60 }),
      fc.array(order, { maxLength: 60 }),
    );
    const bids = new OrderSide(60, true);
    const offers = new OrderSide(60, false);
    fc.assert(
      fc.property(book, ([rule, buying, selling]) => {
        const sortedBids = buying
          .map((one, agent) => ({ ...one, agent }))
          .sort((a, b) => b.limitPrice - a.limitPrice || a.agent - b.agent);
        const sortedOffers = selling
          .map((one, agent) => ({ ...one, agent }))
          .sort((a, b) => a.limitPrice - b.limitPrice || a.agent - b.agent);
        const expected = clearBook(rule, sortedBids, sortedOffers);
        bids.clear();
        offers.clear();
        buying.forEach((one, agent) => bids.add(agent, one.energyWh, one.limitPrice));
        selling.forEach((one, agent) => offers.add(agent, one.energyWh, one.limitPrice));
        const result = clearSides(rule, bids, offers);
        expect([result.price, result.volumeWh]).to.deep.equal([expected.price, expected.volumeWh]);
        expect([...bids.agent.subarray(0, bids.count)]).to.deep.equal(sortedBids.map(({ agent }) => agent));
        expect([...bids.fillsWh.subarray(0, bids.count)]).to.deep.equal(expected.bidFillsWh);
        expect([...offers.fillsWh.subarray(0, offers.count)]).to.deep.equal(expected.offerFillsWh);
      }),
      { numRuns: 1_000 },
    );
  });

  it("put a crowded book in strict order, though one order stands apart", () => {
    const close = fc.integer({ min: 1_000, max: 1_400 });
    fc.assert(
      fc.property(fc.array(close, { minLength: 150, maxLength: 300 }), fc.boolean(), (prices, falling) => {
        const side = new OrderSide(prices.length + 1, falling);
        const limits = [...prices, 2 ** 22];
        limits.forEach((limitPrice, agent) => {
          side.add(agent, 1 + agent, limitPrice);
        });
        side.sort();
        const sign = falling ? -1 : 1;
        const expected = limits
          .map((limitPrice, agent) => ({ agent, energyWh: 1 + agent, limitPrice }))
          .sort((a, b) => sign * (a.limitPrice - b.limitPrice) || a.agent - b.agent);
        const sorted = expected.map((_, row) => ({
          agent: side.agent[row],
          energyWh: side.energyWh[row],
          limitPrice: side.limitPrice[row],
        }));
        expect(sorted).to.deep.equal(expected);
      }),
    );
  });

  it("clear as the plain version does that the bench measures them against", () => {
    const order = fc.record({ energyWh: fc.integer({ min: 1, max: 9 }), limitPrice: fc.integer({ min: 0, max: 6 }) });
    const bids = new OrderSide(30, true);
    const offers = new OrderSide(30, false);
    fc.assert(
      fc.property(fc.array(order, { maxLength: 30 }), fc.array(order, { maxLength: 30 }), (buying, selling) => {
        bids.clear();
        offers.clear();
        buying.forEach((one, agent) => bids.add(agent, one.energyWh, one.limitPrice));
        selling.forEach((one, agent) => offers.add(agent, one.energyWh, one.limitPrice));
        const { price: fast } = clearSides("midpoint", bids, offers);
        const plain = (list: typeof buying) =>
          list.map((one, agent) => ({ agent, energyWh: BigInt(one.energyWh), limitPrice: BigInt(one.limitPrice) }));
        const { price: slow, fills } = plainAuction(plain(buying), plain(selling));
        expect(fast).to.equal(Number(slow));
        const filled = [bids, offers].flatMap((side) =>
          [...side.fillsWh.subarray(0, side.count)].filter((wh) => wh > 0),
        );
        expect(filled).to.deep.equal(fills.map(({ filledWh }) => Number(filledWh)).filter((wh) => wh > 0));
      }),
    );
  });

  it("settle every slot to the tick as the market's twin does", () => {
    const charge = fc.integer({ min: 0, max: 1_000_000 });
    const facts = fc.record({
      netWh: fc.integer({ min: -(2 ** 24) + 1, max: 2 ** 24 - 1 }),
      positionWh: fc.integer({ min: -(2 ** 24) + 1, max: 2 ** 24 - 1 }),
      band: fc.tuple(price, price, price).map((list) => rising(list)),
      feePpm: fc.integer({ min: 0, max: 100_000 }),
      network: fc.tuple(charge, charge).map((list) => rising(list)),
      levyPrice: charge,
    });
    fc.assert(
      fc.property(facts, ({ netWh, positionWh, band, feePpm, network, levyPrice }) => {
        const [exportPrice, clearingPrice, importPrice] = band;
        const [networkLocalPrice, networkGridPrice] = network;
        const prices = { importPrice, exportPrice, clearingPrice, networkLocalPrice, networkGridPrice, levyPrice };
        const lane =
          positionWh === 0
            ? null
            : { side: positionWh > 0 ? ("bid" as const) : ("offer" as const), energyWh: Math.abs(positionWh) };
        const flow = { importedWh: Math.max(0, netWh), exportedWh: Math.max(0, -netWh) };
        const due = dueForSlot(lane, true, flow, prices);
        const paid =
          positionWh > 0 ? purchaseTicks(positionWh, clearingPrice, feePpm) : { costTicks: 0n, feeTicks: 0n };
        const expected =
          paid.costTicks +
          paid.feeTicks +
          due.burnTicks +
          due.networkTicks +
          due.levyTicks -
          due.mintTicks -
          due.proceedsTicks;
        expect(BigInt(slotCostTicks(netWh, positionWh, { ...prices, feePpm }))).to.equal(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it("price every slot as the chain's schedule does", () => {
    const limits = { floorPrice: 40_000, capPrice: 600_000, exportCapPrice: 150_000, lossPpm: 0, toleranceWh: 0 };
    const terms = {
      fromSlot: 0,
      importPrice: 300_000,
      exportPrice: 80_000,
      slopePpm: 700_000,
      feePpm: 0,
      networkLocalPrice: 0,
      networkGridPrice: 0,
      levyPrice: 0,
      rule: "sbba",
    } as const;
    const figures = fc.array(
      fc.record({
        importWh: fc.nat({ max: 100_000 }),
        exportWh: fc.nat({ max: 100_000 }),
        queuedWh: fc.nat({ max: 50_000 }),
      }),
      { minLength: 130, maxLength: 260 },
    );
    fc.assert(
      fc.property(figures, (list) => {
        const tariff = new ZoneTariff(limits, terms, list.length);
        // The chain's slots begin late enough for the reach of the rule.
        const first = 10_000;
        const { fixed } = fixTariffs(firstTariffState(first, terms), first + list.length - 1, {
          limits,
          termsAt: () => terms,
          figuresOf: (slot) => (slot === first - 1 ? { importWh: 0, exportWh: 0 } : list[slot - first]),
          queuedWh: (slot) => list[slot - first]?.queuedWh ?? 0,
          newestSlot: first + list.length,
        });
        list.forEach(({ importWh, exportWh, queuedWh }, place) => {
          tariff.fix(place, queuedWh);
          const expected = fixed[place];
          expect([tariff.importPrice, tariff.exportPrice, tariff.scarcityPpm]).to.deep.equal([
            expected?.importPrice,
            expected?.exportPrice,
            expected?.scarcityPpm,
          ]);
          tariff.record(place, importWh, exportWh);
        });
      }),
      { numRuns: 60 },
    );
  });

  it("run a battery without prices as the meters' model does", () => {
    const storage = fc.record({
      capacityWh: fc.integer({ min: 1, max: 20_000 }),
      powerW: fc.integer({ min: 4, max: 10_000 }),
      roundTripPpm: fc.integer({ min: 500_000, max: 1_000_000 }),
    });
    fc.assert(
      fc.property(
        storage,
        fc.array(fc.integer({ min: -4_000, max: 4_000 }), { minLength: 1, maxLength: 200 }),
        (spec, nets) => {
          const expected = batterySchedule({ storage: spec, siteNetWh: Int32Array.from(nets) });
          const batteries = {
            agent: Int32Array.of(0),
            capacityWh: Int32Array.of(spec.capacityWh),
            limitWh: Int32Array.of(Math.floor(spec.powerW / 4)),
            roundTripPpm: Int32Array.of(spec.roundTripPpm),
            storedWh: new Int32Array(1),
            remainder: new Float64Array(1),
            takenWh: new Float64Array(1),
            givenWh: new Float64Array(1),
          };
          nets.forEach((net, index) => {
            const netWh = Int32Array.of(net);
            store(batteries, 0, 1, netWh, Int32Array.of(100_000), {
              priceRatio: 1,
              scarcityPpm: 0,
              slotOfDay: index % 96,
              priced: false,
            });
            expect(netWh[0]).to.equal(net + (expected.importWh[index] ?? 0) - (expected.exportWh[index] ?? 0));
          });
        },
      ),
    );
  });
});
