import { connectContract } from "../chain/contract.ts";
import type { RpcClient } from "../chain/rpc.ts";
import { METER_STATUS_CODES } from "../market/codes.ts";
import { inspectionDeadline } from "../market/timeline.ts";
import { slotOf } from "../units.ts";
import type { Findings } from "./findings.ts";
import { mismatch } from "./mismatch.ts";
import type { Run } from "./run.ts";
import { flagBit, meterOf, siteOf, zoneOf } from "./state.ts";
import { INSPECTIONS_ABI } from "./systemAbi.ts";
import type { InspectionsEvent, InspectionsEventOf } from "./types.ts";

const APPEAL_SLOTS = 192;
const DECISION_SLOTS = 672;
const STAGES = ["none", "reported", "appealed", "upheld", "dismissed"] as const;

interface FindingEntry {
  readonly meter: string;
  readonly site: number;
  readonly slot: number;
  readonly evidenceHash: string;
  statementHash: string;
  throughSlot: number;
  stage: (typeof STAGES)[number];
}

/** What inspectors found, as the events tell it; finding 1 comes first. */
export interface InspectionsState {
  readonly findings: FindingEntry[];
}

export function createInspections(): InspectionsState {
  return { findings: [] };
}

/** Every event of the inspections: findings stem from flagged slots, and each step comes in its window and by its owner. */
export function inspectionsEvent(run: Run, event: InspectionsEvent): void {
  switch (event.name) {
    case "FindingReported":
      reported(run, event);
      return;
    case "FindingAppealed": {
      const { finding, statementHash, throughSlot, owner } = event.args;
      const entry = findingOf(run, finding);
      const { place, now } = placeOf(run, entry);
      run.findings.expect("inspections", place, "stage before the appeal", "reported", entry.stage);
      run.findings.expect("inspections", place, "appeal in time", true, now <= entry.throughSlot);
      run.findings.expect("inspections", place, "who appeals", siteOf(run.state, entry.site).owner, owner);
      run.findings.expect("inspections", place, "end of the decision", now + DECISION_SLOTS, throughSlot);
      Object.assign(entry, { stage: "appealed", statementHash, throughSlot });
      run.findings.add("inspections", "appeals", 1);
      return;
    }
    case "FindingUpheld":
      upheld(run, event);
      return;
    case "FindingDismissed": {
      const entry = findingOf(run, event.args.finding);
      const { place } = placeOf(run, entry);
      run.findings.expect("inspections", place, "finding open before", true, isOpen(entry));
      run.findings.expect("inspections", place, "meter of the finding", entry.meter, event.args.meter);
      entry.stage = "dismissed";
      run.findings.add("inspections", "dismissed", 1);
      return;
    }
    case "AuthorityUpdated":
      return;
  }
}

function reported({ state, findings, tx }: Run, { args }: InspectionsEventOf<"FindingReported">): void {
  const { finding, meter, site, slot, evidenceHash, throughSlot } = args;
  const { timestamp } = tx.transaction;
  const place = { meter, slot, site };
  const known = state.inspections.findings;
  const config = meterOf(state, meter);
  const zone = zoneOf(state, siteOf(state, config.site).zone);
  const flagged = (zone.flagged & flagBit(slot)) !== 0n && slot <= zone.closedThrough;
  findings.expect("inspections", place, "number of the finding", BigInt(known.length + 1), finding);
  findings.expect("inspections", place, "site of the meter", config.site, site);
  findings.expect("inspections", place, "flag on the slot", true, flagged);
  findings.expect("inspections", place, "reported in time", true, timestamp < inspectionDeadline(slot));
  findings.expect("inspections", place, "end of the appeal", slotOf(timestamp) + APPEAL_SLOTS, throughSlot);
  const again = known.some((entry) => entry.meter === meter && (entry.slot === slot || isOpen(entry)));
  findings.expect("inspections", place, "reported once, and once at a time", false, again);
  const usable = config.status !== METER_STATUS_CODES.retired && config.kind !== "feeder";
  findings.expect("inspections", place, "a meter that may be reported", true, usable);
  known.push({ meter, site, slot, evidenceHash, statementHash: `0x${"0".repeat(64)}`, throughSlot, stage: "reported" });
  findings.add("inspections", "reports", 1);
}

/** An owner's silence or governance upholds a finding; the meter's own event of its suspension follows. */
function upheld(run: Run, { args }: InspectionsEventOf<"FindingUpheld">): void {
  const entry = findingOf(run, args.finding);
  const { place, now } = placeOf(run, entry);
  const { state, findings } = run;
  findings.expect("inspections", place, "meter of the finding", entry.meter, args.meter);
  findings.expect("inspections", place, "finding open before", true, isOpen(entry));
  // Without an appeal the window must be over; a decision must come before its own ends.
  const due = entry.stage === "reported" ? now > entry.throughSlot : now <= entry.throughSlot;
  findings.expect("inspections", place, "upheld in its time", true, due);
  const suspends = meterOf(state, entry.meter).status === METER_STATUS_CODES.active;
  findings.expect("inspections", place, "suspended by the finding", suspends, args.suspended);
  const suspension = run.tx.transaction.events.some(
    ({ source, event }) =>
      source === "exchange" &&
      event.name === "MeterStatusChanged" &&
      event.args.meter === entry.meter &&
      event.args.status === METER_STATUS_CODES.suspended,
  );
  findings.expect("inspections", place, "the meter's suspension", suspends, suspension);
  entry.stage = "upheld";
  findings.add("inspections", "upheld", 1);
}

/** Compares every finding on the chain with what was rebuilt. */
export async function readInspections(
  { findings: entries }: InspectionsState,
  findings: Findings,
  { rpc, address, block }: { readonly rpc: RpcClient; readonly address: string; readonly block: number },
): Promise<void> {
  const contract = connectContract({ rpc, abi: INSPECTIONS_ABI, address });
  findings.expect("chain", {}, "findings", BigInt(entries.length), await contract.read("findingCount", [], block));
  const found = await rpc.all(entries.map((_, at) => contract.request("findingInfo", [BigInt(at + 1)], block)));
  for (const [index, expected] of entries.entries()) {
    const held = found[index];
    const place = { meter: expected.meter, slot: expected.slot, site: expected.site };
    findings.expect("chain", place, "finding's stage", expected.stage, STAGES[held?.stage ?? 0] ?? "unknown");
    for (const field of ["meter", "site", "slot", "throughSlot", "evidenceHash", "statementHash"] as const) {
      findings.expect("chain", place, `finding's ${field}`, expected[field], held?.[field] ?? "none");
    }
  }
  findings.add("chain", "findings", entries.length);
}

function findingOf({ state }: Run, finding: bigint): FindingEntry {
  return state.inspections.findings[Number(finding) - 1] ?? mismatch("There is no such finding", { finding });
}

function placeOf({ tx }: Run, { meter, site, slot }: FindingEntry) {
  return { place: { meter, site, slot }, now: slotOf(tx.transaction.timestamp) };
}

function isOpen({ stage }: FindingEntry): boolean {
  return stage === "reported" || stage === "appealed";
}
