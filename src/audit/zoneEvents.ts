import type { ExchangeEvent } from "../chain/exchange.ts";
import { decodeTierDiscounts, MAX_TIER_DISCOUNT_PPM } from "../market/fees.ts";
import type { ZoneTerms } from "../market/tariff.ts";
import { termsAt } from "../market/tariff.ts";
import { firstTariffState } from "../market/tariffSchedule.ts";
import {
  firstUnopenedSlot,
  gateWindow,
  inspectionDeadline,
  readingDeadline,
  RECORD_RING_SLOTS,
} from "../market/timeline.ts";
import { slotOf as slotAt } from "../units.ts";
import { chargesOf, expectOut, finishClosing, NOBODY, workOf, type Run } from "./run.ts";
import {
  addTo,
  CHARGE_NAMES,
  clearFlags,
  createSlot,
  flagBit,
  newestFlagUpTo,
  NO_CHARGES,
  slotOfRing,
  slotRecordOf,
  zoneOf,
  type Charges,
  type ZoneEntry,
} from "./state.ts";
import { mismatch } from "./mismatch.ts";
import { recordedPrices } from "./tariffEvents.ts";

type EncodedTerms = ExchangeEvent<"SlotOpened">["args"]["terms"];

export function zoneCreated({ state, tx }: Run, { args }: ExchangeEvent<"ZoneCreated">): void {
  const slot = slotAt(tx.transaction.timestamp);
  if (state.zones.has(args.zone)) mismatch("The zone was created twice", { zone: args.zone });
  state.zones.set(args.zone, {
    createdSlot: slot,
    closedThrough: slot - 1,
    newestSlot: slot - 1,
    activeMeters: 0,
    ratedWh: 0,
    flagged: 0n,
    feeder: NOBODY,
    limits: args.limits,
    terms: decodeTerms(args.terms),
    nextTerms: undefined,
    matcher: NOBODY,
    nextMatcher: NOBODY,
    nextMatcherSlot: 0,
    accruals: NO_CHARGES,
    accounts: args.accounts,
    tariff: firstTariffState(slot, decodeTerms(args.terms)),
    tariffs: new Map(),
    ring: new Array<undefined>(RECORD_RING_SLOTS).fill(undefined),
  });
}

export function zoneTermsSet(run: Run, { args }: ExchangeEvent<"ZoneTermsSet">): void {
  const zone = zoneOf(run.state, args.zone);
  const terms = decodeTerms(args.terms);
  requireUnopened(run, args.zone, terms.fromSlot, "terms set before the gate opened");
  const first = firstUnopenedSlot(run.tx.transaction.timestamp);
  const place = { zone: args.zone, slot: terms.fromSlot };
  run.findings.expect("tariff", place, "slots fixed by the terms before", first - 1, zone.tariff.through);
  if (zone.nextTerms !== undefined && zone.nextTerms.fromSlot < first) zone.terms = zone.nextTerms;
  zone.nextTerms = terms;
}

export function zoneAccountsSet({ state }: Run, { args }: ExchangeEvent<"ZoneAccountsSet">): void {
  zoneOf(state, args.zone).accounts = args.accounts;
}

export function tierDiscountsSet({ findings, state }: Run, { args }: ExchangeEvent<"TierDiscountsSet">): void {
  const discountsPpm = decodeTierDiscounts(args.discounts);
  const rising = discountsPpm.every((discountPpm, tier) =>
    tier === 0 ? discountPpm === 0 : discountPpm >= (discountsPpm[tier - 1] ?? 0),
  );
  const bounded = discountsPpm.every((discountPpm) => discountPpm <= MAX_TIER_DISCOUNT_PPM);
  findings.expect("charges", {}, "tier discounts within their bounds", true, rising && bounded);
  state.tierDiscounts = args.discounts;
}

export function matcherSet(run: Run, { args }: ExchangeEvent<"MatcherSet">): void {
  const zone = zoneOf(run.state, args.zone);
  const first = firstUnopenedSlot(run.tx.transaction.timestamp);
  if (zone.nextMatcherSlot !== 0 && zone.nextMatcherSlot < first) zone.matcher = zone.nextMatcher;
  zone.nextMatcher = args.matcher;
  zone.nextMatcherSlot = args.fromSlot;
}

/** A slot's prices are frozen in its record: its charges are what the terms say, its prices those that were fixed. */
export function slotOpened({ state, findings, tx }: Run, { args }: ExchangeEvent<"SlotOpened">): void {
  const place = { zone: args.zone, slot: args.slot };
  const zone = zoneOf(state, args.zone);
  const expected = { ...termsAt(args.slot, zone.terms, zone.nextTerms), ...recordedPrices(zone, args.slot, tx) };
  const found = decodeTerms(args.terms);
  for (const field of Object.keys(expected) as (keyof ZoneTerms)[]) {
    findings.expect("tariff", place, field, expected[field], found[field]);
  }
  const held = zone.ring[args.slot % RECORD_RING_SLOTS];
  findings.expect("events", place, "the slot is not closed", true, args.slot > zone.closedThrough);
  findings.expect(
    "events",
    place,
    "the record taken over is closed",
    true,
    held === undefined || held.slot <= zone.closedThrough,
  );
  findings.add("tariff", "slots", 1);
  zone.ring[args.slot % RECORD_RING_SLOTS] = createSlot(args.slot, found);
  zone.flagged &= ~flagBit(args.slot);
  zone.newestSlot = Math.max(zone.newestSlot, args.slot);
}

