import { expect } from "chai";
import fc from "fast-check";
import { clearBook } from "../../src/market/clearing.ts";
import { purchaseTicks } from "../../src/market/fees.ts";
import { beginLedger, type GridState } from "../../src/market/gridLeg.ts";
import { laneOf, NO_FLAGS, withLane, type Lane } from "../../src/market/meterWord.ts";
import {
  readingTimes,
  settleReading,
  type ReadingContext,
  type SettledReading,
} from "../../src/market/settleReading.ts";
import { closePosition, dueForSlot, imbalanceWh, type SlotPrices } from "../../src/market/settlement.ts";
import { readingDeadline, readingWindow } from "../../src/market/timeline.ts";
import { gridState, PRICES, SLOT, ZONE } from "./gridStates.ts";
import { randomBooks, total } from "./helpers.ts";

const IN_TIME: ReadingContext = {
  early: false,
  late: false,
  previousOpen: false,
  prices: PRICES,
  limits: { capPrice: 600_000, floorPrice: 20_000 },
  pricesOf: () => PRICES,
};
const sold = (energyWh: number): Lane => ({ side: "offer", energyWh });
const bought = (energyWh: number): Lane => ({ side: "bid", energyWh });
const reading = (importWh: number, exportWh: number, slot = SLOT) => ({ zone: ZONE, slot, importWh, exportWh });

/** The settled reading, or a failure that names the problem. */
function settled(
  state: GridState,
  registers: ReturnType<typeof reading>,
  context: Partial<ReadingContext> = {},
): SettledReading {
  const result = settleReading(state, registers, { ...IN_TIME, ...context });
  if (result.problem !== undefined) throw new Error(`skipped: ${result.problem}`);
  return result;
}

/** Balance change in ticks by one reading of SLOT with this position, import and export. */
function change(lane: Lane | null, importWh: number, exportWh: number): bigint {
  const state = gridState();
  const word = withLane(state.meter.word, SLOT, lane);
  const after = settled({ ...state, meter: { ...state.meter, word } }, reading(importWh, exportWh));
  return after.meter.word.balanceTicks - state.meter.word.balanceTicks;
}

describe("a slot read in time, by hand", () => {
  it("pays a seller that delivers exactly its sale at the clearing price", () => {
    expect(change(sold(500), 0, 500)).to.equal(500n * 200_000n);
  });

  it("pays a seller that delivers more the export price for the rest", () => {
    expect(change(sold(500), 0, 600)).to.equal(500n * 200_000n + 100n * 80_000n);
  });

  it("charges a seller that delivers less the import price and the dearer network for what is missing", () => {
    // Sold 500 at 200,000, delivered 380: 100,000,000 - 120 x 300,000 - 120 x (40,000 - 10,000) = 60,400,000.
    expect(change(sold(500), 0, 380)).to.equal(60_400_000n);
    // Delivered nothing: 100,000,000 - 150,000,000 - 15,000,000.
    expect(change(sold(500), 0, 0)).to.equal(-65_000_000n);
  });

  it("charges a buyer that takes more the import price and the grid's network charge for the rest", () => {
    // Bought 500 (paid at clearing), took 650: 150 x 300,000 + 500 x 10,000 + 150 x 40,000 + 650 x 5,000 = 59,250,000.
    expect(change(bought(500), 650, 0)).to.equal(-59_250_000n);
  });

  it("pays a buyer that takes less the export price for the rest", () => {
    // Bought 500, took 420: 80 x 80,000 - 420 x 10,000 - 420 x 5,000 = 100,000.
    expect(change(bought(500), 420, 0)).to.equal(100_000n);
  });

  it("settles a meter without a position with the grid, net energy gross of charges", () => {
    expect(change(null, 100, 0)).to.equal(-(100n * 300_000n + 100n * 40_000n + 100n * 5_000n));
    expect(change(null, 0, 100)).to.equal(100n * 80_000n);
    // Both directions in one slot: 60 net import at 300,000, but charges on all 100 imported.
    expect(change(null, 100, 40)).to.equal(-(60n * 300_000n + 100n * 45_000n));
  });

  it("does not pay exports beyond the sale without a bond behind them", () => {
    const state = gridState({ flags: NO_FLAGS, laneEven: sold(300) });
    const after = settled(state, reading(0, 500));
    expect(after.line.mintedTicks).to.equal(0n);
    expect(after.meter.word.balanceTicks - state.meter.word.balanceTicks).to.equal(300n * 200_000n);
  });

  it("moves registers and slot, frees its lane and keeps the other", () => {
    const state = gridState({ importWh: 10, exportWh: 20, laneEven: sold(300), laneOdd: bought(70) });
    const after = settled(state, reading(15, 320));
    expect(after.flow).to.deep.equal({ importedWh: 5, exportedWh: 300 });
    expect(after.meter.word).to.include({ importWh: 15, exportWh: 320, lastSlot: SLOT, laneEven: null });
    expect(after.meter.word.laneOdd).to.deep.equal(bought(70));
    expect(after.gap).to.equal(false);
  });

  it("asks for a deposit of a slot at rated power from who imports", () => {
    expect(settled(gridState(), reading(1, 0)).depositTicks).to.equal(1024n * 300_000n);
    expect(settled(gridState(), reading(0, 1)).depositTicks).to.equal(undefined);
  });

  it("takes a feeder's registers and none of its money", () => {
    const state = gridState({ flags: { ...NO_FLAGS, feeder: true } });
    const after = settled(state, reading(700, 20));
    expect(after.meter.word).to.include({ importWh: 700, exportWh: 20, lastSlot: SLOT, balanceTicks: 1_000_000_000n });
    expect(after.line).to.deep.equal({ mintedTicks: 0n, burnedTicks: 0n, networkTicks: 0n, levyTicks: 0n });
    expect(after.outcome).to.equal(undefined);
  });
});

