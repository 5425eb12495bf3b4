import { JouleworkError } from "../../errors.ts";
import { contentProblem, tradingProblem } from "../admission.ts";
import type { MarketDomain } from "../messages.ts";
import type { Order } from "../messages.ts";
import { requireOrderSigner } from "../sign.ts";
import type { SignedOrder } from "../sign.ts";
import { gateWindow, isWithin, MAX_SLOT } from "../timeline.ts";
import type { MatcherChain } from "./types.ts";

export interface AdmitOrderParameters {
  readonly chain: MatcherChain;
  readonly domain: MarketDomain;
  readonly order: SignedOrder;
  /** Who would give the receipt. */
  readonly matcher: string;
}

/** The contract lets nobody commit with less. */
export const MIN_MATCHER_BOND_TICKS = 100_000_000_000n;

/** Refuses an order that its slot's book cannot take now: a receipt is only given for what can be committed. */
export async function admitOrder({ chain, domain, order, matcher }: AdmitOrderParameters): Promise<void> {
  const { zone, slot, meter } = order;
  const [{ word, delegate }, tariff, zoneMatcher, bond] = await Promise.all([
    chain.meter(meter),
    chain.tariff(zone, slot),
    chain.matcherOf(zone),
    chain.matcherBond(matcher),
  ]);
  if (zoneMatcher !== matcher || bond.ticks < MIN_MATCHER_BOND_TICKS || bond.unlockSlot !== 0) {
    throw new JouleworkError({
      code: "MATCHER_NOT_ENTITLED",
      what: "This matcher may not commit a book for the zone",
      values: { zone, matcher, zoneMatcher, bondTicks: bond.ticks, unlockSlot: bond.unlockSlot },
      hint: "Send the order to the zone's matcher, or place it on chain; its operator posts the bond.",
    });
  }
  requireOrderSigner(domain, order, order.kind === "signed" ? meter : delegate);
  const problem =
    tradingProblem(word, order) ??
    // Trading needs the reading of slot - 2; a meter that is past it can never have that as its newest.
    (word.lastSlot + 2 > slot ? "MeterUnread" : contentProblem(word, order, tariff));
  if (problem === undefined && order.energyWh > 0) return;
  throw new JouleworkError({
    code: "ORDER_REFUSED",
    what: "The exchange would not take the order",
    values: {
      reason: problem ?? "ZeroEnergy",
      meter,
      zone,
      slot,
      energyWh: order.energyWh,
      limitPrice: order.limitPrice,
    },
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
