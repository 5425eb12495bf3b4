import { z } from "zod";
import { JouleworkError } from "../../errors.ts";
import type { MarketDomain } from "../messages.ts";
import { receiptSigner, type OrderReceipt, type SignedOrder } from "../sign.ts";

export interface PostOrderParameters {
  /** Of the matcher: orders go to `<url>/orders`. */
  readonly url: string;
  readonly domain: MarketDomain;
  readonly order: SignedOrder;
  /** Who may commit the slot's book, as the exchange says: nobody else's receipt is worth anything. */
  readonly matcher: string;
  readonly timeoutMs?: number;
}

const receiptSchema = z.object({
  zone: z.int(),
  slot: z.int(),
  orderHash: z.string(),
  matcher: z.string(),
  signature: z.string(),
});
const refusalSchema = z.object({ code: z.string(), message: z.string() });

/** The body of `POST /orders`. */
export function orderBody({ kind, meter, zone, slot, side, energyWh, limitPrice, signature }: SignedOrder): object {
  return { zone, slot, side, energyWh, limitPrice, signature, ...(kind === "delegated" ? { meter } : {}) };
}

/**
 * Gives a signed order to a matcher; its receipt is checked to bind the slot's matcher to this very order.
 *
 * @throws MATCHER_URL_INVALID, MATCHER_UNREACHABLE, MATCHER_REFUSED, RECEIPT_INVALID
 */
export async function postOrder(parameters: PostOrderParameters): Promise<OrderReceipt> {
  const { url, order } = parameters;
  const { status, body } = await exchangeJson(ordersAddress(url), orderBody(order), parameters.timeoutMs ?? 10_000);
  if (status !== 201) throw refusal(status, body);
  const receipt = receiptSchema.safeParse(body).data;
  if (receipt === undefined || !binds(receipt, parameters)) {
    throw new JouleworkError({
      code: "RECEIPT_INVALID",
      what: "The answer is no receipt of the slot's matcher for this order",
      values: { url, matcher: parameters.matcher, orderHash: order.hash },
      hint: "Nothing binds the matcher: place the order on chain, or ask the matcher that the zone names.",
    });
  }
  return receipt;
}

function binds(receipt: OrderReceipt, { domain, order, matcher }: PostOrderParameters): boolean {
  const { zone, slot, orderHash } = receipt;
  if (zone !== order.zone || slot !== order.slot || orderHash !== order.hash) return false;
  try {
    return receipt.matcher === matcher && receiptSigner(domain, receipt) === matcher;
  } catch (error) {
    // A signature that nothing can be recovered from.
    if (error instanceof JouleworkError) return false;
    throw error;
  }
}

function ordersAddress(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed !== undefined && /^https?:$/.test(parsed.protocol)) return `${url.replace(/\/+$/, "")}/orders`;
  throw new JouleworkError({
    code: "MATCHER_URL_INVALID",
    what: "This is no address of a matcher",
    values: { url },
    hint: "Give it as http://127.0.0.1:8551.",
  });
}

async function exchangeJson(
  address: string,
  body: object,
  timeoutMs: number,
): Promise<{ status: number; body: unknown }> {
  try {
    const response = await fetch(address, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    return { status: response.status, body: jsonOf(text) };
  } catch (cause) {
    throw new JouleworkError({
      code: "MATCHER_UNREACHABLE",
      what: "The matcher does not answer",
      values: { address },
      hint: "Send the same order again: it is taken once. If the gate is about to close, place it on chain.",
      cause,
    });
  }
}

/** What is not JSON says nothing. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusal(status: number, body: unknown): JouleworkError {
  const told = refusalSchema.safeParse(body).data;
  return new JouleworkError({
    code: "MATCHER_REFUSED",
    what: "The matcher does not take the order",
    values: { status, reason: told?.code ?? "unknown", message: told?.message ?? "" },
    hint: status === 503 ? "Send the same order again later." : "Correct the order, or place it on chain.",
  });
}
