import { valueTicks } from "../units.ts";
import { mayExport, type RegisteredKind } from "./codes.ts";
import { BALANCE_CEILING_TICKS, type MeterWord } from "./meterWord.ts";
import type { SettlementLine } from "./packed.ts";
import { slotLimitWh } from "./powerClass.ts";
import { MAX_CHARGE_PRICE, type ZoneLimits } from "./tariff.ts";
import { INSPECTION_SLOTS, READING_SLOTS } from "./timeline.ts";

/** What a batch has moved so far. */
export interface Ledger {
  readonly mintedTicks: bigint;
  readonly burnedTicks: bigint;
  readonly networkTicks: bigint;
  readonly levyTicks: bigint;
  /** Headroom of the mint bound, moved along with minted and burned. */
  readonly mintableTicks: bigint;
}

/** What one meter gets and owes for one slot. */
export interface Due {
  /** From the buyers, set aside at clearing. */
  readonly proceedsTicks: bigint;
  /** Value of long imbalance or gap export. */
  readonly mintTicks: bigint;
  /** Value of short imbalance or gap import. */
  readonly burnTicks: bigint;
  readonly networkTicks: bigint;
  readonly levyTicks: bigint;
}

/** What the grid leg reads and changes of a meter. */
export interface MeterAccount {
  readonly word: MeterWord;
  readonly kind: RegisteredKind;
  /** Export value that waits for headroom of the mint bound. */
  readonly claimTicks: bigint;
}

/** What the grid leg reads and changes of a site. */
export interface SiteAccount {
  readonly bondTicks: bigint;
  readonly debtTicks: bigint;
  readonly unbondingTicks: bigint;
  /** See `requiredBondTicks`. */
  readonly requiredTicks: bigint;
}

export interface GridState {
  readonly meter: MeterAccount;
  readonly site: SiteAccount;
  readonly ledger: Ledger;
}

export interface GridOutcome extends GridState {
  readonly line: SettlementLine;
  readonly claimGrantedTicks: bigint;
  readonly bondBurnedTicks: bigint;
  readonly debtAddedTicks: bigint;
  readonly debtRepaidTicks: bigint;
  /** What neither claim nor debt has room for: nobody gets the one, the grid loses the other. */
  readonly claimLostTicks: bigint;
  readonly debtLostTicks: bigint;
  readonly lapsedNetworkTicks: bigint;
  readonly lapsedLevyTicks: bigint;
}

/** Debt and claims have 64 bits; they grow no further than that. */
const MAX_OWED_TICKS = 2n ** 64n - 1n;

export const NOTHING_DUE: Due = { proceedsTicks: 0n, mintTicks: 0n, burnTicks: 0n, networkTicks: 0n, levyTicks: 0n };

/** The ledger of a batch that begins. */
export function beginLedger(headroomTicks: bigint): Ledger {
  return { mintedTicks: 0n, burnedTicks: 0n, networkTicks: 0n, levyTicks: 0n, mintableTicks: headroomTicks };
}

/**
 * Settles what a meter gets and owes with the grid: earnings first, then what the grid is owed (balance, bond, debt), then
 * an old debt out of the earnings, and charges last.
 */
