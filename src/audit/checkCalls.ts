import type { ExchangeEventName } from "../chain/exchange.ts";
import type { Run } from "./run.ts";
import type { AuditCall, Place } from "./types.ts";

/** Verbs that leave one event each, which says what the call said. */
const EVENT_OF: Readonly<Record<string, ExchangeEventName>> = {
  placeOrder: "OrderPlaced",
  cancelOrder: "OrderCancelled",
  commitBook: "BookCommitted",
  clear: "SlotCleared",
  passOver: "SlotsPassedOver",
  postMatcherBond: "MatcherBondChanged",
  collectMatcherBond: "MatcherBondChanged",
  requestMatcherUnlock: "MatcherUnlockRequested",
  reportUncleared: "MatcherPenalised",
  reportMissing: "MatcherPenalised",
  deposit: "Deposited",
  depositWithPermit: "Deposited",
  moveBalance: "BalanceMoved",
  requestWithdrawal: "WithdrawalRequested",
  collectWithdrawal: "WithdrawalCollected",
  postBond: "BondPosted",
  requestUnbond: "UnbondRequested",
  collectBond: "BondCollected",
  payClaim: "ClaimPaid",
  writeOff: "DebtWrittenOff",
  registerSite: "SiteRegistered",
  registerMeter: "MeterRegistered",
  replaceMeter: "MeterReplaced",
  suspendMeter: "MeterStatusChanged",
  reinstateMeter: "MeterStatusChanged",
  retireMeter: "MeterStatusChanged",
  transferSite: "SiteTransferred",
  setDelegate: "DelegateSet",
  setTier: "TierSet",
  reportEquivocation: "Penalised",
  reportImpossible: "Penalised",
  reportSelfTrade: "SelfTrade",
  drawEvidence: "EvidenceDrawn",
  certifyExport: "ExportCertified",
  correctReading: "ReadingCorrected",
  createZone: "ZoneCreated",
  setZoneTerms: "ZoneTermsSet",
  setZoneAccounts: "ZoneAccountsSet",
  setTierDiscounts: "TierDiscountsSet",
  setMatcher: "MatcherSet",
  setEnergyQueue: "EnergyQueueSet",
  endInspection: "InspectionEnded",
  collectCharges: "ChargesCollected",
  collectEarnings: "EarningsCollected",
  pause: "Paused",
  unpause: "Unpaused",
};
const HAS_VERB: ReadonlySet<string> = new Set(Object.values(EVENT_OF));

/** Every call has left its event with its own figures, and no event of a verb came without a call. */
export function checkCalls(run: Run): void {
  const { findings, tx } = run;
  const { calls, events } = tx.transaction;
  if (calls === undefined) {
    findings.add("events", "callsUnknown", 1);
    return;
  }
  const left = new Map<string, object[]>();
  for (const { source, event } of events) {
    if (source !== "exchange" || !HAS_VERB.has(event.name)) continue;
    const found = left.get(event.name) ?? [];
    found.push(event.args);
    left.set(event.name, found);
  }
  for (const call of calls) {
    if (call.name === "settle" || call.name === "settleReading") {
      findings.expect("signatures", placeOf(call.args), "events of the batch", true, tx.taken.has(call));
    }
    if (call.name === "syncMeter") tx.mustSync.push(String(call.args.meter));
    const name = EVENT_OF[call.name];
    if (name === undefined) continue;
    const args = left.get(name)?.shift();
    findings.expect(
      "events",
      placeOf(call.args),
      `${name} after ${call.name}`,
      "an event",
      args === undefined ? "none" : "an event",
    );
    if (args !== undefined) compareArgs(run, call, name, args);
  }
  // A site that changes hands revokes its delegates.
  if (calls.some(({ name }) => name === "transferSite")) left.delete("DelegateSet");
  for (const [name, rest] of left) {
    for (const args of rest) findings.fail("events", placeOf(args), `call before ${name}`, "a call", "none");
  }
  checkClosing(run, calls);
}

/** Values that call and event both name must be the same. */
function compareArgs({ findings }: Run, call: AuditCall, name: string, args: object): void {
  const said = flatten(call.args);
  for (const [key, value] of Object.entries(flatten(args))) {
    const given = said[key];
    // The first terms of a zone hold from the moment of its creation, whatever the call says.
    if (given === undefined || (call.name === "createZone" && key === "fromSlot")) continue;
    findings.expect("events", placeOf(call.args), `${name}.${key} of ${call.name}`, given, value);
  }
}

/** Every meter named to closing was closed or skipped. */
function checkClosing({ findings, tx }: Run, calls: readonly AuditCall[]): void {
  const named = calls.flatMap(({ name, args }) => {
    if (name !== "close") return [];
    const { zone, slot, meters } = args as {
      readonly zone: number;
      readonly slot: number;
      readonly meters: readonly string[];
    };
    return meters.map((meter) => `${zone}/${slot}/${meter}`);
  });
  if (named.length + tx.closed.length > 0) {
    findings.expect("settlement", {}, "meters named to closing", named.join(), tx.closed.join());
  }
}

function flatten(args: object): Record<string, string | number | bigint | boolean> {
  const flat: Record<string, string | number | bigint | boolean> = {};
  for (const [key, value] of Object.entries(args) as [string, unknown][]) {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) Object.assign(flat, flatten(value));
    else if (["string", "number", "bigint", "boolean"].includes(typeof value))
      flat[key] = value as string | number | bigint | boolean;
  }
  return flat;
}

function placeOf(args: object): Place {
  const { zone, slot, meter, site } = flatten(args);
  return {
    ...(typeof zone === "number" ? { zone } : {}),
    ...(typeof slot === "number" ? { slot } : {}),
    ...(typeof meter === "string" ? { meter } : {}),
    ...(typeof site === "number" ? { site } : {}),
  };
}