describe("a site in debt", () => {
  it("has its sale burned against the debt before the charges of its own import", () => {
    const indebted = { ...NO_FLAGS, indebted: true };
    const state = gridState(
      { balanceTicks: 0n, flags: indebted, laneEven: sold(100) },
      { debtTicks: 15_000_000n, bondTicks: 0n },
    );
    // Sold 100 at 200,000 = 20,000,000, delivered 100 and imported nothing: 15,000,000 repaid, 5,000,000 left.
    const after = settled(state, reading(0, 100));
    expect(after.site.debtTicks).to.equal(0n);
    expect(after.meter.word.balanceTicks).to.equal(5_000_000n);
    expect(after.line.burnedTicks).to.equal(15_000_000n);
    expect(after.meter.word.flags.indebted).to.equal(false);
  });

  it("grows its debt by what it keeps importing, with the charges lapsed", () => {
    const state = gridState({ balanceTicks: 1_000_000n }, { bondTicks: 0n });
    // 100 Wh at 300,000 = 30,000,000; the balance has 1,000,000.
    const after = settled(state, reading(100, 0));
    expect(after.site.debtTicks).to.equal(29_000_000n);
    expect(after.outcome?.lapsedNetworkTicks).to.equal(4_000_000n);
    expect(after.outcome?.lapsedLevyTicks).to.equal(500_000n);
    expect(after.meter.word.flags.indebted).to.equal(true);
  });
});

