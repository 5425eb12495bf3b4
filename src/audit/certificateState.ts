import { certificateSlot } from "../certificates/certificateId.ts";

/** All certificates of one token id. */
export interface LotEntry {
  issuedWh: number;
  cancelledWh: number;
  suspendedThrough: number;
}

/** Certificates that were cancelled for somebody. */
export interface CancellationEntry {
  readonly beneficiary: string;
  readonly certificate: bigint;
  readonly amountWh: number;
  claimedWh: number;
}

/** Certified energy of a storage device. */
export interface StoredEntry {
  chargedWh: number;
  issuedWh: number;
  throughSlot: number;
}

/** Certificates and their sales, rebuilt from their events. */
export interface CertificatesState {
  address: string | undefined;
  readonly lots: Map<bigint, LotEntry>;
  /** By `id/holder`. */
  readonly balances: Map<string, bigint>;
  /** By `id/holder/spender`. */
  readonly allowances: Map<string, bigint>;
  /** `holder/operator`. */
  readonly operators: Set<string>;
  /** Number 1 comes first. */
  readonly cancellations: CancellationEntry[];
  readonly stored: Map<string, StoredEntry>;
  /** By `job/slot`. */
  readonly matched: Map<string, number>;
  /** From which slot on certificates live how long, in rising slots. */
  readonly lifetimes: { readonly fromSlot: number; readonly lifetimeSlots: number }[];
  /** `zone/neighbour`. */
  readonly neighbours: Set<string>;
  /** Sellers whose own key signed none of their offers: contracts, or somebody forged it. */
  readonly contractSellers: Set<string>;
  /** Wh sold by offer, and who sold it. */
  readonly sold: Map<string, { readonly soldWh: bigint; readonly seller: string }>;
  /** Wh sold with energy by `meter/slot`. */
  readonly bundled: Map<string, number>;
}

export function createCertificates(): CertificatesState {
  return {
    address: undefined,
    lots: new Map(),
    balances: new Map(),
    allowances: new Map(),
    operators: new Set(),
    cancellations: [],
    stored: new Map(),
    matched: new Map(),
    lifetimes: [],
    neighbours: new Set(),
    contractSellers: new Set(),
    sold: new Map(),
    bundled: new Map(),
  };
}

/** Certificates that come to be or end. */
export interface CertificateMove {
  readonly certificate: bigint;
  readonly account: string;
  readonly amountWh: bigint;
}

/** What a transaction showed of certificates and must still show. */
export interface CertificateContext {
  /** Readings whose export was certified, until an issue takes them. */
  readonly certified: { readonly meter: string; readonly slot: number; readonly by: string }[];
  /** Issues that were told, until the token mints them. */
  readonly issued: CertificateMove[];
  /** What the token burned, until a cancellation or a charging tells of it. */
  readonly burned: CertificateMove[];
}

export function createCertificateContext(): CertificateContext {
  return { certified: [], issued: [], burned: [] };
}

/** The entry of a token id, made at its first issue. */
export function lotOf({ lots }: CertificatesState, certificate: bigint): LotEntry {
  let lot = lots.get(certificate);
  if (lot === undefined) {
    lot = { issuedWh: 0, cancelledWh: 0, suspendedThrough: 0 };
    lots.set(certificate, lot);
  }
  return lot;
}

/** The entry of a storage device, made when it is charged first. */
export function storedOf({ stored }: CertificatesState, meter: string): StoredEntry {
  let entry = stored.get(meter);
  if (entry === undefined) {
    entry = { chargedWh: 0, issuedWh: 0, throughSlot: 0 };
    stored.set(meter, entry);
  }
  return entry;
}

/** Last slot of the certificates' life, by the setting of the slot that they were produced in. */
export function expiresAfter({ lifetimes }: CertificatesState, certificate: bigint): number {
  const slot = certificateSlot(certificate);
  return slot + (lifetimes.findLast(({ fromSlot }) => fromSlot <= slot)?.lifetimeSlots ?? 0);
}
