import { readFileSync } from "node:fs";
import { expect } from "chai";
import {
  clearingWindows,
  COMMIT_END_SECONDS,
  COMMITTED_END_SECONDS,
  commitWindow,
  firstUnopenedSlot,
  GATE_CLOSURE_SECONDS,
  GATE_OPEN_SLOTS,
  gateWindow,
  INSPECTION_SLOTS,
  inspectionDeadline,
  isWithin,
  MATCHER_END_SECONDS,
  READING_SLOTS,
  readingDeadline,
  readingWindow,
  RECORD_RING_SLOTS,
  slotPhase,
} from "../../src/market/timeline.ts";

// Slot 1,944,044 starts at 2025-06-11 09:00:00 UTC.
const SLOT = 1_944_036;
const START = Date.UTC(2025, 5, 11, 9) / 1000;
const minutes = (offset: number) => START + 60 * offset;

describe("the timeline of a slot", () => {
  it("has the constants of the contract's clock", () => {
    const source = readFileSync(new URL("../../contracts/energy/libraries/Clock.sol", import.meta.url), "utf8");
    const constants = Object.fromEntries(
      [...source.matchAll(/constant (\w+) = (\d+);/g)].map(([, name = "", value]) => [name, Number(value)]),
    );
    expect(constants).to.deep.equal({
      SLOT_SECONDS: 900,
      GATE_OPEN_SLOTS,
      GATE_CLOSURE: GATE_CLOSURE_SECONDS,
      COMMIT_END: COMMIT_END_SECONDS,
      MATCHER_END: MATCHER_END_SECONDS,
      COMMITTED_END: COMMITTED_END_SECONDS,
      READING_SLOTS,
      INSPECTION_SLOTS,
      RING: RECORD_RING_SLOTS,
    });
  });

  it("opens the gate two hours before and closes it ten minutes before", () => {
    expect(gateWindow(SLOT)).to.deep.equal({ from: minutes(-120), to: minutes(-10) });
    expect(commitWindow(SLOT)).to.deep.equal({ from: minutes(-10), to: minutes(-8) });
  });

  it("lets the matcher clear first, then anybody, then the placed orders alone", () => {
    expect(clearingWindows(SLOT, true, true)).to.deep.equal([
      { book: "committed", from: minutes(-10), to: minutes(-2) },
      { book: "placed", from: minutes(-2), to: START },
    ]);
    expect(clearingWindows(SLOT, true, false)[0]).to.deep.equal({
      book: "committed",
      from: minutes(-5),
      to: minutes(-2),
    });
    expect(clearingWindows(SLOT, false, true)).to.deep.equal([{ book: "placed", from: minutes(-8), to: START }]);
  });

  it("takes readings for an hour after the slot and keeps a flag a day longer", () => {
    expect(readingWindow(SLOT)).to.deep.equal({ from: minutes(15), to: minutes(75) });
    expect(readingDeadline(SLOT)).to.equal(minutes(75));
    expect(inspectionDeadline(SLOT)).to.equal(minutes(75 + 24 * 60));
  });

  it("counts the first unopened slot from the one under way", () => {
    const first = firstUnopenedSlot(START);
    expect(isWithin(gateWindow(first - 1), START)).to.equal(true);
    expect(isWithin(gateWindow(first), START)).to.equal(false);
    expect(firstUnopenedSlot(START + 899)).to.equal(first);
  });

  it("goes through its phases in order, each from its first second", () => {
    const phases = [
      [-120, "gate"],
      [-10, "commitment"],
      [-8, "matcher clears"],
      [-5, "anybody clears"],
      [-2, "placed orders clear"],
      [0, "delivery"],
      [15, "readings"],
      [75, "closing"],
    ] as const;
    let before = "before the gate";
    for (const [offset, phase] of phases) {
      expect(slotPhase(SLOT, minutes(offset) - 1)).to.equal(before);
      expect(slotPhase(SLOT, minutes(offset))).to.equal(phase);
      before = phase;
    }
  });

  it("keeps windows open at their start and closed at their end", () => {
    expect(isWithin({ from: 10, to: 20 }, 10)).to.equal(true);
    expect(isWithin({ from: 10, to: 20 }, 20)).to.equal(false);
    expect(isWithin({ from: 10, to: 20 }, 9)).to.equal(false);
  });
});