describe("a gap reading, by hand", () => {
  it("closes its lanes as unread, then settles gross at cap and floor", () => {
    const state = gridState({ lastSlot: SLOT - 3, laneEven: sold(100), laneOdd: bought(200) });
    const after = settled(state, reading(50, 30));
    // Slot 1998 (even): 100 x 200,000 - 100 x 300,000 - 100 x 30,000; slot 1999 (odd): 200 x 80,000; then -50 x 600,000 + 30 x 20,000,
    // -50 x 40,000 - 50 x 5,000.
    const expected = -13_000_000n + 16_000_000n - 30_000_000n + 600_000n - 2_000_000n - 250_000n;
    expect(after.meter.word.balanceTicks - state.meter.word.balanceTicks).to.equal(expected);
    expect(after.gap).to.equal(true);
    expect(after.closed.map(({ slot }) => slot)).to.deep.equal([SLOT - 2, SLOT - 1]);
    expect(after.meter.word).to.include({ laneEven: null, laneOdd: null, lastSlot: SLOT });
    expect(after.depositTicks).to.equal(1024n * 600_000n);
  });

  it("is what a reading of the next slot becomes when it comes too late", () => {
    const state = gridState({ laneEven: sold(100), laneOdd: bought(70) });
    const after = settled(state, reading(0, 100), { late: true });
    expect(after.gap).to.equal(true);
    // The delivery counts as gap export; the sale is settled as undelivered.
    expect(after.meter.word.balanceTicks - state.meter.word.balanceTicks).to.equal(-13_000_000n + 100n * 20_000n);
    // The lane of the slot after is still open.
    expect(after.meter.word.laneOdd).to.deep.equal(bought(70));
  });

  it("asks each closed lane's own slot for its prices", () => {
    const asked: number[] = [];
    const pricesOf = (slot: number): SlotPrices => {
      asked.push(slot);
      return { ...PRICES, clearingPrice: slot };
    };
    const after = settled(gridState({ lastSlot: SLOT - 3, laneEven: sold(1), laneOdd: sold(1) }), reading(0, 0), {
      pricesOf,
    });
    expect(asked).to.deep.equal([SLOT - 2, SLOT - 1]);
    expect(after.meter.word.balanceTicks).to.equal(1_000_000_000n + 1998n + 1999n - 660_000n);
  });

  it("never pays better than the same energy read in time", () => {
    const energy = fc.integer({ min: 0, max: 1024 });
    const lane = fc.oneof(fc.constant(null), energy.map(sold), energy.map(bought));
    fc.assert(
      fc.property(lane, energy, energy, (position, importWh, exportWh) => {
        const state = gridState({ laneEven: position, balanceTicks: 10n ** 12n });
        const inTime = settled(state, reading(importWh, exportWh)).meter.word.balanceTicks;
        const late = settled(state, reading(importWh, exportWh), { late: true }).meter.word.balanceTicks;
        expect(late <= inTime).to.equal(true);
      }),
      { numRuns: 1000 },
    );
  });

  it("does not pay exports of a meter without a bond, and none of a feeder's", () => {
    const unbonded = gridState({ flags: NO_FLAGS, lastSlot: SLOT - 5 });
    expect(settled(unbonded, reading(0, 900)).line.mintedTicks).to.equal(0n);
    const feeder = gridState({ flags: { ...NO_FLAGS, feeder: true }, lastSlot: SLOT - 5 });
    expect(settled(feeder, reading(900, 0)).meter.word.balanceTicks).to.equal(1_000_000_000n);
  });
});

describe("a reading is skipped", () => {
  const problem = (state: GridState, registers = reading(5, 5), context: Partial<ReadingContext> = {}) =>
    settleReading(state, registers, { ...IN_TIME, ...context }).problem;

  it("for what is wrong with its meter", () => {
    expect(problem(gridState({ zone: 0 }))).to.equal("UnknownMeter");
    expect(problem(gridState({ zone: 9 }))).to.equal("WrongZone");
    expect(problem(gridState({ flags: { ...NO_FLAGS, suspended: true } }))).to.equal("MeterSuspended");
  });

  it("for its time", () => {
    expect(problem(gridState({ lastSlot: SLOT }))).to.equal("ReadingTooOld");
    expect(problem(gridState(), reading(5, 5), { early: true })).to.equal("ReadingTooEarly");
    expect(problem(gridState({ lastSlot: SLOT - 2 }), reading(5, 5), { previousOpen: true })).to.equal(
      "EarlierSlotOpen",
    );
    expect(problem(gridState(), reading(5, 5), { previousOpen: true })).to.equal(undefined);
  });

  it("for its registers", () => {
    expect(problem(gridState({ importWh: 6 }))).to.equal("RegisterDecreased");
    expect(problem(gridState({ exportWh: 6 }))).to.equal("RegisterDecreased");
    expect(problem(gridState(), reading(1024, 1024))).to.equal(undefined);
    expect(problem(gridState(), reading(1025, 0))).to.equal("EnergyBeyondRatedPower");
    expect(problem(gridState({ lastSlot: SLOT - 3 }), reading(0, 3072))).to.equal(undefined);
    expect(problem(gridState({ lastSlot: SLOT - 3 }), reading(0, 3073))).to.equal("EnergyBeyondRatedPower");
  });

  it("for giving more than a storage took in, or had in it at first", () => {
    const storage = { firstImportWh: 1000, firstExportWh: 500, allowanceWh: 100, bestEfficiencyPpm: 900_000 };
    const state = gridState({ importWh: 1000, exportWh: 500 });
    // 200 taken in give 180, and 100 may have been in it.
    expect(problem(state, reading(1200, 780), { storage })).to.equal(undefined);
    expect(problem(state, reading(1200, 781), { storage })).to.equal("StorageBeyondCapacity");
  });

  it("where its value would not fit the balance", () => {
    const nearlyFull = 2n ** 58n - 2n ** 52n - 8_000_001n;
    expect(problem(gridState({ balanceTicks: nearlyFull }), reading(0, 100))).to.equal(undefined);
    expect(problem(gridState({ balanceTicks: nearlyFull }), reading(0, 101))).to.equal("BalanceOverflow");
    expect(problem(gridState({ balanceTicks: nearlyFull }), reading(0, 401), { late: true })).to.equal(
      "BalanceOverflow",
    );
  });

  it("early, in time and late by the clock", () => {
    const slot = 1_944_036;
    const at = (unixSeconds: number, closed = false) => readingTimes(slot, unixSeconds, closed);
    const { from } = readingWindow(slot);
    expect(at(from - 1)).to.deep.equal({ early: true, late: false, previousOpen: true });
    expect(at(from)).to.deep.equal({ early: false, late: false, previousOpen: true });
    expect(at(readingDeadline(slot - 1))).to.deep.equal({ early: false, late: false, previousOpen: false });
    expect(at(readingDeadline(slot)).late).to.equal(true);
    expect(at(from, true).late).to.equal(true);
  });
});

