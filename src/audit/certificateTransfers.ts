import { SLOT_SECONDS } from "../units.ts";
import { expiresAfter, lotOf } from "./certificateState.ts";
import { NOBODY, type Run } from "./run.ts";
import { addTo } from "./state.ts";
import type { CertificatesEventOf } from "./types.ts";

const UNLIMITED = 2n ** 256n - 1n;

/** A move of the token: by somebody who may, of certificates that are neither expired nor suspended. */
export function certificateTransfer(run: Run, { args }: CertificatesEventOf<"Transfer">): void {
  const { caller, sender, receiver, id, amount } = args;
  const { state, findings, tx } = run;
  const { certificates } = state;
  const place = { account: sender, certificate: id };
  const now = Math.floor(tx.transaction.timestamp / SLOT_SECONDS);
  findings.expect("certificates", place, "certificates live", true, now <= expiresAfter(certificates, id));
  if (sender === NOBODY) {
    const { issued } = tx.certificates;
    const at = issued.findIndex(
      (move) => move.certificate === id && move.account === receiver && move.amountWh === amount,
    );
    findings.expect("certificates", { account: receiver, certificate: id }, "issued amount minted", true, at >= 0);
    if (at >= 0) issued.splice(at, 1);
  } else {
    findings.expect(
      "certificates",
      place,
      "certificates not suspended",
      true,
      now > (certificates.lots.get(id)?.suspendedThrough ?? 0),
    );
    spend(run, { caller, sender, id, amount });
    const key = `${String(id)}/${sender}`;
    addTo(certificates.balances, key, -amount);
    const left = certificates.balances.get(key) ?? 0n;
    findings.expect("certificates", place, "holder had enough", true, left >= 0n);
  }
  if (receiver === NOBODY) {
    lotOf(certificates, id).cancelledWh += Number(amount);
    tx.certificates.burned.push({ certificate: id, account: sender, amountWh: amount });
    return;
  }
  addTo(certificates.balances, `${String(id)}/${receiver}`, amount);
  if (sender !== NOBODY) findings.add("certificates", "movedWh", Number(amount));
}

/** The caller is the holder, its operator, or spends an allowance; an unlimited one stays. */
function spend(
  { state, findings }: Run,
  move: { readonly caller: string; readonly sender: string; readonly id: bigint; readonly amount: bigint },
): void {
  const { caller, sender, id, amount } = move;
  const { operators, allowances } = state.certificates;
  if (caller === sender || operators.has(`${sender}/${caller}`)) return;
  const key = `${String(id)}/${sender}/${caller}`;
  const allowed = allowances.get(key) ?? 0n;
  findings.expect(
    "certificates",
    { account: caller, certificate: id },
    "allowance of the mover",
    true,
    allowed >= amount,
  );
  if (allowed !== UNLIMITED) allowances.set(key, allowed - amount);
}
