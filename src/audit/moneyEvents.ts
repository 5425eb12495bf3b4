import type { ExchangeEvent } from "../chain/exchange.ts";
import { applyDue, NOTHING_DUE } from "../market/gridLeg.ts";
import { BALANCE_CEILING_TICKS } from "../market/meterWord.ts";
import { leafHash, verifyReadingProof, type ReadingLeaf } from "../market/readings.ts";
import { inspectionDeadline, RECORD_RING_SLOTS } from "../market/timeline.ts";
import { slotOf as slotAt } from "../units.ts";
import { mismatch } from "./mismatch.ts";
import { addLine, takeGridLeg } from "./legEvents.ts";
import { synced } from "./registryEvents.ts";
import { expectIn, expectOut, gridState, legOf, NOBODY, takeCall, takeLeg, takeWord, type Run } from "./run.ts";
import { headroomTicks } from "./desk.ts";
import { meterOf, siteOf, type EvidenceEntry } from "./state.ts";
import { requireMature } from "./zoneEvents.ts";

export function deposited(run: Run, { args }: ExchangeEvent<"Deposited">): void {
  const { meter, from, amountTicks } = args;
  const entry = meterOf(run.state, meter);
  const balanceTicks = entry.word.balanceTicks + amountTicks;
  takeWord(run, "accounts", { meter }, entry, { ...entry.word, balanceTicks }, args.word);
  run.findings.add("accounts", "depositedTicks", amountTicks);
  expectIn(run, "deposit", { meter }, from, amountTicks);
}

export function balanceMoved(run: Run, { args }: ExchangeEvent<"BalanceMoved">): void {
  const { from, to, amountTicks } = args;
  const source = meterOf(run.state, from);
  const target = meterOf(run.state, to);
  run.findings.expect("accounts", { meter: to }, "site of both meters", source.site, target.site);
  const taken = { ...source.word, balanceTicks: source.word.balanceTicks - amountTicks };
  const given = { ...target.word, balanceTicks: target.word.balanceTicks + amountTicks };
  takeWord(run, "accounts", { meter: from }, source, taken, args.fromWord);
  takeWord(run, "accounts", { meter: to }, target, given, args.toWord);
}

export function withdrawalRequested(run: Run, { args }: ExchangeEvent<"WithdrawalRequested">): void {
  const { id, meter, to, amountTicks, maturitySlot } = args;
  const { state, findings } = run;
  const place = { meter, account: to };
  const entry = meterOf(state, meter);
  findings.expect("accounts", place, "number of the withdrawal", state.withdrawalCount + 1n, id);
  findings.expect("accounts", place, "maturity of the withdrawal", slotAt(run.tx.transaction.timestamp), maturitySlot);
  findings.expect("accounts", place, "debt of a site that withdraws", 0n, siteOf(state, entry.site).debtTicks);
  const balanceTicks = entry.word.balanceTicks - amountTicks;
  takeWord(run, "accounts", place, entry, { ...entry.word, balanceTicks }, args.word);
  state.withdrawalCount = id;
  state.withdrawals.set(id, { to, amountTicks, maturitySlot, site: entry.site, meter });
}

export function withdrawalCollected(run: Run, { args }: ExchangeEvent<"WithdrawalCollected">): void {
  const { id, to, amountTicks, debtTicks } = args;
  const { state, findings } = run;
  const withdrawal =
    state.withdrawals.get(id) ?? mismatch("The withdrawal was never requested, or was collected", { id });
  const place = { meter: withdrawal.meter, account: to };
  const site = siteOf(state, withdrawal.site);
  requireMature(run, site.zone, withdrawal.maturitySlot, "withdrawal collected");
  const due = min(withdrawal.amountTicks, site.debtTicks);
  takeRepayment(run, withdrawal.meter, withdrawal.site, due, debtTicks);
  findings.expect("accounts", place, "receiver of the withdrawal", withdrawal.to, to);
  findings.expect("accounts", place, "withdrawal collected", withdrawal.amountTicks - debtTicks, amountTicks);
  findings.add("accounts", "withdrawnTicks", amountTicks);
  run.tx.expectedBurnTicks += debtTicks;
  expectOut(run, "withdrawal", place, to, amountTicks);
  state.withdrawals.delete(id);
}

export function bondPosted(run: Run, { args }: ExchangeEvent<"BondPosted">): void {
  const site = siteOf(run.state, args.site);
  const place = { site: args.site };
  run.findings.expect("accounts", place, "bond", site.bondTicks + args.amountTicks, args.bondTicks);
  site.bondTicks = args.bondTicks;
  expectIn(run, "bond", place, args.from, args.amountTicks);
  run.tx.mustSync.push(...site.meters);
}

