import { JouleworkError } from "../errors.ts";
import { ENERGY_SOURCE_CODES, type EnergySourceName } from "../market/codes.ts";
import { requireBits } from "../market/whole.ts";

/** What all certificates of one token id have in common. */
export interface CertificateLot {
  readonly zone: number;
  /** Market slot of the production. */
  readonly slot: number;
  readonly source: EnergySourceName;
}

const SOURCES = Object.keys(ENERGY_SOURCE_CODES) as EnergySourceName[];
const ID_BITS = 56n;

/** Token id of certificates. From the lowest bit: source (8), slot (32), zone (16). */
export function encodeCertificateId({ zone, slot, source }: CertificateLot): bigint {
  requireBits("zone", zone, 16);
  requireBits("slot", slot, 32);
  return (BigInt(zone) << 40n) | (BigInt(slot) << 8n) | BigInt(ENERGY_SOURCE_CODES[source]);
}

/** Zone, slot and source of a token id. */
export function decodeCertificateId(id: bigint): CertificateLot {
  const source = SOURCES.find((name) => BigInt(ENERGY_SOURCE_CODES[name]) === (id & 0xffn));
  if (source === undefined || id < 0n || id >> ID_BITS !== 0n) {
    throw new JouleworkError({
      code: "CERTIFICATE_ID",
      what: "This is not the token id of certificates",
      values: { id },
      hint: "Take it from an event of EnergyCertificates, or from the list of certificates.",
    });
  }
  return { zone: Number(id >> 40n), slot: certificateSlot(id), source };
}

/** Slot of any token id, whether there can be such certificates or not. */
export function certificateSlot(id: bigint): number {
  return Number((id >> 8n) & 0xffff_ffffn);
}
