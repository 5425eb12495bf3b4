import { dischargedWh, issuableWh, roundTripPpm } from "../certificates/amounts.ts";
import { decodeCertificateId, encodeCertificateId } from "../certificates/certificateId.ts";
import { ENERGY_SOURCE_CODES, METER_STATUS_CODES } from "../market/codes.ts";
import { inspectionDeadline } from "../market/timeline.ts";
import { lotOf, storedOf } from "./certificateState.ts";
import type { Run } from "./run.ts";
import { flagBit, meterOf, siteOf, zoneOf } from "./state.ts";
import type { CertificatesEventOf, Place } from "./types.ts";

/** Certificates of a producer's reading: the whole of what it exported on balance, of its one source. */
export function certificatesIssued(run: Run, { args, address }: CertificatesEventOf<"CertificatesIssued">): void {
  const { id, meter, to, amountWh } = args;
  const { state, findings } = run;
  const { zone, slot, source } = decodeCertificateId(id);
  const entry = meterOf(state, meter);
  const place = { meter, slot, certificate: id };
  findings.expect("certificates", place, "kind of a certified meter", "producer", entry.kind);
  findings.expect("certificates", place, "source of the meter", entry.source, ENERGY_SOURCE_CODES[source]);
  const renewable = source !== "none" && source !== "storage";
  findings.expect("certificates", place, "a renewable source", true, renewable);
  findings.expect("certificates", place, "zone of the meter", siteOf(state, entry.site).zone, zone);
  const exportedWh = certified(run, { meter, slot, to }, place, address);
  findings.expect("certificates", place, "issued amount", exportedWh, amountWh);
  issue(run, id, to, amountWh);
  findings.add("certificates", "issuedWh", amountWh);
}

/** Certificates of a storage device's reading: its share of what was charged, at the efficiency of its registers. */
export function storageDischarged(run: Run, { args, address }: CertificatesEventOf<"StorageDischarged">): void {
  const { meter, slot, to, amountWh, issuedWh, efficiencyPpm } = args;
  const { state, findings } = run;
  const { kind, word, storage, site } = meterOf(state, meter);
  const place = { meter, slot };
  const stored = storedOf(state.certificates, meter);
  findings.expect("certificates", place, "kind of a discharged meter", "storage", kind);
  findings.expect("certificates", place, "discharging in the order of slots", true, slot > stored.throughSlot);
  const exportedWh = certified(run, { meter, slot, to }, place, address);
  const efficiency = roundTripPpm({
    tookWh: word.importWh - storage.firstImportWh,
    gaveWh: word.exportWh - storage.firstExportWh,
    bestEfficiencyPpm: storage.bestEfficiencyPpm,
  });
  findings.expect("certificates", place, "round-trip efficiency", efficiency, efficiencyPpm);
  const dueWh = dischargedWh({ exportedWh, ...stored, efficiencyPpm: efficiency });
  findings.expect("certificates", place, "amount issued from storage", dueWh, amountWh);
  stored.issuedWh += amountWh;
  stored.throughSlot = slot;
  findings.expect("certificates", place, "issued from storage so far", stored.issuedWh, issuedWh);
  findings.expect("certificates", place, "no more than was charged", true, stored.issuedWh <= stored.chargedWh);
  issue(run, encodeCertificateId({ zone: siteOf(state, site).zone, slot, source: "storage" }), to, amountWh);
  findings.add("certificates", "dischargedWh", amountWh);
}

/** What a reading exported on balance, once nothing could be said against it any more and for its owner. */
function certified(
  run: Run,
  { meter, slot, to }: { readonly meter: string; readonly slot: number; readonly to: string },
  place: Place,
  address: string,
): number {
  const { state, findings, tx } = run;
  const entry = meterOf(state, meter);
  const site = siteOf(state, entry.site);
  const zone = zoneOf(state, site.zone);
  const reading = state.seasons.readings.get(`${meter}/${String(slot)}`);
  findings.expect("certificates", place, "settled reading that is no gap", false, reading?.gap ?? true);
  findings.expect("certificates", place, "owner of the site", site.owner, to);
  findings.expect("certificates", place, "slot closed", true, slot <= zone.closedThrough);
  const flagged = (zone.flagged & flagBit(slot)) !== 0n && tx.transaction.timestamp < inspectionDeadline(slot);
  findings.expect("certificates", place, "flag on the slot", false, flagged);
  const suspended = entry.status === METER_STATUS_CODES.suspended;
  findings.expect("certificates", place, "meter suspended", false, suspended);
  const atFault = state.inspections.findings.some(
    (one) => one.meter === meter && one.slot === slot && one.stage !== "dismissed",
  );
  findings.expect("certificates", place, "meter found at fault", false, atFault);
  const { certified: marked } = tx.certificates;
  const at = marked.findIndex((one) => one.meter === meter && one.slot === slot && one.by === address);
  findings.expect("certificates", place, "export certified for it", true, at >= 0);
  if (at >= 0) marked.splice(at, 1);
  return issuableWh(reading ?? { importWh: 0, exportWh: 0 });
}

function issue({ state, tx }: Run, certificate: bigint, to: string, amountWh: number): void {
  lotOf(state.certificates, certificate).issuedWh += amountWh;
  tx.certificates.issued.push({ certificate, account: to, amountWh: BigInt(amountWh) });
}
