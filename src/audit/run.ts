import { ZeroAddress } from "ethers";
import { beginLedger, type GridState, type Ledger } from "../market/gridLeg.ts";
import type { MarketDomain } from "../market/messages.ts";
import { decodeMeterWord, encodeMeterWord, type MeterWord } from "../market/meterWord.ts";
import { createCertificateContext, type CertificateContext } from "./certificateState.ts";
import { createComputeContext, type ComputeContext } from "./computeContext.ts";
import type { BookOrder } from "../market/book.ts";
import { workPayTicks } from "../market/fees.ts";
import type { KernelFunctions } from "../training/reproducible/evaluatePrimitive.ts";
import type { ItemError } from "../market/itemErrors.ts";
import type { Findings } from "./findings.ts";
import { meterOf, siteAccount, type AuditState, type Charges, type MeterEntry, type SlotEntry } from "./state.ts";
import { headroomTicks } from "./desk.ts";
import type { AuditCall, AuditTransaction, CheckName, Place } from "./types.ts";

/** What the grid leg said about a meter before the event that settles it. */
export interface LegEvents {
  claimGrantedTicks: bigint;
  claimTicks: bigint | undefined;
  bondBurnedTicks: bigint;
  debtAddedTicks: bigint;
  debtRepaidTicks: bigint;
  /** The site's debt after the last of these events. */
  debtTicks: bigint | undefined;
  lapsedNetworkTicks: bigint;
  lapsedLevyTicks: bigint;
  /** What these events say of slot and site, which the event that they explain must say too. */
  readonly slots: number[];
  site: number | undefined;
  disconnection: { readonly balanceTicks: bigint; readonly depositTicks: bigint } | undefined;
}

/** A batch of readings under way. */
export interface Batch {
  readonly zone: number;
  readonly slot: number;
  /** The slot was closed when the batch began. */
  readonly closed: boolean;
  /** Readings of the calldata with their signers; undefined where the calldata is unknown. */
  readonly readings:
    readonly { readonly meter: string; readonly importWh: number; readonly exportWh: number }[] | undefined;
  next: number;
  readonly leaves: string[];
  settledLanes: number;
  mintedTicks: bigint;
  burnedTicks: bigint;
  networkTicks: bigint;
  levyTicks: bigint;
}

export interface ExpectedFill {
  readonly order: BookOrder;
  readonly filledWh: number;
  readonly feeTicks: bigint;
  readonly balanceTicks: bigint;
}

export interface ExpectedSkip {
  readonly order: BookOrder;
  readonly problem: ItemError;
}

/** A clearing under way. */
export interface Clearing {
  readonly zone: number;
  readonly slot: number;
  /** What the twin says; undefined where the calldata is unknown or wrong. */
  readonly plan:
    | {
        readonly price: number;
        readonly volumeWh: number;
        readonly skips: readonly ExpectedSkip[];
        readonly fills: readonly ExpectedFill[];
        readonly committedBook: boolean;
      }
    | undefined;
  skipped: number;
  cleared: number;
  boughtWh: number;
  soldWh: number;
  positions: number;
  /** What buyers paid for energy, without the fee. */
  paidTicks: bigint;
  feeTicks: bigint;
  /** Placement fees that stay. */
  seasonTicks: bigint;
  lowestBid: number | undefined;
  highestOffer: number | undefined;
}

export interface Move {
  readonly account: string | undefined;
  readonly amountTicks: bigint;
  readonly place: Place;
  readonly subject: string;
}

