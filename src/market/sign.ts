import { getAddress } from "ethers";
import { JouleworkError } from "../errors.ts";
import {
  consentDigest,
  delegatedOrderDigest,
  orderDigest,
  orderHash,
  readingDigest,
  receiptDigest,
  type ConsentMessages,
  type ConsentName,
  type MarketDomain,
  type Order,
  type RegisterReading,
} from "./messages.ts";
import { expandSignature, recover, type SigningKey } from "./signer.ts";

/** An order with everything that a book or a receipt needs. */
export interface SignedOrder extends Order {
  /** Signed by the device key, or by the delegate that the owner named. */
  readonly kind: "signed" | "delegated";
  readonly meter: string;
  readonly signature: string;
  readonly hash: string;
}

export interface SignedReading extends RegisterReading {
  readonly meter: string;
  readonly signature: string;
}

export interface OrderReceipt {
  readonly zone: number;
  readonly slot: number;
  readonly orderHash: string;
  readonly matcher: string;
  readonly signature: string;
}

/** An order signed by the meter's own device key. */
export function signOrder(domain: MarketDomain, deviceKey: SigningKey, order: Order): SignedOrder {
  const digest = orderDigest(domain, order);
  return assembleOrder("signed", order, deviceKey.address, digest, deviceKey.sign(digest));
}

/** An order of `meter` signed by the delegate that its owner named. */
export function signDelegatedOrder(
  domain: MarketDomain,
  delegateKey: SigningKey,
  meter: string,
  order: Order,
): SignedOrder {
  const digest = delegatedOrderDigest(domain, meter, order);
  return assembleOrder("delegated", order, getAddress(meter), digest, delegateKey.sign(digest));
}

/** The registers of a meter at a slot's end, signed by its device key. */
export function signReading(domain: MarketDomain, deviceKey: SigningKey, reading: RegisterReading): SignedReading {
  const { zone, slot, importWh, exportWh } = reading;
  return {
    zone,
    slot,
    importWh,
    exportWh,
    meter: deviceKey.address,
    signature: deviceKey.sign(readingDigest(domain, reading)),
  };
}

/** The matcher's promise to take an order into the book of its slot. */
export function signReceipt(domain: MarketDomain, matcherKey: SigningKey, order: SignedOrder): OrderReceipt {
  const { zone, slot, hash } = order;
  const signature = matcherKey.sign(receiptDigest(domain, zone, slot, hash));
  return { zone, slot, orderHash: hash, matcher: matcherKey.address, signature };
}

/** The consent of an owner or a device, as the 65 bytes that the registry checks. */
export function signConsent<Name extends ConsentName>(
  domain: MarketDomain,
  key: SigningKey,
  name: Name,
  message: ConsentMessages[Name],
): string {
  return expandSignature(key.sign(consentDigest(domain, name, message)));
}

/** An order from its parts as they arrive over a wire; the meter of a "signed" one is whoever signed. */
export function receiveOrder(
  domain: MarketDomain,
  order: Order,
  signature: string,
  delegatedFor?: string,
): SignedOrder {
  if (delegatedFor === undefined) {
    const digest = orderDigest(domain, order);
    return assembleOrder("signed", order, recover(digest, signature), digest, signature);
  }
  const digest = delegatedOrderDigest(domain, delegatedFor, order);
  recover(digest, signature);
  return assembleOrder("delegated", order, getAddress(delegatedFor), digest, signature);
}

/** Who signed an order: the meter itself, or the delegate, which the caller compares with the one the owner named. */
export function orderSigner(domain: MarketDomain, order: SignedOrder): string {
  const digest =
    order.kind === "signed" ? orderDigest(domain, order) : delegatedOrderDigest(domain, order.meter, order);
  return recover(digest, order.signature);
}

/** The meter that signed a reading. */
export function readingSigner(domain: MarketDomain, reading: RegisterReading, signature: string): string {
  return recover(readingDigest(domain, reading), signature);
}

/** The matcher that signed a receipt. */
export function receiptSigner(domain: MarketDomain, receipt: Omit<OrderReceipt, "matcher">): string {
  return recover(receiptDigest(domain, receipt.zone, receipt.slot, receipt.orderHash), receipt.signature);
}

/** Refuses an order that its meter, or the named delegate, did not sign. */
export function requireOrderSigner(domain: MarketDomain, order: SignedOrder, expected: string): void {
  const signer = orderSigner(domain, order);
  if (signer === getAddress(expected)) return;
  throw new JouleworkError({
    code: "ORDER_SIGNER_WRONG",
    what: "The order is not signed by the key that may sign it",
    values: { meter: order.meter, expected, signer },
    hint: "Sign with the meter's device key or with the delegate that its owner named, for this chain and exchange.",
  });
}

function assembleOrder(
  kind: SignedOrder["kind"],
  { zone, slot, side, energyWh, limitPrice }: Order,
  meter: string,
  digest: string,
  signature: string,
): SignedOrder {
  return { kind, zone, slot, side, energyWh, limitPrice, meter, signature, hash: orderHash(digest, meter) };
}
