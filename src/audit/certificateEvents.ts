import { decodeCertificateId } from "../certificates/certificateId.ts";
import { matchesPolicy, MATCH_POLICY_CODES, type MatchPolicy } from "../certificates/matchPolicy.ts";
import { SLOT_SECONDS } from "../units.ts";
import { lotOf, storedOf, type CancellationEntry } from "./certificateState.ts";
import { certificatesIssued, storageDischarged } from "./certificateIssues.ts";
import { certificateTransfer } from "./certificateTransfers.ts";
import { useEnergy } from "./evidenceEvents.ts";
import { mismatch } from "./mismatch.ts";
import type { Run } from "./run.ts";
import { meterOf, siteOf } from "./state.ts";
import type { CertificatesEvent, CertificatesEventOf } from "./types.ts";

const MIN_LIFETIME_SLOTS = 2_880;
const MAX_LIFETIME_SLOTS = 70_080;
const MAX_SUSPENSION_SLOTS = 2_880;

/** Every event of the certificates. */
export function certificatesEvent(run: Run, event: CertificatesEvent): void {
  const { certificates } = run.state;
  certificates.address ??= event.address;
  switch (event.name) {
    case "CertificatesIssued":
      certificatesIssued(run, event);
      return;
    case "StorageCharged":
      storageCharged(run, event);
      return;
    case "StorageDischarged":
      storageDischarged(run, event);
      return;
    case "CertificatesCancelled":
      certificatesCancelled(run, event);
      return;
    case "CancellationClaimed":
      cancellationClaimed(run, event);
      return;
    case "JobMatched":
      jobMatched(run, event);
      return;
    case "Transfer":
      certificateTransfer(run, event);
      return;
    case "Approval":
      certificates.allowances.set(keyOf(event.args.id, event.args.owner, event.args.spender), event.args.amount);
      return;
    case "OperatorSet": {
      const key = `${event.args.owner}/${event.args.spender}`;
      if (event.args.approved) certificates.operators.add(key);
      else certificates.operators.delete(key);
      return;
    }
    case "CertificatesSuspended":
      certificatesSuspended(run, event);
      return;
    case "LifetimeSet":
      lifetimeSet(run, event);
      return;
    case "NeighbourSet": {
      const key = `${String(event.args.zone)}/${String(event.args.neighbour)}`;
      if (event.args.allowed) certificates.neighbours.add(key);
      else certificates.neighbours.delete(key);
      return;
    }
    case "AuthorityUpdated":
      return;
  }
}

function storageCharged(run: Run, { args, address }: CertificatesEventOf<"StorageCharged">): void {
  const { meter, slot, id, holder, amountWh, chargedWh } = args;
  const { findings, state } = run;
  const entry = meterOf(state, meter);
  const site = siteOf(state, entry.site);
  const place = { meter, slot, certificate: id };
  const stored = storedOf(state.certificates, meter);
  findings.expect("certificates", place, "kind of a charged meter", "storage", entry.kind);
  findings.expect("certificates", place, "holder of charged certificates", site.owner, holder);
  findings.expect("certificates", place, "charging in the order of slots", true, slot >= stored.throughSlot);
  takeBurned(run, id, holder, amountWh, "charged");
  useEnergy(run, { by: address, meter, slot, energyWh: amountWh });
  stored.throughSlot = slot;
  stored.chargedWh += amountWh;
  findings.expect("certificates", place, "charged so far", stored.chargedWh, chargedWh);
  // The policy of a charging is in no event; the widest bounds it.
  expectMatch(run, id, { zone: site.zone, slot }, "neighbour");
  findings.add("certificates", "chargedWh", amountWh);
}

function certificatesCancelled(run: Run, { args }: CertificatesEventOf<"CertificatesCancelled">): void {
  const { cancellation, id, beneficiary, holder, amountWh } = args;
  const { cancellations } = run.state.certificates;
  const place = { account: beneficiary, certificate: id };
  run.findings.expect("certificates", place, "number of the cancellation", cancellations.length + 1, cancellation);
  takeBurned(run, id, holder, amountWh, "cancelled");
  cancellations.push({ beneficiary, certificate: id, amountWh, claimedWh: 0 });
  run.findings.add("certificates", "cancelledWh", amountWh);
}

function cancellationClaimed(run: Run, { args, address }: CertificatesEventOf<"CancellationClaimed">): void {
  const { cancellation, meter, slot, amountWh, policy } = args;
  const entry = cancellationOf(run, cancellation);
  const site = siteOf(run.state, meterOf(run.state, meter).site);
  const place = { meter, slot, certificate: entry.certificate };
  run.findings.expect("certificates", place, "who claims", entry.beneficiary, site.owner);
  claim(run, entry, amountWh);
  useEnergy(run, { by: address, meter, slot, energyWh: amountWh });
  expectMatch(run, entry.certificate, { zone: site.zone, slot }, policyOf(policy));
  run.findings.add("certificates", "claimedWh", amountWh);
}