/** What a transaction has shown so far and what it must still show. */
export interface TransactionContext {
  readonly transaction: AuditTransaction;
  /** Place of the event at hand. */
  index: number;
  nextCall: number;
  /** Calls that an event was put down to. */
  readonly taken: Set<AuditCall>;
  ledger: Ledger | undefined;
  batch: Batch | undefined;
  clearing: Clearing | undefined;
  closing: { readonly zone: number; readonly slot: number; lanes: number } | undefined;
  /** State of a meter before a gap reading closed its positions. */
  gap: { readonly meter: string; readonly before: GridState; closed: number } | undefined;
  readonly legs: Map<string, LegEvents>;
  /** `zone/slot/meter` of what closing closed or skipped. */
  readonly closed: string[];
  /** Meters whose flags must be brought up to date because their site has changed, and those that were. */
  readonly mustSync: string[];
  readonly synced: string[];
  /** Debt repaid by nobody's meter: by a payer, or out of the site's bond. */
  readonly repaid: { readonly site: number; readonly amountTicks: bigint }[];
  readonly expectedIn: Move[];
  readonly expectedOut: Move[];
  readonly movedIn: { readonly account: string; readonly amount: bigint }[];
  readonly movedOut: { readonly account: string; readonly amount: bigint }[];
  expectedMintTicks: bigint;
  expectedBurnTicks: bigint;
  minted: bigint;
  burned: bigint;
  deskMinted: bigint;
  deskBurned: bigint;
  deskSold: bigint;
  deskRedeemed: bigint;
  readonly charges: Map<string, { readonly place: Place; readonly expected: Charges[]; readonly found: Charges[] }>;
  readonly work: Map<string, { readonly place: Place; expectedTicks: bigint; foundTicks: bigint }>;
  /** A zone whose slot was closed, after which the books are balanced. */
  closedSlot: Place | undefined;
  readonly compute: ComputeContext;
  readonly certificates: CertificateContext;
}

/** An audit under way. */
export interface Run {
  readonly state: AuditState;
  readonly findings: Findings;
  readonly domain: MarketDomain;
  readonly exchange: string;
  readonly desk: string;
  /** exp and log of the trainer, for transitions that disputes end with. */
  readonly functions: KernelFunctions;
  tx: TransactionContext;
}

export function createContext(transaction: AuditTransaction): TransactionContext {
  return {
    transaction,
    index: 0,
    nextCall: 0,
    taken: new Set(),
    ledger: undefined,
    batch: undefined,
    clearing: undefined,
    closing: undefined,
    gap: undefined,
    legs: new Map(),
    closed: [],
    mustSync: [],
    synced: [],
    repaid: [],
    expectedIn: [],
    expectedOut: [],
    movedIn: [],
    movedOut: [],
    expectedMintTicks: 0n,
    expectedBurnTicks: 0n,
    minted: 0n,
    burned: 0n,
    deskMinted: 0n,
    deskBurned: 0n,
    deskSold: 0n,
    deskRedeemed: 0n,
    charges: new Map(),
    work: new Map(),
    closedSlot: undefined,
    compute: createComputeContext(),
    certificates: createCertificateContext(),
  };
}

/** The next call of one of these names in the transaction, in the order in which the exchange ran them. */
export function takeCall({ tx }: Run, ...names: readonly string[]): AuditCall | undefined {
  const { calls } = tx.transaction;
  if (calls === undefined) return undefined;
  for (let index = tx.nextCall; index < calls.length; ++index) {
    const call = calls[index];
    if (call === undefined || !names.includes(call.name)) continue;
    tx.nextCall = index + 1;
    tx.taken.add(call);
    return call;
  }
  return undefined;
}

/** What the grid leg starts from for a meter at this moment. */
export function gridState(run: Run, meter: string): GridState {
  const { word, kind, claimTicks, site } = meterOf(run.state, meter);
  return { meter: { word, kind, claimTicks }, site: siteAccount(run.state, site), ledger: ledgerOf(run) };
}

export function ledgerOf(run: Run): Ledger {
  run.tx.ledger ??= beginLedger(headroomTicks(run.state.desk, run.state.supply));
  return run.tx.ledger;
}

/** The events of the grid leg about a meter, which the event at hand completes. */
export function takeLeg({ tx }: Run, meter: string): LegEvents {
  const leg = legOf(tx, meter);
  tx.legs.delete(meter);
  return leg;
}

