import type { ExchangeEvent } from "../chain/exchange.ts";
import { isFeederBalanced } from "../market/feederCheck.ts";
import { decodeMeterWord, laneOf, type MeterWord } from "../market/meterWord.ts";
import { decodeLine } from "../market/packed.ts";
import { closePosition, dueForUnread } from "../market/settlement.ts";
import { readingWindow } from "../market/timeline.ts";
import { valueTicks } from "../units.ts";
import { addLine, compareLine, takeGridLeg } from "./legEvents.ts";
import { batchOf, pricesOf } from "./readingEvents.ts";
import {
  compareWords,
  finishClosing,
  gridState,
  settleLanes,
  takeLeg,
  type Run,
  type TransactionContext,
} from "./run.ts";
import { clearFlags, flagBit, meterOf, slotRecordOf, STATUS, zoneOf, type SlotEntry } from "./state.ts";
import { touched } from "./zoneEvents.ts";

const ENDS_A_READING = new Set(["PositionClosed", "ReadingSkipped", "BatchSettled", "CloseSkipped", "SlotClosed"]);

export function positionClosed(run: Run, { args }: ExchangeEvent<"PositionClosed">): void {
  const { meter, slot } = args;
  const { findings, tx } = run;
  const found = decodeMeterWord(args.word);
  const line = decodeLine(args.line);
  const entry = meterOf(run.state, meter);
  const zone = entry.word.zone;
  const place = { zone, slot, meter };
  const record = slotRecordOf(run.state, zone, slot);
  const before = gridState(run, meter);
  const { word } = before.meter;
  const lane = laneOf(word, slot);
  findings.add("settlement", "positionsClosed", 1);
  const gapSlot = gapReadingSlot(tx, meter);
  if (gapSlot !== undefined) batchOf(run, zone, gapSlot);

  const outcome = closePosition(before, slot, pricesOf(record));
  if (outcome === undefined || lane === null) {
    findings.fail("settlement", place, "position closed", "none is open", "closed");
    takeLeg(run, meter);
  } else {
    compareWords(findings, "settlement", place, outcome.meter.word, found, args.word);
    compareLine(run, place, outcome.line, line);
    takeGridLeg(run, place, dueForUnread(lane, pricesOf(record)), line, outcome);
    if (lane.side === "offer") record.proceedsTicks += valueTicks(lane.energyWh, record.clearingPrice);
  }
  sameRegisters(run, place, word, found);
  addLine(run, line);
  entry.word = found;

  if (gapSlot !== undefined) {
    const begun = tx.gap?.meter === meter ? tx.gap : { meter, before, closed: 0 };
    tx.gap = { ...begun, closed: begun.closed + 1 };
    settleLanes(run, zone, record, 1);
    return;
  }
  tx.closed.push(`${zone}/${slot}/${meter}`);
  findings.expect(
    "settlement",
    place,
    "closed after the slot ended",
    true,
    tx.transaction.timestamp >= readingWindow(slot).from,
  );
  if (tx.closing?.zone !== zone || tx.closing.slot !== slot) {
    finishClosing(run, (otherZone, otherSlot) => slotRecordOf(run.state, otherZone, otherSlot));
    tx.closing = { zone, slot, lanes: 0 };
  }
  tx.closing.lanes += 1;
}

export function closeSkipped(run: Run, { args }: ExchangeEvent<"CloseSkipped">): void {
  const { meter, zone, slot } = args;
  const entry = run.state.meters.get(meter);
  run.tx.closed.push(`${zone}/${slot}/${meter}`);
  const open = entry?.word.zone === zone && isOpen(entry.word, slot);
  run.findings.expect("settlement", { zone, slot, meter }, "the position skipped at closing was open", false, open);
}

