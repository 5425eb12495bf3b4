import { TypedDataEncoder, type TypedDataDomain } from "ethers";

/** A seller's offer of certificates, as `CertificateMarket` takes it. */
export interface CertificateOffer {
  readonly seller: string;
  /** Token id; the certificates may be issued later. */
  readonly id: bigint;
  /** For sale in all, Wh. */
  readonly amountWh: bigint;
  /** Ticks a Wh. */
  readonly priceTicks: bigint;
  /** The zero address = anybody. */
  readonly buyer: string;
  /** Only with energy: to who took it in the same zone and slot, up to what it took. */
  readonly bundled: boolean;
  /** Unix seconds from which the offer is over. */
  readonly expiry: number;
  /** Tells offers apart that are otherwise alike. */
  readonly salt: bigint;
}

/** The offer's EIP-712 type. */
export const CERTIFICATE_OFFER_TYPES = {
  CertificateOffer: [
    { name: "seller", type: "address" },
    { name: "id", type: "uint256" },
    { name: "amountWh", type: "uint64" },
    { name: "priceTicks", type: "uint64" },
    { name: "buyer", type: "address" },
    { name: "bundled", type: "bool" },
    { name: "expiry", type: "uint40" },
    { name: "salt", type: "uint256" },
  ],
};

/** EIP-712 domain of offers for a market on a chain. */
export function offerDomain(chainId: number, certificateMarket: string): TypedDataDomain {
  return { name: "Joulework certificates", version: "1", chainId, verifyingContract: certificateMarket };
}

/** What a seller signs; it names the offer on the chain. */
export function offerHash(domain: TypedDataDomain, offer: CertificateOffer): string {
  return TypedDataEncoder.hash(domain, CERTIFICATE_OFFER_TYPES, offer);
}
