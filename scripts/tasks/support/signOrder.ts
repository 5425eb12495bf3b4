import type { MeterConfig } from "../../../src/chain/exchange.ts";
import type { LocalAccount } from "../../../src/chain/localChain.ts";
import { JouleworkError } from "../../../src/errors.ts";
import type { Order } from "../../../src/market/messages.ts";
import { orderRefusal } from "../../../src/market/service/admitOrder.ts";
import { readServiceKey } from "../../../src/market/service/readServiceKey.ts";
import { requireOrderSigner, signDelegatedOrder, signOrder, type SignedOrder } from "../../../src/market/sign.ts";
import { signingKey, type SigningKey } from "../../../src/market/signer.ts";
import { deviceKey } from "./keys.ts";
import type { OrderTerms } from "./orderInput.ts";
import type { Session } from "./session.ts";

interface CheckedOrder {
  readonly order: Order;
  readonly config: MeterConfig;
}

/** The order of a meter in its zone, checked by the meter's state and the slot's tariff as a matcher does. */
export async function checkOrder(
  { exchange }: Session,
  meter: string,
  slot: number,
  terms: OrderTerms,
): Promise<CheckedOrder> {
  const { word, config } = await exchange.meter(meter);
  if (!config.registered) {
    throw new JouleworkError({
      code: "METER_UNKNOWN",
      what: "No meter has this address",
      values: { meter },
      hint: "Sign with a registered meter's key, or name the meter with --meter and sign as its delegate.",
    });
  }
  const { zone } = word;
  const order = { zone, slot, ...terms };
  const refusal = orderRefusal({ ...order, meter }, word, await exchange.tariff(zone, slot));
  if (refusal !== undefined) throw refusal;
  return { order, config };
}

export interface SignCheckedParameters {
  readonly slot: number;
  readonly terms: OrderTerms;
  /** The meter that a delegate orders for; empty where its device signs. */
  readonly meter: string;
  readonly device: number | undefined;
  readonly keyFile: string;
  /** The account whose key is the delegate's, unless a file has it. */
  readonly as: LocalAccount;
}

/** An order that its slot's book can take, signed by the meter's device or by its delegate. */
export async function signChecked(session: Session, parameters: SignCheckedParameters): Promise<SignedOrder> {
  const { slot, terms, meter } = parameters;
  const key = await orderKey(session, parameters);
  const { order, config } = await checkOrder(session, meter === "" ? key.address : meter, slot, terms);
  if (meter === "") return signOrder(session.domain, key, order);
  const signed = signDelegatedOrder(session.domain, key, meter, order);
  requireOrderSigner(session.domain, signed, config.delegate);
  return signed;
}

async function orderKey(session: Session, parameters: SignCheckedParameters): Promise<SigningKey> {
  const { meter, device, keyFile, as } = parameters;
  if (keyFile !== "") {
    return signingKey(await readServiceKey({ variable: "JOULEWORK_ORDER_KEY", keystorePath: keyFile }));
  }
  return meter === "" ? deviceKey(device, session.chainId) : session.key(as);
}
