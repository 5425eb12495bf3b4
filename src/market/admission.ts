import { bidCoverTicks } from "./fees.ts";
import type { ItemError } from "./itemErrors.ts";
import { isMeter, meterSlotLimitWh, type MeterWord } from "./meterWord.ts";
import type { Order } from "./messages.ts";
import { isWithinTariff, type Tariff } from "./tariff.ts";

/** What the exchange knows of a slot when it clears it. */
export interface SlotTerms extends Tariff {
  readonly feePpm: number;
}

/**
 * Why clearing would skip a signed order of this meter; undefined if it takes part. Orders are looked at in the state of
 * the clearing, so a matcher asks again just before it commits.
 */
export function orderProblem(meter: MeterWord, order: Order, terms: SlotTerms): ItemError | undefined {
  const standing = tradingProblem(meter, order);
  if (standing !== undefined) return standing;
  if (meter.lastSlot + 2 !== order.slot) return "MeterUnread";
  const content = contentProblem(meter, order, terms);
  if (content !== undefined) return content;
  const short =
    order.side === "bid" && bidCoverTicks(order.energyWh, order.limitPrice, terms.feePpm) > meter.balanceTicks;
  return short ? "InsufficientBalance" : undefined;
}

/** What must hold for a meter to trade, whenever its order was made; all that is asked of a placed order at clearing. */
export function tradingProblem(meter: MeterWord, order: Pick<Order, "zone" | "side">): ItemError | undefined {
  if (meter.zone !== order.zone) return isMeter(meter) ? "WrongZone" : "UnknownMeter";
  if (meter.flags.suspended) return "MeterSuspended";
  if (meter.flags.indebted) return "MeterIndebted";
  if (meter.flags.feeder) return "FeederCannotTrade";
  return order.side === "offer" && !meter.flags.bonded ? "MeterNotBonded" : undefined;
}

/** What is wrong with an order whatever the meter's balance and readings: a gateway asks before it takes an order. */
export function contentProblem(meter: MeterWord, order: Order, tariff: Tariff): ItemError | undefined {
  if (order.energyWh > meterSlotLimitWh(meter)) return "OrderBeyondRatedPower";
  return isWithinTariff(tariff, order.limitPrice) ? undefined : "LimitOutsideTariff";
}
