import type { Findings } from "./findings.ts";
import type { Run } from "./run.ts";
import type { AuditState } from "./state.ts";

/** At the end of a transaction: what was told of certificates has happened, and nothing else. */
export function finishCertificates({ tx, findings, state }: Run): void {
  const { certified, issued, burned } = tx.certificates;
  for (const { meter, slot, by } of certified) {
    if (by !== state.certificates.address) continue;
    findings.fail("certificates", { meter, slot }, "export certified", "an issue", "none");
  }
  for (const { certificate, account, amountWh } of issued) {
    findings.fail("certificates", { account, certificate }, "issued amount minted", String(amountWh), "0");
  }
  for (const { certificate, account, amountWh } of burned) {
    findings.fail("certificates", { account, certificate }, "burned without a cause", "0", String(amountWh));
  }
}

/** At the end of the history: of every id, issued = held + cancelled, and nothing was cancelled that was not issued. */
export function checkSupplies({ certificates }: AuditState, findings: Findings): void {
  const held = new Map<bigint, bigint>();
  for (const [key, amount] of certificates.balances) {
    const certificate = BigInt(key.slice(0, key.indexOf("/")));
    held.set(certificate, (held.get(certificate) ?? 0n) + amount);
  }
  for (const [certificate, { issuedWh, cancelledWh }] of certificates.lots) {
    const supply = held.get(certificate) ?? 0n;
    findings.expect("certificates", { certificate }, "issued less cancelled", issuedWh - cancelledWh, supply);
  }
  if (certificates.lots.size > 0) findings.add("certificates", "lots", certificates.lots.size);
}