export function unbondRequested(run: Run, { args }: ExchangeEvent<"UnbondRequested">): void {
  const site = siteOf(run.state, args.site);
  const place = { site: args.site };
  const maturity = slotAt(run.tx.transaction.timestamp) + RECORD_RING_SLOTS;
  run.findings.expect("accounts", place, "maturity of the bond", maturity, args.maturitySlot);
  run.findings.expect(
    "accounts",
    place,
    "no more is asked back than the bond",
    true,
    args.amountTicks <= site.bondTicks,
  );
  site.unbondingTicks = args.amountTicks;
  site.unbondingSlot = args.maturitySlot;
  run.tx.mustSync.push(...site.meters);
}

export function bondCollected(run: Run, { args }: ExchangeEvent<"BondCollected">): void {
  const place = { site: args.site, account: args.to };
  const site = siteOf(run.state, args.site);
  const { findings, tx } = run;
  requireMature(run, site.zone, site.unbondingSlot - RECORD_RING_SLOTS, "bond collected");
  findings.expect(
    "accounts",
    place,
    "bond collected after its lock",
    true,
    slotAt(tx.transaction.timestamp) >= site.unbondingSlot,
  );
  // The site's debt was burned from the bond before.
  const at = tx.repaid.findLastIndex((repaid) => repaid.site === args.site);
  const [repaid] = at < 0 ? [] : tx.repaid.splice(at, 1);
  const left = site.bondTicks - (repaid?.amountTicks ?? 0n);
  findings.expect("accounts", place, "bond collected", min(site.unbondingTicks, left), args.amountTicks);
  findings.expect("accounts", place, "bond", left - args.amountTicks, args.bondTicks);
  site.bondTicks = args.bondTicks;
  site.unbondingTicks = 0n;
  expectOut(run, "bond", place, args.to, args.amountTicks);
  tx.mustSync.push(...site.meters);
}

export function debtRepaid(run: Run, { args }: ExchangeEvent<"DebtRepaid">): void {
  const { site: siteId, meter, amountTicks, debtTicks } = args;
  if (meter !== NOBODY) {
    const leg = legOf(run.tx, meter);
    leg.site = siteId;
    leg.debtRepaidTicks += amountTicks;
    leg.debtTicks = debtTicks;
    return;
  }
  const site = siteOf(run.state, siteId);
  run.findings.expect("accounts", { site: siteId }, "debt", site.debtTicks - amountTicks, debtTicks);
  site.debtTicks = debtTicks;
  run.tx.repaid.push({ site: siteId, amountTicks });
  run.tx.expectedBurnTicks += amountTicks;
}

export function debtWrittenOff(run: Run, { args }: ExchangeEvent<"DebtWrittenOff">): void {
  const site = siteOf(run.state, args.site);
  run.findings.expect("accounts", { site: args.site }, "debt", site.debtTicks - args.amountTicks, args.debtTicks);
  run.findings.add("accounts", "writtenOffTicks", args.amountTicks);
  site.debtTicks = args.debtTicks;
  run.tx.mustSync.push(...site.meters);
}

export function balanceSeized(run: Run, { args }: ExchangeEvent<"BalanceSeized">): void {
  const { site, meter, amountTicks } = args;
  const entry = meterOf(run.state, meter);
  const due = min(entry.word.balanceTicks, siteOf(run.state, site).debtTicks);
  takeRepayment(run, meter, site, due, amountTicks);
  const balanceTicks = entry.word.balanceTicks - amountTicks;
  takeWord(run, "accounts", { meter, site }, entry, { ...entry.word, balanceTicks }, args.word);
  run.findings.add("accounts", "seizedTicks", amountTicks);
  run.tx.expectedBurnTicks += amountTicks;
}

export function claimPaid(run: Run, { args }: ExchangeEvent<"ClaimPaid">): void {
  const { meter, mintedTicks, debtOffsetTicks, claimTicks } = args;
  const { findings, state } = run;
  const entry = meterOf(state, meter);
  const place = { meter, site: entry.site };
  const offset = min(entry.claimTicks, siteOf(state, entry.site).debtTicks);
  const room = BALANCE_CEILING_TICKS - min(BALANCE_CEILING_TICKS, entry.word.balanceTicks);
  const minted = min(min(entry.claimTicks - offset, headroomTicks(state.desk, state.supply)), room);
  takeRepayment(run, meter, entry.site, offset, debtOffsetTicks);
  findings.expect("gridLeg", place, "claim minted", minted, mintedTicks);
  findings.expect("gridLeg", place, "claim afterwards", entry.claimTicks - debtOffsetTicks - mintedTicks, claimTicks);
  findings.add("gridLeg", "claimsPaidTicks", mintedTicks + debtOffsetTicks);
  entry.claimTicks = claimTicks;
  const word = synced(run, { ...entry, word: { ...entry.word, balanceTicks: entry.word.balanceTicks + mintedTicks } });
  takeWord(run, "accounts", place, entry, word, args.word);
  run.tx.expectedMintTicks += mintedTicks;
}

