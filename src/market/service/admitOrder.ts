import { ZeroAddress } from "ethers";
import { JouleworkError } from "../../errors.ts";
import { contentProblem, tradingProblem } from "../admission.ts";
import type { MarketDomain, Order } from "../messages.ts";
import type { MeterWord } from "../meterWord.ts";
import { requireOrderSigner } from "../sign.ts";
import type { SignedOrder } from "../sign.ts";
import type { Tariff } from "../tariff.ts";
import { gateWindow, isWithin, MAX_SLOT } from "../timeline.ts";
import type { MatcherChain } from "./types.ts";

export interface AdmitOrdersParameters {
  readonly chain: MatcherChain;
  readonly domain: MarketDomain;
  readonly orders: readonly SignedOrder[];
  /** Who would give the receipts. */
  readonly matcher: string;
}

/** The contract lets nobody commit with less. */
export const MIN_MATCHER_BOND_TICKS = 100_000_000_000n;

/**
 * Why the books of their slots cannot take these orders now, by place; undefined for those they can take: a receipt is only
 * given for what can be committed. What many orders share is asked of the chain once.
 */
export async function admitOrders({
  chain,
  domain,
  orders,
  matcher,
}: AdmitOrdersParameters): Promise<(JouleworkError | undefined)[]> {
  if (orders.length === 0) return [];
  const slots = new Map(orders.map(({ zone, slot }) => [`${zone}/${slot}`, { zone, slot }]));
  const delegated = [...new Set(orders.filter(({ kind }) => kind === "delegated").map(({ meter }) => meter))];
  const [words, delegates, tariffs, zoneMatchers, bond] = await Promise.all([
    chain.meters(orders.map(({ meter }) => meter)),
    delegated.length === 0 ? [] : chain.delegates(delegated),
    Promise.all([...slots].map(async ([name, { zone, slot }]) => [name, await chain.tariff(zone, slot)] as const)),
    Promise.all([...slots].map(async ([name, { zone, slot }]) => [name, await chain.matcherAt(zone, slot)] as const)),
    chain.matcherBond(matcher),
  ]);
  const tariffOf = new Map(tariffs);
  const matcherOf = new Map(zoneMatchers);
  return orders.map((order, place) => {
    const { zone, slot, meter } = order;
    const word = words[place];
    const tariff = tariffOf.get(`${zone}/${slot}`);
    if (word === undefined || tariff === undefined) throw new RangeError("an answer of the chain is missing");
    const zoneMatcher = matcherOf.get(`${zone}/${slot}`) ?? "";
    if (zoneMatcher !== matcher || bond.ticks < MIN_MATCHER_BOND_TICKS || bond.unlockSlot !== 0) {
      return notEntitled({ zone, matcher, zoneMatcher, bondTicks: bond.ticks, unlockSlot: bond.unlockSlot });
    }
    const entitled = order.kind === "signed" ? meter : (delegates[delegated.indexOf(meter)] ?? ZeroAddress);
    const wrongSigner = refusalOf(() => requireOrderSigner(domain, order, entitled));
    if (wrongSigner !== undefined) return wrongSigner;
    return orderRefusal(order, word, tariff);
  });
}

/** Why no book may have an order, whatever comes before its slot is cleared; undefined where it may take part. */
export function orderRefusal(
  order: Order & { readonly meter: string },
  word: MeterWord,
  tariff: Tariff,
): JouleworkError | undefined {
  const problem =
    tradingProblem(word, order) ??
    // Trading needs the reading of slot - 2; a meter that is past it can never have that as its newest.
    (word.lastSlot + 2 > order.slot ? "MeterUnread" : contentProblem(word, order, tariff));
  if (problem === undefined && order.energyWh > 0) return undefined;
  return refused(order, problem ?? "ZeroEnergy");
}

/** What is wrong by the rules that `check` knows, as a value; any other error goes on. */
export function refusalOf(check: () => void): JouleworkError | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof JouleworkError) return error;
    throw error;
  }
}

function notEntitled(values: Readonly<Record<string, string | number | bigint>>): JouleworkError {
  return new JouleworkError({
    code: "MATCHER_NOT_ENTITLED",
    what: "This matcher may not commit a book for the zone",
    values,
    hint: "Send the order to the zone's matcher, or place it on chain; its operator posts the bond.",
  });
}

function refused(
  { meter, zone, slot, energyWh, limitPrice }: Order & { readonly meter: string },
  reason: string,
): JouleworkError {
  return new JouleworkError({
    code: "ORDER_REFUSED",
    what: "The exchange would not take the order",
    values: { reason, meter, zone, slot, energyWh, limitPrice },
    hint: "Look the reason up in docs/errors.md, correct the order and sign it again.",
  });
}

/** Refuses an order outside the gate of its slot. */
export function requireOpenGate({ slot }: Pick<Order, "slot">, chainTime: number): void {
  const gate = gateWindow(slot);
  if (slot <= MAX_SLOT && isWithin(gate, chainTime)) return;
  throw new JouleworkError({
    code: chainTime < gate.from ? "GATE_NOT_OPEN" : "GATE_CLOSED",
    what: "The gate of the slot is not open",
    values: { slot, opensAt: gate.from, closesAt: gate.to, chainTime },
    hint: "Order for a slot whose gate is open: from eight slots before it until ten minutes before it.",
  });
}