export function slotsPassedOver({ state, findings, tx }: Run, { args }: ExchangeEvent<"SlotsPassedOver">): void {
  const place = { zone: args.zone, slot: args.throughSlot };
  const zone = zoneOf(state, args.zone);
  findings.expect("events", place, "first slot passed over", zone.closedThrough + 1, args.fromSlot);
  findings.expect(
    "events",
    place,
    "no slot passed over was touched",
    true,
    !touched(zone, args.fromSlot, args.throughSlot),
  );
  const over = tx.transaction.timestamp >= readingDeadline(args.throughSlot);
  findings.expect("events", place, "the reading deadline is over", true, over);
  clearFlags(zone, zone.closedThrough + 1, args.throughSlot);
  zone.closedThrough = args.throughSlot;
}

/** Whether a slot of this range has a record. */
export function touched(zone: ZoneEntry, from: number, through: number): boolean {
  const last = Math.min(through, zone.newestSlot);
  for (let slot = from; slot <= last; ++slot) if (slotOfRing(zone, slot) !== undefined) return true;
  return false;
}

export function inspectionEnded({ state, findings, tx }: Run, { args }: ExchangeEvent<"InspectionEnded">): void {
  const zone = zoneOf(state, args.zone);
  const stood = (zone.flagged & flagBit(args.slot)) !== 0n && tx.transaction.timestamp < inspectionDeadline(args.slot);
  findings.expect("feeder", { zone: args.zone, slot: args.slot }, "the ended inspection's flag stood", true, stood);
  zone.flagged &= ~flagBit(args.slot);
}

export function chargesAccrued(run: Run, { args }: ExchangeEvent<"ChargesAccrued">): void {
  const zone = zoneOf(run.state, args.zone);
  chargesOf(run.tx, args.zone, args.slot).found.push(args.added);
  zone.accruals = sumCharges([zone.accruals, args.added]);
  for (const name of CHARGE_NAMES) run.findings.add("charges", `${name}Ticks`, args.added[name]);
}

export function chargesCollected(run: Run, { args }: ExchangeEvent<"ChargesCollected">): void {
  const zone = zoneOf(run.state, args.zone);
  for (const name of CHARGE_NAMES) {
    const amount = args.amounts[name];
    run.findings.expect("charges", { zone: args.zone }, `collected ${name}`, zone.accruals[name], amount);
    run.findings.add("charges", "collectedTicks", amount);
    expectOut(run, `collected ${name}`, { zone: args.zone }, zone.accounts[name], amount);
  }
  zone.accruals = NO_CHARGES;
}

export function workPaid(run: Run, { args }: ExchangeEvent<"WorkPaid">): void {
  finishClosing(run, (zone, slot) => slotRecordOf(run.state, zone, slot));
  workOf(run.tx, args.zone, args.slot).foundTicks += args.amountTicks;
  const { calls } = run.tx.transaction;
  if (calls !== undefined && calls.length > 0) {
    const worked = calls.some(({ caller }) => caller === args.worker);
    run.findings.expect("charges", { zone: args.zone, slot: args.slot }, "the worker is who called", true, worked);
  }
  addTo(run.state.earnedTicks, args.worker, args.amountTicks);
  run.findings.add("charges", "workTicks", args.amountTicks);
}

export function earningsCollected(run: Run, { args }: ExchangeEvent<"EarningsCollected">): void {
  const place = { account: args.account };
  run.findings.expect(
    "charges",
    place,
    "earnings collected",
    run.state.earnedTicks.get(args.account) ?? 0n,
    args.amountTicks,
  );
  run.findings.add("charges", "earningsCollectedTicks", args.amountTicks);
  run.state.earnedTicks.delete(args.account);
  expectOut(run, "earnings collected", place, args.to, args.amountTicks);
}

/** Money that stems from slots up to `slot` may go only when they are closed and none stands flagged. */
export function requireMature(run: Run, zoneNumber: number, slot: number, subject: string): void {
  const zone = zoneOf(run.state, zoneNumber);
  const place = { zone: zoneNumber, slot };
  run.findings.expect("accounts", place, `${subject} after its slots closed`, true, slot <= zone.closedThrough);
  const flag = newestFlagUpTo(zone, slot, run.tx.transaction.timestamp);
  run.findings.expect("accounts", place, `${subject} while no flag stands`, "none", flag ?? "none");
}

export function decodeTerms({ rule, ...terms }: EncodedTerms): ZoneTerms {
  return { ...terms, rule: rule === 1 ? "sbba" : "midpoint" };
}

export function sumCharges(parts: readonly Charges[]): Charges {
  return parts.reduce(
    (sum, part) => ({
      network: sum.network + part.network,
      levy: sum.levy + part.levy,
      fee: sum.fee + part.fee,
      season: sum.season + part.season,
    }),
    NO_CHARGES,
  );
}

function requireUnopened(run: Run, zone: number, slot: number, subject: string): void {
  run.findings.expect("tariff", { zone, slot }, subject, true, run.tx.transaction.timestamp < gateWindow(slot).from);
}