export function slotClosed(run: Run, { args }: ExchangeEvent<"SlotClosed">): void {
  const { zone, slot } = args;
  const place = { zone, slot };
  const { findings, tx, state } = run;
  finishClosing(run, (otherZone, otherSlot) => slotRecordOf(state, otherZone, otherSlot));
  const entry = zoneOf(state, zone);
  const record = slotRecordOf(state, zone, slot);
  const inOrder = slot > entry.closedThrough && !touched(entry, entry.closedThrough + 1, slot - 1);
  findings.expect("events", place, "slots close in order", true, inOrder);
  const feederRead = (record.status & STATUS.feederRead) !== 0;
  const due =
    tx.transaction.timestamp >= readingWindow(slot).to || (feederRead && record.readCount >= entry.activeMeters);
  findings.expect(
    "events",
    place,
    "closed after its deadline, or once all was read",
    true,
    due && tx.transaction.timestamp >= readingWindow(slot).from,
  );
  checkMoney(run, zone, record);

  findings.expect("feeder", place, "importWh", record.importWh, args.importWh);
  findings.expect("feeder", place, "exportWh", record.exportWh, args.exportWh);
  findings.expect("feeder", place, "feederWh", record.feederWh, args.feederWh);
  findings.expect("feeder", place, "readCount", record.readCount, args.readCount);
  const balanced = isFeederBalanced({
    importWh: record.importWh,
    exportWh: record.exportWh,
    readRatedWh: record.readRatedWh,
    ratedWh: entry.ratedWh,
    feederWh: feederRead ? record.feederWh : null,
    toleranceWh: entry.limits.toleranceWh,
    lossPpm: entry.limits.lossPpm,
  });
  findings.expect("feeder", place, "flagged", !balanced, args.flagged);
  findings.add("feeder", "slotsClosed", 1);
  findings.add("feeder", "flagged", args.flagged ? 1 : 0);

  if ((record.status & (STATUS.cleared | STATUS.released)) === 0) {
    record.status |= STATUS.released;
    const kept = record.placed.filter(({ locked }) => locked).length;
    findings.expect("orders", place, "placed orders still locked", 0, kept);
  }
  record.status |= STATUS.closed;
  clearFlags(entry, entry.closedThrough + 1, slot - 1);
  entry.closedThrough = slot;
  if (args.flagged) entry.flagged |= flagBit(slot);
  tx.closedSlot = place;
}

/** What the buyers of a slot paid has reached its sellers, each once. */
function checkMoney({ findings }: Run, zone: number, record: SlotEntry): void {
  const place = { zone, slot: record.slot };
  findings.expect("slots", place, "open positions of the closed slot", 0, record.openPositions);
  findings.expect("slots", place, "work money left", 0n, record.workTicks);
  findings.expect("slots", place, "sellers got", record.costTicks, record.proceedsTicks);
  findings.add("slots", "sellersGotTicks", record.proceedsTicks);
}

function sameRegisters(
  { findings }: Run,
  place: { readonly zone: number; readonly slot: number; readonly meter: string },
  before: MeterWord,
  found: MeterWord,
): void {
  const same =
    before.importWh === found.importWh && before.exportWh === found.exportWh && before.lastSlot === found.lastSlot;
  findings.expect("registers", place, "closing leaves the registers", true, same);
}

function isOpen(word: MeterWord, slot: number): boolean {
  return slot > word.lastSlot && slot <= word.lastSlot + 2 && laneOf(word, slot) !== null;
}

/**
 * A position is closed by closing, or by a gap reading of its meter, whose own event then follows: the slot of that
 * reading, or undefined.
 */
function gapReadingSlot({ transaction, index }: TransactionContext, meter: string): number | undefined {
  const names = transaction.calls?.map(({ name }) => name);
  if (names?.every((name) => name === "close") === true) return undefined;
  for (const { source, event } of transaction.events.slice(index + 1)) {
    if (source !== "exchange") continue;
    if (event.name === "ReadingSettled") {
      return event.args.meter === meter ? decodeMeterWord(event.args.word).lastSlot : undefined;
    }
    if (event.name === "PositionClosed" && event.args.meter === meter) continue;
    if (ENDS_A_READING.has(event.name)) return undefined;
  }
  return undefined;
}