function jobMatched(run: Run, { args }: CertificatesEventOf<"JobMatched">): void {
  const { job, slot, id, cancellation, amountWh, matchedWh, policy } = args;
  const { certificates, compute } = run.state;
  const { findings } = run;
  const place = { job: Number(job), slot, certificate: id };
  const found = compute.training.jobs.get(Number(job)) ?? mismatch("There is no such job", { job });
  const entry = cancellationOf(run, cancellation);
  findings.expect("certificates", place, "beneficiary of a matched job", found.requester, entry.beneficiary);
  findings.expect("certificates", place, "certificates that were cancelled for it", entry.certificate, id);
  findings.expect("certificates", place, "the whole cancellation is matched", entry.amountWh, amountWh);
  claim(run, entry, amountWh);
  const key = `${String(job)}/${String(slot)}`;
  const matched = (certificates.matched.get(key) ?? 0) + amountWh;
  certificates.matched.set(key, matched);
  findings.expect("certificates", place, "matched so far", matched, matchedWh);
  const provedWh = found.provedAt.get(slot) ?? 0;
  findings.expect("certificates", place, `matched of ${String(provedWh)} Wh at most`, true, matched <= provedWh);
  expectMatch(run, id, { zone: found.terms.zone, slot }, policyOf(policy));
  findings.add("certificates", "matchedWh", amountWh);
}

function certificatesSuspended(run: Run, { args }: CertificatesEventOf<"CertificatesSuspended">): void {
  const { id, throughSlot } = args;
  const lot = lotOf(run.state.certificates, id);
  const place = { certificate: id };
  run.findings.expect("certificates", place, "suspended certificates exist", true, lot.issuedWh > 0);
  const bounded = throughSlot <= slotNow(run) + MAX_SUSPENSION_SLOTS;
  run.findings.expect("certificates", place, "suspension within its bound", true, bounded);
  lot.suspendedThrough = throughSlot;
}

function lifetimeSet(run: Run, { args }: CertificatesEventOf<"LifetimeSet">): void {
  const { fromSlot, lifetimeSlots } = args;
  const { lifetimes } = run.state.certificates;
  // The first one, of the deployment, holds for every slot.
  const expected = lifetimes.length === 0 ? 0 : slotNow(run) + 1;
  run.findings.expect("certificates", {}, "first slot of the lifetime", expected, fromSlot);
  const bounded = lifetimeSlots >= MIN_LIFETIME_SLOTS && lifetimeSlots <= MAX_LIFETIME_SLOTS;
  run.findings.expect("certificates", {}, "lifetime within its bounds", true, bounded);
  lifetimes.push({ fromSlot, lifetimeSlots });
}

/** Certificates that the token burned for what the event at hand tells. */
function takeBurned({ tx, findings }: Run, certificate: bigint, account: string, amountWh: number, what: string): void {
  const { burned } = tx.certificates;
  const at = burned.findIndex(
    (move) => move.certificate === certificate && move.account === account && move.amountWh === BigInt(amountWh),
  );
  findings.expect(
    "certificates",
    { account, certificate },
    `burned as ${what}`,
    amountWh,
    at < 0 ? "not burned" : amountWh,
  );
  if (at >= 0) burned.splice(at, 1);
}

function claim({ findings }: Run, entry: CancellationEntry, amountWh: number): void {
  entry.claimedWh += amountWh;
  const place = { account: entry.beneficiary, certificate: entry.certificate };
  findings.expect("certificates", place, "claimed of the cancellation", true, entry.claimedWh <= entry.amountWh);
}

function expectMatch(
  { state, findings }: Run,
  certificate: bigint,
  consumption: { readonly zone: number; readonly slot: number },
  policy: MatchPolicy,
): void {
  const { neighbours } = state.certificates;
  const near = matchesPolicy(decodeCertificateId(certificate), consumption, policy, (zone, neighbour) =>
    neighbours.has(`${String(zone)}/${String(neighbour)}`),
  );
  findings.expect("certificates", { ...consumption, certificate }, "near enough for the policy", true, near);
}

function policyOf(code: number): MatchPolicy {
  const names = Object.keys(MATCH_POLICY_CODES) as MatchPolicy[];
  return names.find((name) => MATCH_POLICY_CODES[name] === code) ?? mismatch("There is no such policy", { code });
}

function cancellationOf({ state }: Run, cancellation: bigint): CancellationEntry {
  const entry = state.certificates.cancellations[Number(cancellation) - 1];
  return entry ?? mismatch("There is no such cancellation", { cancellation });
}

function keyOf(id: bigint, ...accounts: readonly string[]): string {
  return [id, ...accounts].join("/");
}

function slotNow({ tx }: Run): number {
  return Math.floor(tx.transaction.timestamp / SLOT_SECONDS);
}
