import { JouleworkError } from "../errors.ts";
import type { ExchangeEvent } from "../chain/exchange.ts";
import { beginLedger, NOTHING_DUE, type GridState } from "../market/gridLeg.ts";
import { itemErrorOf } from "../market/itemErrors.ts";
import { decodeMeterWord, laneOf, meterSlotLimitWh, type MeterWord } from "../market/meterWord.ts";
import { decodeLine } from "../market/packed.ts";
import { decodeReadings, leafHash, readingTree } from "../market/readings.ts";
import { readingTimes, settleReading, type ReadingContext } from "../market/settleReading.ts";
import { dueForGap, dueForSlot, type SlotPrices } from "../market/settlement.ts";
import { readingSigner } from "../market/sign.ts";
import { termsAt } from "../market/tariff.ts";
import { valueTicks } from "../units.ts";
import { bytesArg, numberArg } from "./calls.ts";
import { addLine, compareLine, takeGridLeg } from "./legEvents.ts";
import {
  compareWords,
  expectCharges,
  gridState,
  legOf,
  settleLanes,
  takeCall,
  takeLeg,
  type Batch,
  type Run,
} from "./run.ts";
import {
  meterOf,
  NO_CHARGES,
  NO_METER,
  slotOfRing,
  slotRecordOf,
  STATUS,
  zoneOf,
  type MeterEntry,
  type SlotEntry,
} from "./state.ts";
import type { AuditCall, Place } from "./types.ts";

/** What the grid leg knows of an address that is no meter. */
const STRANGER: GridState = {
  meter: { word: NO_METER, kind: "consumer", claimTicks: 0n },
  site: { bondTicks: 0n, debtTicks: 0n, unbondingTicks: 0n, requiredTicks: 0n },
  ledger: beginLedger(0n),
};

export function readingSettled(run: Run, { args }: ExchangeEvent<"ReadingSettled">): void {
  const { meter } = args;
  const { findings, tx } = run;
  const found = decodeMeterWord(args.word);
  const line = decodeLine(args.line);
  const entry = meterOf(run.state, meter);
  const zone = entry.word.zone;
  const slot = found.lastSlot;
  const place = { zone, slot, meter };
  const batch = batchOf(run, zone, slot);
  checkSignature(run, batch, place, found);

  const before = tx.gap?.meter === meter ? tx.gap.before : gridState(run, meter);
  const closedCount = tx.gap?.meter === meter ? tx.gap.closed : 0;
  tx.gap = undefined;
  const { importWh, exportWh } = found;
  const flow = { importedWh: importWh - before.meter.word.importWh, exportedWh: exportWh - before.meter.word.exportWh };
  const rises = flow.importedWh >= 0 && flow.exportedWh >= 0 && slot > before.meter.word.lastSlot;
  findings.expect("registers", place, "registers and slot rise", true, rises);
  findings.add("registers", "importWh", flow.importedWh);
  findings.add("registers", "exportWh", flow.exportedWh);
  entry.settledImportWh += flow.importedWh;
  entry.settledExportWh += flow.exportedWh;

  const context = contextOf(run, zone, slot, entry, batch.closed);
  const gap = context.late || slot > before.meter.word.lastSlot + 1;
  findings.add("settlement", gap ? "gapReadings" : "readings", 1);
  const result = settleReading(before, { zone, slot, importWh, exportWh }, context);
  if (result.problem !== undefined) {
    findings.fail("settlement", place, "reading", `skipped: ${result.problem}`, "settled");
    takeLeg(run, meter);
  } else {
    findings.expect("settlement", place, "positions closed by the gap reading", result.closed.length, closedCount);
    compareWords(findings, "settlement", place, result.meter.word, found, args.word);
    compareLine(run, place, result.line, line);
    const owed = result.depositTicks;
    const { balanceTicks } = result.meter.word;
    const asked = legOf(tx, meter).disconnection;
    const low = owed !== undefined && balanceTicks < owed;
    findings.expect("settlement", place, "deposit asked for", low ? owed : "none", asked?.depositTicks ?? "none");
    findings.expect("settlement", place, "balance too low", low ? balanceTicks : "none", asked?.balanceTicks ?? "none");
    if (result.outcome === undefined) takeLeg(run, meter);
    else takeGridLeg(run, place, dueOf(before, gap, slot, flow, zone, run, context.prices), line, result.outcome);
  }

  addLine(run, line);
  if (rises)
    batch.leaves.push(leafHash({ meter, zone, slot, importWh: flow.importedWh, exportWh: flow.exportedWh, gap }));
  const { importedWh, exportedWh } = flow;
  run.state.seasons.readings.set(`${meter}/${String(slot)}`, { importWh: importedWh, exportWh: exportedWh, gap });
  if (!gap) addToRecord(run, batch, slotRecordOf(run.state, zone, slot), before.meter.word, flow);
  entry.word = found;
}