export function evidenceDrawn(run: Run, { args }: ExchangeEvent<"EvidenceDrawn">): void {
  const { meter, slot, amountWh, usedWh } = args;
  const place = { meter, slot };
  const before = evidenceOf(run, meter, slot);
  run.findings.expect("registers", place, "energy used as evidence", before.usedWh + amountWh, usedWh);
  const leaf = provenLeaf(run, "drawEvidence", meter, slot);
  if (leaf !== undefined)
    run.findings.expect("registers", place, "no watt-hour is used twice", true, usedWh <= leaf.importWh);
  run.findings.expect("registers", place, "the evidence stands", false, before.void);
  run.state.evidence.set(`${meter}/${slot}`, { ...before, usedWh });
}

/** A reading's export is certified whole and once, for whoever told of it in the same transaction. */
export function exportCertified(run: Run, { args }: ExchangeEvent<"ExportCertified">): void {
  const { meter, slot, by, exportWh } = args;
  const place = { meter, slot };
  const before = evidenceOf(run, meter, slot);
  const leaf = provenLeaf(run, "certifyExport", meter, slot);
  if (leaf !== undefined) run.findings.expect("registers", place, "certified export", leaf.exportWh, exportWh);
  const standing = !before.void && !before.certified;
  run.findings.expect("registers", place, "the export stands and is not certified yet", true, standing);
  run.state.evidence.set(`${meter}/${slot}`, { ...before, certified: true });
  run.tx.certificates.certified.push({ meter, slot, by });
}

export function readingCorrected(run: Run, { args }: ExchangeEvent<"ReadingCorrected">): void {
  const { meter, slot, amountTicks } = args;
  const entry = meterOf(run.state, meter);
  const place = { meter, slot, zone: entry.word.zone };
  const { findings } = run;
  const before = evidenceOf(run, meter, slot);
  const leaf = provenLeaf(run, "correctReading", meter, slot);
  if (leaf !== undefined) findings.expect("roots", place, "corrected leaf", leafHash(leaf), args.leaf);
  findings.expect(
    "settlement",
    place,
    "corrected before it matured",
    true,
    run.tx.transaction.timestamp < inspectionDeadline(slot),
  );
  findings.expect("registers", place, "the corrected reading is unused", true, isUnused(before));
  const due =
    amountTicks > 0n ? { ...NOTHING_DUE, mintTicks: amountTicks } : { ...NOTHING_DUE, burnTicks: -amountTicks };
  const outcome = applyDue(gridState(run, meter), due);
  takeGridLeg(run, place, due, outcome.line, outcome);
  takeWord(run, "settlement", place, entry, outcome.meter.word, args.word);
  addLine(run, outcome.line);
  findings.add("settlement", "corrections", 1);
  siteOf(run.state, entry.site).nonce += 1;
  run.state.evidence.set(`${meter}/${slot}`, { ...before, void: true });
}

/** The leaf of the call, if it was proven against the root of a settled batch. */
function provenLeaf(run: Run, name: string, meter: string, slot: number): ReadingLeaf | undefined {
  const place = { meter, slot };
  const call = takeCall(run, name);
  if (call === undefined) {
    run.findings.fail("roots", place, "calldata of the proof", `a call of ${name}`, "none found");
    return undefined;
  }
  const {
    leaf: given,
    root,
    proof,
  } = call.args as {
    readonly leaf: Omit<ReadingLeaf, "gap"> & { readonly flags: number };
    readonly root: string;
    readonly proof: readonly string[];
  };
  const { flags, ...facts } = given;
  const leaf = { ...facts, gap: flags === 1 };
  const proven = run.state.roots.has(root) && verifyReadingProof(root, leafHash(leaf), proof);
  run.findings.expect("roots", place, "leaf proven in a settled batch", true, proven);
  run.findings.expect("roots", place, "meter and slot of the leaf", `${meter} ${slot}`, `${leaf.meter} ${leaf.slot}`);
  return leaf;
}

function evidenceOf({ state }: Run, meter: string, slot: number): EvidenceEntry {
  return state.evidence.get(`${meter}/${slot}`) ?? { usedWh: 0, void: false, certified: false };
}

function isUnused({ usedWh, void: corrected, certified }: EvidenceEntry): boolean {
  return usedWh === 0 && !corrected && !certified;
}

/** Debt that a meter's money repaid: its own event came before. */
function takeRepayment(run: Run, meter: string, siteId: number, due: bigint, found: bigint): void {
  const site = siteOf(run.state, siteId);
  const leg = takeLeg(run, meter);
  const place = { meter, site: siteId };
  run.findings.expect("accounts", place, "site that repays", siteId, leg.site ?? siteId);
  run.findings.expect("accounts", place, "debt repaid", due, found);
  run.findings.expect("accounts", place, "debt repaid by its event", found, leg.debtRepaidTicks);
  run.findings.expect("accounts", place, "debt", site.debtTicks - found, leg.debtTicks ?? site.debtTicks);
  site.debtTicks = leg.debtTicks ?? site.debtTicks;
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