export function applyDue(state: GridState, due: Due): GridOutcome {
  const { word } = state.meter;
  const ceiling = BALANCE_CEILING_TICKS;
  const usualTicks = word.balanceTicks + due.proceedsTicks + due.mintTicks;
  const owedTicks = due.burnTicks + due.networkTicks + due.levyTicks;
  const usual =
    usualTicks >= owedTicks &&
    due.mintTicks <= state.ledger.mintableTicks &&
    usualTicks - owedTicks <= ceiling &&
    !word.flags.indebted;

  // 1. Earnings: what cannot be minted, or would not fit the balance, waits as a claim.
  const room = ceiling - min(ceiling, word.balanceTicks + due.proceedsTicks);
  const minted = usual ? due.mintTicks : min(min(due.mintTicks, state.ledger.mintableTicks), room);
  const earnings = due.proceedsTicks + minted;
  let available = word.balanceTicks + earnings;

  // 2. What the grid is owed: from the balance, then the bond, then as debt.
  const paid = min(due.burnTicks, available);
  const missing = due.burnTicks - paid;
  available -= paid;
  const bondBurnedTicks = min(missing, state.site.bondTicks);
  const debtAddedTicks = min(missing - bondBurnedTicks, MAX_OWED_TICKS - state.site.debtTicks);
  let site: SiteAccount = {
    ...state.site,
    bondTicks: state.site.bondTicks - bondBurnedTicks,
    debtTicks: state.site.debtTicks + debtAddedTicks,
  };
  const claimGrantedTicks = min(due.mintTicks - minted, MAX_OWED_TICKS - state.meter.claimTicks);
  let meter: MeterAccount = { ...state.meter, claimTicks: state.meter.claimTicks + claimGrantedTicks };
  if (missing > 0n) meter = syncFlags(meter, site);

  // 3. Earnings of a flagged meter go to its site's debt first.
  let debtRepaidTicks = 0n;
  if (meter.word.flags.indebted) {
    debtRepaidTicks = min(min(available, earnings), site.debtTicks);
    available -= debtRepaidTicks;
    site = { ...site, debtTicks: site.debtTicks - debtRepaidTicks };
    meter = syncFlags(meter, site);
  }

  // 4. Charges rank last; what is not paid lapses.
  const networkTicks = min(due.networkTicks, available);
  available -= networkTicks;
  const levyTicks = min(due.levyTicks, available);
  available -= levyTicks;

  const burnedTicks = paid + bondBurnedTicks + debtRepaidTicks;
  const line = { mintedTicks: minted, burnedTicks, networkTicks, levyTicks };
  return {
    meter: { ...meter, word: { ...meter.word, balanceTicks: available } },
    site,
    ledger: addLine(state.ledger, line),
    line,
    claimGrantedTicks,
    bondBurnedTicks,
    debtAddedTicks,
    debtRepaidTicks,
    claimLostTicks: due.mintTicks - minted - claimGrantedTicks,
    debtLostTicks: missing - bondBurnedTicks - debtAddedTicks,
    lapsedNetworkTicks: due.networkTicks - networkTicks,
    lapsedLevyTicks: due.levyTicks - levyTicks,
  };
}

/** The meter with its debt and bond flags as the site's state says. */
export function syncFlags(meter: MeterAccount, site: SiteAccount): MeterAccount {
  const bonded = site.bondTicks >= site.unbondingTicks + site.requiredTicks && mayExport(meter.kind);
  const flags = { ...meter.word.flags, indebted: site.debtTicks !== 0n, bonded };
  return { ...meter, word: { ...meter.word, flags } };
}

/** Bond that a site needs so that its meters may offer: the parts of its meters. */
export function requiredBondTicks(
  limits: Pick<ZoneLimits, "capPrice" | "exportCapPrice">,
  meters: readonly { readonly kind: RegisteredKind; readonly powerClass: number }[],
): bigint {
  return meters.reduce((sum, meter) => sum + bondPartTicks(limits, meter), 0n);
}

/**
 * A meter's part of the bond, nothing if it may not export: its rated energy of a slot at the larger of two slots' cap price
 * and highest network charge (what an undelivered sale can cost) and the whole time until its exports are beyond
 * inspection at the highest export price (what a lie can mint before it is looked at).
 */
export function bondPartTicks(
  limits: Pick<ZoneLimits, "capPrice" | "exportCapPrice">,
  meter: { readonly kind: RegisteredKind; readonly powerClass: number },
): bigint {
  if (!mayExport(meter.kind)) return 0n;
  const windowSlots = 1 + READING_SLOTS + INSPECTION_SLOTS;
  const perWh = Math.max(2 * (limits.capPrice + MAX_CHARGE_PRICE), windowSlots * limits.exportCapPrice);
  return valueTicks(slotLimitWh(meter.powerClass), perWh);
}

function addLine(ledger: Ledger, line: SettlementLine): Ledger {
  return {
    mintedTicks: ledger.mintedTicks + line.mintedTicks,
    burnedTicks: ledger.burnedTicks + line.burnedTicks,
    networkTicks: ledger.networkTicks + line.networkTicks,
    levyTicks: ledger.levyTicks + line.levyTicks,
    mintableTicks: ledger.mintableTicks + line.burnedTicks - line.mintedTicks,
  };
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
