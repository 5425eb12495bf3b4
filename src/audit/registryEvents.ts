import type { ExchangeEvent } from "../chain/exchange.ts";
import { mayExport, METER_KIND_CODES, METER_STATUS_CODES, type RegisteredKind } from "../market/codes.ts";
import { syncFlags } from "../market/gridLeg.ts";
import {
  decodeMeterWord,
  MAX_TIER,
  meterSlotLimitWh,
  NEUTRAL_RELIABILITY,
  NO_FLAGS,
  type MeterWord,
} from "../market/meterWord.ts";
import { storageAllowanceWh } from "../market/storagePhysics.ts";
import { slotOf as slotAt } from "../units.ts";
import { mismatch } from "./mismatch.ts";
import { compareWords, NOBODY, takeWord, type Run } from "./run.ts";
import { meterOf, newMeterWord, siteAccount, siteOf, zoneOf, type MeterEntry, type SiteEntry } from "./state.ts";

const KINDS = Object.fromEntries(Object.entries(METER_KIND_CODES).map(([name, code]) => [code, name])) as Readonly<
  Record<number, RegisteredKind>
>;

export function siteRegistered({ state, findings }: Run, { args }: ExchangeEvent<"SiteRegistered">): void {
  findings.expect("events", { site: args.site }, "site number", state.sites.size + 1, args.site);
  state.sites.set(args.site, {
    owner: args.owner,
    zone: args.zone,
    nonce: 0,
    bondTicks: 0n,
    debtTicks: 0n,
    unbondingTicks: 0n,
    unbondingSlot: 0,
    faults: 0,
    meters: [],
  });
}

export function siteTransferred({ state, findings }: Run, { args }: ExchangeEvent<"SiteTransferred">): void {
  const site = siteOf(state, args.site);
  findings.expect("events", { site: args.site }, "owner before the transfer", site.owner, args.from);
  for (const meter of site.meters) {
    const { word, delegate } = meterOf(state, meter);
    findings.expect("events", { site: args.site, meter }, "no open position at the transfer", true, isIdle(word));
    findings.expect("events", { site: args.site, meter }, "delegate after the transfer", NOBODY, delegate);
  }
  site.owner = args.to;
  site.nonce += 1;
}

export function meterRegistered(run: Run, { args }: ExchangeEvent<"MeterRegistered">): void {
  const { state, findings, tx } = run;
  const place = { meter: args.meter, site: args.site };
  if (state.meters.has(args.meter)) mismatch("The meter was registered twice", { meter: args.meter });
  const site = siteOf(state, args.site);
  const zone = zoneOf(state, site.zone);
  const kind = KINDS[args.kind] ?? mismatch("The meter's kind is unknown", { meter: args.meter, kind: args.kind });
  const found = decodeMeterWord(args.word);
  const created = newMeterWord({
    zone: site.zone,
    // Given by the registrar; what follows from it is checked.
    powerClass: found.powerClass,
    importWh: found.importWh,
    exportWh: found.exportWh,
    lastSlot: slotAt(tx.transaction.timestamp) - 1,
    flags: { ...NO_FLAGS, storage: kind === "storage", feeder: kind === "feeder" },
  });
  const entry: MeterEntry = {
    word: created,
    site: args.site,
    kind,
    source: args.source,
    status: METER_STATUS_CODES.active,
    delegate: NOBODY,
    claimTicks: 0n,
    firstWord: { importWh: found.importWh, exportWh: found.exportWh },
    storage: {
      firstImportWh: found.importWh,
      firstExportWh: found.exportWh,
      allowanceWh: args.storageCapacityWh,
      bestEfficiencyPpm: args.bestEfficiencyPpm,
    },
    storageCapacityWh: args.storageCapacityWh,
    settledImportWh: 0,
    settledExportWh: 0,
  };
  state.meters.set(args.meter, entry);
  site.meters.push(args.meter);
  if (kind === "feeder") {
    findings.expect("events", { ...place, zone: site.zone }, "the zone had no feeder", NOBODY, zone.feeder);
    zone.feeder = args.meter;
  }
  takeWord(run, "events", place, entry, synced(run, entry), args.word);
  count(run, entry.word, 1);
  // A meter that may export raises the bond that the site's other meters need.
  if (mayExport(kind)) run.tx.mustSync.push(...site.meters.filter((meter) => meter !== args.meter));
}