export function legOf({ legs }: TransactionContext, meter: string): LegEvents {
  let leg = legs.get(meter);
  if (leg === undefined) {
    leg = {
      claimGrantedTicks: 0n,
      claimTicks: undefined,
      bondBurnedTicks: 0n,
      debtAddedTicks: 0n,
      debtRepaidTicks: 0n,
      debtTicks: undefined,
      lapsedNetworkTicks: 0n,
      lapsedLevyTicks: 0n,
      slots: [],
      site: undefined,
      disconnection: undefined,
    };
    legs.set(meter, leg);
  }
  return leg;
}

/** Compares a meter's word with the event's, field by field where they differ, and takes the event's over. */
export function takeWord(
  run: Run,
  check: CheckName,
  place: Place,
  entry: MeterEntry,
  expected: MeterWord,
  packed: bigint,
): void {
  const found = decodeMeterWord(packed);
  compareWords(run.findings, check, place, expected, found, packed);
  entry.word = found;
}

export function compareWords(
  findings: Findings,
  check: CheckName,
  place: Place,
  expected: MeterWord,
  found: MeterWord,
  packed: bigint,
): void {
  if (encodeMeterWord(expected) === packed) {
    findings.expect(check, place, "word", packed, packed);
    return;
  }
  for (const field of Object.keys(expected) as (keyof MeterWord)[]) {
    const [want, got] = [describeField(expected[field]), describeField(found[field])];
    if (want !== got) findings.fail(check, place, `word.${field}`, want, got);
  }
}

function describeField(value: MeterWord[keyof MeterWord]): string {
  if (value === null) return "none";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Credits that the exchange must have pulled in this transaction. */
export function expectIn(
  run: Run,
  subject: string,
  place: Place,
  account: string | undefined,
  amountTicks: bigint,
): void {
  if (amountTicks !== 0n) run.tx.expectedIn.push({ subject, place, account, amountTicks });
}

/** Credits that the exchange must have paid out in this transaction. */
export function expectOut(
  run: Run,
  subject: string,
  place: Place,
  account: string | undefined,
  amountTicks: bigint,
): void {
  if (amountTicks !== 0n) run.tx.expectedOut.push({ subject, place, account, amountTicks });
}

export function expectCharges({ tx }: Run, zone: number, slot: number, due: Charges): void {
  chargesOf(tx, zone, slot).expected.push(due);
}

export function chargesOf(
  { charges }: TransactionContext,
  zone: number,
  slot: number,
): { readonly expected: Charges[]; readonly found: Charges[] } {
  const key = `${zone}/${slot}`;
  let entry = charges.get(key);
  if (entry === undefined) {
    entry = { place: { zone, slot }, expected: [], found: [] };
    charges.set(key, entry);
  }
  return entry;
}

export function workOf(
  { work }: TransactionContext,
  zone: number,
  slot: number,
): { expectedTicks: bigint; foundTicks: bigint } {
  const key = `${zone}/${slot}`;
  let entry = work.get(key);
  if (entry === undefined) {
    entry = { place: { zone, slot }, expectedTicks: 0n, foundTicks: 0n };
    work.set(key, entry);
  }
  return entry;
}

/** Positions of a slot are settled: their share of its work money is due. */
export function settleLanes(run: Run, zone: number, record: SlotEntry, lanes: number): void {
  if (lanes === 0) return;
  const open = record.openPositions;
  if (!run.findings.expect("slots", { zone, slot: record.slot }, "settled positions were open", true, lanes <= open))
    return;
  const pay = workPayTicks(record.workTicks, lanes, open);
  record.openPositions = open - lanes;
  record.workTicks -= pay;
  workOf(run.tx, zone, record.slot).expectedTicks += pay;
}

/** The positions that closing settled one by one are paid for in one go, once all of them are. */
export function finishClosing(run: Run, record: (zone: number, slot: number) => SlotEntry): void {
  const { closing } = run.tx;
  if (closing === undefined) return;
  run.tx.closing = undefined;
  settleLanes(run, closing.zone, record(closing.zone, closing.slot), closing.lanes);
}

export const NOBODY = ZeroAddress;