export function readingSkipped(run: Run, { args }: ExchangeEvent<"ReadingSkipped">): void {
  const { meter, zone, slot } = args;
  const place = { zone, slot, meter };
  const batch = batchOf(run, zone, slot);
  const reading = batch.readings?.[batch.next++];
  run.findings.add("settlement", "skipped", 1);
  if (reading !== undefined) {
    run.findings.expect("signatures", place, "signer", reading.meter, meter);
    const entry = run.state.meters.get(meter);
    const before = entry === undefined ? STRANGER : gridState(run, meter);
    const context = contextOf(run, zone, slot, entry, batch.closed);
    const { importWh, exportWh } = reading;
    const { problem } = settleReading(before, { zone, slot, importWh, exportWh }, context);
    run.findings.expect(
      "settlement",
      place,
      "reading",
      describe(problem),
      describe(itemErrorOf(args.reason) ?? args.reason),
    );
  }
  // Where every reading is skipped, nothing follows.
  if (batch.next === batch.readings?.length && batch.leaves.length === 0) run.tx.batch = undefined;
}

export function batchSettled(run: Run, { args }: ExchangeEvent<"BatchSettled">): void {
  const { zone, slot } = args;
  const place = { zone, slot };
  const { findings, tx } = run;
  const batch = batchOf(run, zone, slot);
  findings.expect("settlement", place, "readings of the batch", batch.leaves.length, args.readings);
  if (batch.readings !== undefined)
    findings.expect("signatures", place, "readings of the calldata", batch.readings.length, batch.next);
  findings.expect("gridLeg", place, "batch minted", batch.mintedTicks, args.mintedTicks);
  findings.expect("gridLeg", place, "batch burned", batch.burnedTicks, args.burnedTicks);
  const root = batch.leaves.length === 0 ? "none" : readingTree(batch.leaves).root;
  findings.expect("roots", place, "root", root, args.root);
  findings.add("roots", "leaves", batch.leaves.length);
  run.state.roots.add(args.root);
  expectCharges(run, zone, slot, { ...NO_CHARGES, network: batch.networkTicks, levy: batch.levyTicks });
  if (batch.settledLanes > 0) settleLanes(run, zone, slotRecordOf(run.state, zone, slot), batch.settledLanes);
  tx.batch = undefined;
  tx.ledger = undefined;
}

/** The batch under way; with its first event its calldata is read. */
export function batchOf(run: Run, zone: number, slot: number): Batch {
  const { batch } = run.tx;
  if (batch?.zone === zone && batch.slot === slot) return batch;
  if (batch !== undefined) {
    const place = { zone: batch.zone, slot: batch.slot };
    run.findings.fail("settlement", place, "BatchSettled", "an event", "none");
  }
  const begun: Batch = {
    zone,
    slot,
    closed: slot <= zoneOf(run.state, zone).closedThrough,
    readings: readingsOf(run, zone, slot),
    next: 0,
    leaves: [],
    settledLanes: 0,
    mintedTicks: 0n,
    burnedTicks: 0n,
    networkTicks: 0n,
    levyTicks: 0n,
  };
  run.tx.batch = begun;
  return begun;
}