describe("closing a position", () => {
  it("takes the two slots after the last read one only", () => {
    const state = gridState({ laneEven: sold(100), laneOdd: bought(50) });
    expect(closePosition(state, SLOT - 2, PRICES)).to.equal(undefined);
    expect(closePosition(state, SLOT + 2, PRICES)).to.equal(undefined);
    const closed = closePosition(state, SLOT + 1, PRICES);
    expect(closed?.meter.word.laneOdd).to.equal(null);
    expect(closed?.meter.word.laneEven).to.deep.equal(sold(100));
    expect(closed?.line.mintedTicks).to.equal(50n * 80_000n);
    expect(closed?.meter.word).to.include({ lastSlot: SLOT - 1, importWh: 0 });
  });

  it("does nothing where there is none", () => {
    expect(closePosition(gridState(), SLOT, PRICES)).to.equal(undefined);
  });
});

describe("any slot", () => {
  const energy = fc.integer({ min: 0, max: 1024 });
  const lane = fc.oneof(fc.constant(null), energy.map(sold), energy.map(bought));

  it("has metered net energy = position + imbalance, settled once and at the right price", () => {
    fc.assert(
      fc.property(lane, energy, energy, (position, importedWh, exportedWh) => {
        const flow = { importedWh, exportedWh };
        const positionWh = position === null ? 0 : position.side === "bid" ? position.energyWh : -position.energyWh;
        const imbalance = imbalanceWh(position, flow);
        expect(positionWh + imbalance).to.equal(importedWh - exportedWh);
        const due = dueForSlot(position, true, flow, PRICES);
        const undelivered = position?.side === "offer" ? Math.max(position.energyWh - exportedWh, 0) : 0;
        expect(due.burnTicks).to.equal(BigInt(Math.max(imbalance, 0)) * 300_000n + BigInt(undelivered) * 30_000n);
        expect(due.mintTicks).to.equal(BigInt(Math.max(-imbalance, 0)) * 80_000n);
      }),
    );
  });

  it("pays nobody to sell what is never delivered to an accomplice", () => {
    const price = fc.integer({ min: PRICES.exportPrice, max: PRICES.importPrice });
    fc.assert(
      fc.property(
        energy,
        price,
        fc.integer({ min: 0, max: 100_000 }),
        fc.boolean(),
        (energyWh, clearingPrice, feePpm, unread) => {
          const prices = { ...PRICES, clearingPrice };
          const rich = { balanceTicks: 10n ** 12n };
          const seller = gridState({ ...rich, laneEven: sold(energyWh) });
          const undelivered = unread ? closePosition(seller, SLOT, prices) : settled(seller, reading(0, 0), { prices });
          const buyer = settled(gridState({ ...rich, laneEven: bought(energyWh) }), reading(energyWh, 0), { prices });
          const alone = settled(gridState(rich), reading(energyWh, 0), { prices });
          const { costTicks, feeTicks } = purchaseTicks(energyWh, clearingPrice, feePpm);
          const lostBySeller = 10n ** 12n - (undelivered?.meter.word.balanceTicks ?? 10n ** 12n);
          const together = buyer.meter.word.balanceTicks - costTicks - feeTicks - lostBySeller;
          expect(together).to.equal(alone.meter.word.balanceTicks - feeTicks);
        },
      ),
    );
  });

  it("changes nothing when a reading is replayed", () => {
    fc.assert(
      fc.property(lane, energy, energy, (position, importWh, exportWh) => {
        const once = settled(gridState({ laneEven: position }), reading(importWh, exportWh));
        expect(settleReading(once, reading(importWh, exportWh), IN_TIME).problem).to.equal("ReadingTooOld");
      }),
    );
  });

  it("from auction to settlement loses and makes no tick: what meters, pools and debts hold moves by the grid leg alone", () => {
    const deviation = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 24, maxLength: 24 });
    fc.assert(
      fc.property(
        randomBooks(1000, 220_000, 12),
        deviation,
        fc.constantFrom("midpoint" as const, "sbba" as const),
        fc.integer({ min: 0, max: 100_000 }),
        (drawn, meteredWh, rule, feePpm) => {
          // Limit prices within [export, import] of the slot.
          const inBand = (orders: typeof drawn.bids) =>
            orders.map((order) => ({ ...order, limitPrice: order.limitPrice + 80_000 }));
          const bids = inBand(drawn.bids);
          const offers = inBand(drawn.offers);
          const cleared = clearBook(rule, bids, offers);
          const prices = { ...PRICES, clearingPrice: cleared.price };
          if (cleared.volumeWh > 0) expect(cleared.price).to.be.within(PRICES.exportPrice, PRICES.importPrice);

          let paidTicks = 0n;
          let feeTicks = 0n;
          let heldBefore = 0n;
          let heldAfter = 0n;
          let debtTicks = 0n;
          let proceedsTicks = 0n;
          let ledger = beginLedger(50_000_000n);
          let claims = 0n;
          const fills = [
            ...cleared.bidFillsWh.map((filledWh) => ({ side: "bid" as const, filledWh })),
            ...cleared.offerFillsWh.map((filledWh) => ({ side: "offer" as const, filledWh })),
          ];
          fills.forEach(({ side, filledWh }, index) => {
            const purchase =
              side === "bid" ? purchaseTicks(filledWh, cleared.price, feePpm) : { costTicks: 0n, feeTicks: 0n };
            const balanceTicks = purchase.costTicks + purchase.feeTicks + BigInt(index) * 3_000_000n;
            heldBefore += balanceTicks + 500_000_000n;
            paidTicks += purchase.costTicks;
            feeTicks += purchase.feeTicks;
            const position = filledWh === 0 ? null : { side, energyWh: filledWh };
            const state = gridState({
              balanceTicks: balanceTicks - purchase.costTicks - purchase.feeTicks,
              laneEven: position,
            });
            const metered = meteredWh[index] ?? 0;
            const registers = side === "bid" ? reading(metered, 0) : reading(0, metered);
            const after = settled({ ...state, ledger }, registers, { prices });
            ledger = after.ledger;
            heldAfter += after.meter.word.balanceTicks + after.site.bondTicks;
            claims += after.meter.claimTicks;
            debtTicks += after.site.debtTicks;
            proceedsTicks += side === "offer" ? BigInt(filledWh) * BigInt(cleared.price) : 0n;
            expect(laneOf(after.meter.word, SLOT)).to.equal(null);
          });
          // Bought = sold, to the watt-hour and to the tick.
          expect(total(cleared.bidFillsWh)).to.equal(total(cleared.offerFillsWh));
          expect(paidTicks).to.equal(proceedsTicks);
          // Credits the exchange holds = balances + bonds + fees + charges; only minting and burning changed their sum.
          const pools = feeTicks + ledger.networkTicks + ledger.levyTicks;
          expect(heldAfter + pools).to.equal(heldBefore + ledger.mintedTicks - ledger.burnedTicks);
          // The grid leg over all: value of long = minted + claims, value of short and undelivered = burned + debt.
          const imbalances = fills
            .map(({ filledWh }, i) => (meteredWh[i] ?? 0) - filledWh)
            .map((off, i) => (fills[i]?.side === "bid" ? off : -off));
          const longWh = total(imbalances.filter((wh) => wh < 0).map((wh) => -wh));
          const shortWh = total(imbalances.filter((wh) => wh > 0));
          const undeliveredWh = total(imbalances.map((wh, i) => (fills[i]?.side === "offer" ? Math.max(wh, 0) : 0)));
          expect(ledger.mintedTicks + claims).to.equal(BigInt(longWh) * 80_000n);
          expect(ledger.burnedTicks + debtTicks).to.equal(BigInt(shortWh) * 300_000n + BigInt(undeliveredWh) * 30_000n);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("leaves what it was given unchanged", () => {
    const state = gridState({ laneEven: sold(10) });
    const copy = structuredClone(state);
    settled(state, reading(3, 900));
    expect(state).to.deep.equal(copy);
  });
});
