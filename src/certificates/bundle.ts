import { SLOT_SECONDS } from "../units.ts";
import { decodeCertificateId } from "./certificateId.ts";
import type { LotIssues } from "./lotIssues.ts";

/** Where certificates are and who has them, for a bundle of the standard. */
export interface BundleInput {
  readonly chainId: number;
  /** Address of `EnergyCertificates`. */
  readonly contract: string;
  readonly holder: string;
  readonly certificate: bigint;
  readonly amountWh: number;
  /** Last slot in which they move or are cancelled. */
  readonly expiresAfter: number;
  /** Last slot of a suspension, 0 = none. */
  readonly suspendedThrough: number;
  /** The present slot. */
  readonly slot: number;
  readonly issues: LotIssues;
}

/** A device whose energy the certificates of a bundle's token id stand for. */
export interface ProductionDevice {
  readonly device_id: string;
  /** Of its registered power class, W. */
  readonly capacity: number;
  /** Of all certificates of the token id, Wh. */
  readonly issued_quantity: number;
}

/** A bundle of granular certificates with the attributes of the EnergyTag scheme, in its names. Times are UTC. */
export interface CertificateBundle {
  readonly registry_id: string;
  readonly issuance_id: string;
  readonly account_id: string;
  readonly certificate_bundle_status: "Active" | "Locked" | "Expired";
  readonly bundle_quantity: number;
  /** Base units a certificate. */
  readonly face_value: 1;
  readonly base_unit: "Wh";
  readonly energy_carrier: "electricity";
  readonly energy_source: string;
  /** Issued for what a storage device gave back, and not from production. */
  readonly is_storage: boolean;
  /** May be used to tell consumers where their energy is from: there is no other certificate for the same energy here. */
  readonly is_for_disclosure: true;
  readonly grid_area: string;
  readonly production_starting_interval: string;
  readonly production_ending_interval: string;
  readonly issuance_datestamp: string;
  readonly expiry_datestamp: string;
  /** Certificates of one token id are alike, so a bundle names every device that they stem from. */
  readonly production_devices: readonly ProductionDevice[];
}

/** The bundle that one holder has of one token id. */
export function certificateBundle(input: BundleInput): CertificateBundle {
  const { chainId, contract, holder, certificate, amountWh, expiresAfter, suspendedThrough, slot, issues } = input;
  const lot = decodeCertificateId(certificate);
  const registry = `eip155:${String(chainId)}/erc6909:${contract}`;
  const locked = slot <= suspendedThrough ? "Locked" : "Active";
  return {
    registry_id: registry,
    issuance_id: `${registry}/${String(certificate)}`,
    account_id: holder,
    certificate_bundle_status: slot > expiresAfter ? "Expired" : locked,
    bundle_quantity: amountWh,
    face_value: 1,
    base_unit: "Wh",
    energy_carrier: "electricity",
    energy_source: lot.source,
    is_storage: lot.source === "storage",
    is_for_disclosure: true,
    grid_area: `zone ${String(lot.zone)}`,
    production_starting_interval: timeOf(lot.slot),
    production_ending_interval: timeOf(lot.slot + 1),
    issuance_datestamp: isoTime(issues.issuedAt),
    expiry_datestamp: timeOf(expiresAfter + 1),
    production_devices: issues.devices.map(({ meter, capacityW, issuedWh }) => ({
      device_id: `eip155:${String(chainId)}:${meter}`,
      capacity: capacityW,
      issued_quantity: issuedWh,
    })),
  };
}

function timeOf(slot: number): string {
  return isoTime(slot * SLOT_SECONDS);
}

function isoTime(unixSeconds: number): string {
  return new Date(unixSeconds * 1_000).toISOString();
}