function readingsOf(run: Run, zone: number, slot: number): Batch["readings"] {
  const call = takeCall(run, "settle", "settleReading");
  const place = { zone, slot };
  if (call === undefined) {
    run.findings.fail("signatures", place, "calldata of the batch", "a call of settle", "none found");
    return undefined;
  }
  try {
    run.findings.expect("signatures", place, "zone of the call", numberArg(call, "zone"), zone);
    run.findings.expect("signatures", place, "slot of the call", numberArg(call, "slot"), slot);
    return decodeCall(run, call, zone, slot);
  } catch (error) {
    if (!(error instanceof JouleworkError)) throw error;
    run.findings.fail(
      "signatures",
      place,
      "calldata of the batch",
      "readings that the exchange accepts",
      error.message,
    );
    return undefined;
  }
}

function decodeCall({ domain }: Run, call: AuditCall, zone: number, slot: number): NonNullable<Batch["readings"]> {
  const entries = decodeReadings(bytesArg(call, call.name === "settle" ? "readings" : "reading"));
  return entries.map(({ importWh, exportWh, signature }) => ({
    meter: readingSigner(domain, { zone, slot, importWh, exportWh }, signature),
    importWh,
    exportWh,
  }));
}

function checkSignature(
  { findings }: Run,
  batch: Batch,
  place: Place & { readonly meter: string },
  found: MeterWord,
): void {
  if (batch.readings === undefined) return;
  const reading = batch.readings[batch.next++];
  findings.add("signatures", "readings", 1);
  findings.expect("signatures", place, "signer", reading?.meter ?? "none", place.meter);
  findings.expect("signatures", place, "signed import register", reading?.importWh ?? "none", found.importWh);
  findings.expect("signatures", place, "signed export register", reading?.exportWh ?? "none", found.exportWh);
}

/** What the twin needs to know besides the meter: prices, limits and the moment. */
export function contextOf(
  run: Run,
  zoneNumber: number,
  slot: number,
  entry: MeterEntry | undefined,
  closed: boolean,
): ReadingContext {
  const zone = zoneOf(run.state, zoneNumber);
  const record = slotOfRing(zone, slot);
  const times = readingTimes(slot, run.tx.transaction.timestamp, closed);
  // Of a closed slot, and before a slot ends, only the charges are looked at, and no record is needed.
  const terms = termsAt(slot, zone.terms, zone.nextTerms);
  const { networkGridPrice, levyPrice } = terms;
  const bare = { importPrice: 0, exportPrice: 0, clearingPrice: 0, networkLocalPrice: 0, networkGridPrice, levyPrice };
  return {
    ...times,
    prices: closed || record === undefined ? bare : pricesOf(record),
    limits: zone.limits,
    pricesOf: (open) => pricesOf(slotRecordOf(run.state, zoneNumber, open)),
    ...(entry?.word.flags.storage === true ? { storage: entry.storage } : {}),
  };
}

export function pricesOf({ terms, clearingPrice }: SlotEntry): SlotPrices {
  return { ...terms, clearingPrice };
}

function dueOf(
  before: GridState,
  gap: boolean,
  slot: number,
  flow: { readonly importedWh: number; readonly exportedWh: number },
  zone: number,
  run: Run,
  prices: SlotPrices,
): ReturnType<typeof dueForSlot> {
  const { word } = before.meter;
  if (word.flags.feeder) return NOTHING_DUE;
  if (gap) return dueForGap(word.flags.bonded, flow, zoneOf(run.state, zone).limits, prices);
  return dueForSlot(laneOf(word, slot), word.flags.bonded, flow, prices);
}

function addToRecord(
  { findings }: Run,
  batch: Batch,
  record: SlotEntry,
  word: MeterWord,
  flow: { readonly importedWh: number; readonly exportedWh: number },
): void {
  record.readCount += 1;
  if (word.flags.feeder) {
    record.feederWh = flow.importedWh - flow.exportedWh;
    record.status |= STATUS.feederRead;
    findings.add("feeder", "feederReadings", 1);
    return;
  }
  record.importWh += flow.importedWh;
  record.exportWh += flow.exportedWh;
  record.readRatedWh += meterSlotLimitWh(word);
  const lane = laneOf(word, record.slot);
  if (lane === null) return;
  batch.settledLanes += 1;
  if (lane.side === "offer") record.proceedsTicks += valueTicks(lane.energyWh, record.clearingPrice);
}

function describe(problem: string | undefined): string {
  return problem === undefined ? "settled" : `skipped: ${problem}`;
}
