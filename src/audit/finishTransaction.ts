import { BASE_UNITS_PER_TICK, ticksToBaseUnits } from "../units.ts";
import { checkCalls } from "./checkCalls.ts";
import { finishCertificates } from "./certificateChecks.ts";
import { finishCompute } from "./computeCustody.ts";
import { custody } from "./custody.ts";
import { finishReproducible } from "./reproducible/finishReproducible.ts";
import { finishReputation } from "./reputationEvents.ts";
import { finishSeasons } from "./seasonEvents.ts";
import { finishClosing, type Move, type Run } from "./run.ts";
import { CHARGE_NAMES, siteOf, slotRecordOf } from "./state.ts";
import { sumCharges } from "./zoneEvents.ts";

/** What must hold at the end of every transaction: whatever was announced has happened, and nothing else. */
export function finishTransaction(run: Run): void {
  const { findings, tx, state } = run;
  finishClosing(run, (zone, slot) => slotRecordOf(state, zone, slot));
  const { batch, clearing } = tx;
  if (batch !== undefined) {
    const place = { zone: batch.zone, slot: batch.slot };
    if (batch.readings !== undefined)
      findings.expect("signatures", place, "readings told of", batch.readings.length, batch.next);
    if (batch.leaves.length > 0) findings.fail("settlement", place, "BatchSettled", "an event", "none");
  }
  if (clearing !== undefined) {
    findings.fail("clearing", { zone: clearing.zone, slot: clearing.slot }, "SlotCleared", "an event", "none");
  }
  checkCalls(run);
  finishReputation(run);
  finishSeasons(run);
  finishCompute(run);
  finishReproducible(run);
  finishCertificates(run);
  for (const meter of tx.legs.keys()) findings.fail("settlement", { meter }, "grid leg", "settled", "announced only");

  for (const { place, expected, found } of tx.charges.values()) {
    const [due, accrued] = [sumCharges(expected), sumCharges(found)];
    for (const name of CHARGE_NAMES) findings.expect("charges", place, `accrued ${name}`, due[name], accrued[name]);
  }
  for (const { place, expectedTicks, foundTicks } of tx.work.values()) {
    findings.expect("charges", place, "pay for work", expectedTicks, foundTicks);
  }

  // What a payer gave to repay a site's debt.
  for (const { site, amountTicks } of tx.repaid) {
    tx.expectedIn.push({ subject: "debt repaid", place: { site }, account: undefined, amountTicks });
    tx.mustSync.push(...siteOf(state, site).meters);
  }
  for (const meter of tx.mustSync) {
    const at = tx.synced.indexOf(meter);
    findings.expect("accounts", { meter }, "flags brought up to date", true, at >= 0);
    if (at >= 0) tx.synced.splice(at, 1);
  }
  findings.expect("supply", {}, "minted to the exchange", ticksToBaseUnits(tx.expectedMintTicks), tx.minted);
  findings.expect("supply", {}, "burned by the exchange", ticksToBaseUnits(tx.expectedBurnTicks), tx.burned);
  findings.expect("supply", {}, "minted by the desk", tx.deskSold, tx.deskMinted);
  findings.expect("supply", {}, "burned by the desk", tx.deskRedeemed, tx.deskBurned);

  match(run, "received by the exchange", tx.expectedIn, tx.movedIn);
  match(run, "paid by the exchange", tx.expectedOut, tx.movedOut);
  for (const { amount } of tx.movedIn) state.donated += amount;
  for (const { account, amount } of tx.movedOut) {
    findings.fail("custody", { account }, "paid by the exchange", "0", String(amount / BASE_UNITS_PER_TICK));
  }
  if (tx.closedSlot !== undefined) custody(run, tx.closedSlot);
}

/** Takes the expected moves out of those that happened. */
function match(
  { findings }: Run,
  direction: string,
  expected: readonly Move[],
  moved: { account: string; amount: bigint }[],
): void {
  for (const { subject, place, account, amountTicks } of expected) {
    const amount = ticksToBaseUnits(amountTicks);
    const at = moved.findIndex((move) => move.amount === amount && (account === undefined || move.account === account));
    findings.expect("custody", place, `${subject}, ${direction}`, amountTicks, at < 0 ? "not moved" : amountTicks);
    if (at >= 0) moved.splice(at, 1);
  }
}