export function meterReplaced(run: Run, { args }: ExchangeEvent<"MeterReplaced">): void {
  const { state, findings } = run;
  const old = meterOf(state, args.oldMeter);
  const site = siteOf(state, old.site);
  const place = { meter: args.newMeter, site: old.site };
  const { word } = old;
  findings.expect("registers", { meter: args.oldMeter }, "final import register", word.importWh, args.finalImportWh);
  findings.expect("registers", { meter: args.oldMeter }, "final export register", word.exportWh, args.finalExportWh);
  findings.expect("events", { meter: args.oldMeter }, "no open position at the replacement", true, isIdle(word));
  const carried = decodeMeterWord(args.newWord);
  compareWords(
    findings,
    "accounts",
    place,
    { ...word, importWh: carried.importWh, exportWh: carried.exportWh },
    carried,
    args.newWord,
  );
  state.meters.set(args.newMeter, {
    ...old,
    word: carried,
    firstWord: { importWh: carried.importWh, exportWh: carried.exportWh },
    storage: {
      ...old.storage,
      firstImportWh: carried.importWh,
      firstExportWh: carried.exportWh,
      allowanceWh: old.kind === "storage" ? storageAllowanceWh(old.storage, args.finalImportWh, args.finalExportWh) : 0,
    },
    settledImportWh: 0,
    settledExportWh: 0,
  });
  takeWord(run, "accounts", { meter: args.oldMeter }, old, { ...word, balanceTicks: 0n, zone: 0 }, args.oldWord);
  old.status = METER_STATUS_CODES.retired;
  old.claimTicks = 0n;
  site.nonce += 1;
  swap(site, args.oldMeter, args.newMeter);
  const zone = zoneOf(state, site.zone);
  if (zone.feeder === args.oldMeter) zone.feeder = args.newMeter;
}

export function meterStatusChanged(run: Run, { args }: ExchangeEvent<"MeterStatusChanged">): void {
  const entry = meterOf(run.state, args.meter);
  const place = { meter: args.meter, site: entry.site };
  const before = entry.word;
  if (args.status === METER_STATUS_CODES.retired) {
    const site = siteOf(run.state, entry.site);
    run.findings.expect("accounts", place, "balance of a retired meter", 0n, before.balanceTicks);
    run.findings.expect("accounts", place, "claim of a retired meter", 0n, entry.claimTicks);
    count(run, before, -1);
    const zone = zoneOf(run.state, site.zone);
    if (zone.feeder === args.meter) zone.feeder = NOBODY;
    const last = site.meters.at(-1);
    if (last !== undefined) swap(site, args.meter, last);
    site.meters.pop();
    takeWord(run, "events", place, entry, { ...before, zone: 0 }, args.word);
  } else {
    const suspended = args.status === METER_STATUS_CODES.suspended;
    takeWord(run, "events", place, entry, { ...before, flags: { ...before.flags, suspended } }, args.word);
    count(run, entry.word, suspended ? -1 : 1);
  }
  entry.status = args.status;
}

export function delegateSet({ state }: Run, { args }: ExchangeEvent<"DelegateSet">): void {
  meterOf(state, args.meter).delegate = args.delegate;
}

export function meterSynced(run: Run, { args }: ExchangeEvent<"MeterSynced">): void {
  const entry = meterOf(run.state, args.meter);
  run.tx.synced.push(args.meter);
  takeWord(run, "accounts", { meter: args.meter, site: entry.site }, entry, synced(run, entry), args.word);
}

/** Reputation sets the tier of a site's meters, and their reliability starts anew. */
export function tierSet({ state, findings }: Run, { args }: ExchangeEvent<"TierSet">): void {
  findings.expect("events", { site: args.site }, "tier within its bounds", true, args.tier <= MAX_TIER);
  for (const meter of siteOf(state, args.site).meters) {
    const entry = meterOf(state, meter);
    entry.word = { ...entry.word, tier: args.tier, reliability: NEUTRAL_RELIABILITY };
  }
}

/** The meter's word with its debt and bond flags as its site's state says. */
export function synced({ state }: Run, { word, kind, claimTicks, site }: MeterEntry): MeterWord {
  return syncFlags({ word, kind, claimTicks }, siteAccount(state, site)).word;
}

function count({ state }: Run, word: MeterWord, change: 1 | -1): void {
  const zone = zoneOf(state, word.zone);
  zone.activeMeters += change;
  if (!word.flags.feeder) zone.ratedWh += change * meterSlotLimitWh(word);
}

function isIdle({ laneEven, laneOdd }: MeterWord): boolean {
  return laneEven === null && laneOdd === null;
}

function swap({ meters }: SiteEntry, from: string, to: string): void {
  const index = meters.indexOf(from);
  if (index >= 0) meters[index] = to;
}
