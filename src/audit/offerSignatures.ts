import { recoverAddress } from "ethers";
import { offerDomain, offerHash, type CertificateOffer } from "../certificates/offer.ts";
import { NOBODY, type Run } from "./run.ts";
import type { AuditCall, OffersEventOf } from "./types.ts";

type Sale = OffersEventOf<"CertificatesSold">;

/**
 * A sale of certificates keeps the terms that its seller signed: the offer comes from the buyer's own call, and its hash and
 * signature are computed anew. A contract's consent (ERC-1271) is its own matter; that the seller is one is looked up later.
 */
export function checkOffer(run: Run, sale: Sale): void {
  const { findings, tx, domain, state } = run;
  const { offer: hash, seller, buyer, id, amountWh, priceTicks, soldWh } = sale.args;
  const { offerCalls } = tx.transaction;
  if (offerCalls === undefined) {
    findings.add("certificates", "offersUnread", 1);
    return;
  }
  const typed = offerDomain(domain.fields.chainId, sale.address);
  const call = offerCalls.find((one) => takesOffer(one) && one.caller === buyer && hashOf(typed, one) === hash);
  const place = { account: buyer, certificate: id };
  findings.expect("certificates", place, "call that took the offer", true, call !== undefined);
  if (call === undefined) return;
  const offer = termsOf(call);
  const expected = { seller, id, priceTicks, bundled: call.name === "buyBundled" };
  for (const [field, value] of Object.entries(expected)) {
    findings.expect("certificates", place, `offer's ${field}`, offer[field as keyof typeof expected], value);
  }
  const meant = offer.buyer === NOBODY || offer.buyer === buyer;
  findings.expect("certificates", place, "buyer that the offer is for", true, meant);
  findings.expect("certificates", place, "offer lives", true, tx.transaction.timestamp < offer.expiry);
  const within = amountWh > 0 && BigInt(soldWh) <= offer.amountWh;
  findings.expect("certificates", place, "amount within the offer", true, within);
  const withEnergy = tx.transaction.events.some(
    ({ source, event }) => source === "offers" && event.name === "CertificatesBundled" && event.args.offer === hash,
  );
  findings.expect("certificates", place, "sold with energy", offer.bundled, withEnergy);
  findings.add("certificates", "offersSigned", 1);
  if (signerOf(hash, String(call.args.signature)) !== seller) state.certificates.contractSellers.add(seller);
}

function takesOffer({ name }: AuditCall): boolean {
  return name === "buy" || name === "buyBundled";
}

function termsOf({ args }: AuditCall): CertificateOffer {
  const offer = args.offer as Record<keyof CertificateOffer, string | number | bigint | boolean>;
  return {
    seller: String(offer.seller),
    id: BigInt(offer.id),
    amountWh: BigInt(offer.amountWh),
    priceTicks: BigInt(offer.priceTicks),
    buyer: String(offer.buyer),
    bundled: offer.bundled === true,
    expiry: Number(offer.expiry),
    salt: BigInt(offer.salt),
  };
}

function hashOf(domain: ReturnType<typeof offerDomain>, call: AuditCall): string {
  return offerHash(domain, termsOf(call));
}

function signerOf(hash: string, signature: string): string | undefined {
  try {
    return recoverAddress(hash, signature);
  } catch {
    return undefined;
  }
}
