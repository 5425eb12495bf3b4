import type { Side } from "./world.ts";

export interface AuctionOrder {
  side: Side;
  energyWh: bigint;
  limitPrice: bigint;
}

export interface Trade {
  price: bigint;
  bidsWh: bigint[];
  offersWh: bigint[];
}

/**
 * The auction watt-hour by watt-hour: both sides are spelled out as one price a watt-hour and matched pair by pair.
 * Far too slow for use, and therefore a check on the walk that the contract does.
 */
export function auction(
  rule: "midpoint" | "sbba",
  bids: readonly AuctionOrder[],
  offers: readonly AuctionOrder[],
): Trade {
  const nothing = { price: 0n, bidsWh: bids.map(() => 0n), offersWh: offers.map(() => 0n) };
  const demand = spell(bids);
  const supply = spell(offers);
  let pairs = 0;
  while (
    pairs < demand.length &&
    pairs < supply.length &&
    priceAt(bids, demand, pairs) >= priceAt(offers, supply, pairs)
  )
    ++pairs;
  if (pairs === 0) return nothing;
  const lastBid = demand[pairs - 1] ?? 0;
  const lastOffer = supply[pairs - 1] ?? 0;
  const volume = BigInt(pairs);
  const bidPrice = priceAt(bids, demand, pairs - 1);
  if (rule === "midpoint") {
    const price = (bidPrice + priceAt(offers, supply, pairs - 1)) / 2n;
    return { price, bidsWh: atMargin(bids, lastBid, volume), offersWh: atMargin(offers, lastOffer, volume) };
  }
  // The next offer sets the price if it does not ask more than the marginal bid gives; else that bid does, and trades nothing.
  const next = offers[lastOffer + 1];
  const nextSets = next !== undefined && next.limitPrice <= bidPrice;
  const buyers = nextSets ? lastBid + 1 : lastBid;
  const bidsWh = bids.map((bid, index) => (index < buyers ? bid.energyWh : 0n));
  const demanded = bidsWh.reduce((sum, energyWh) => sum + energyWh, 0n);
  if (demanded === 0n) return nothing;
  const sellers = offers.map((_, index) => index).slice(0, lastOffer + 1);
  return { price: nextSets ? next.limitPrice : bidPrice, bidsWh, offersWh: share(offers, sellers, demanded) };
}

/** The order that every watt-hour of a side belongs to. */
function spell(orders: readonly AuctionOrder[]): number[] {
  return orders.flatMap((order, index) => new Array<number>(Number(order.energyWh)).fill(index));
}

function priceAt(orders: readonly AuctionOrder[], spelled: readonly number[], wattHour: number): bigint {
  return orders[spelled[wattHour] ?? -1]?.limitPrice ?? 0n;
}

/** Orders better than the marginal one trade in full, those at its price share the rest. */
function atMargin(orders: readonly AuctionOrder[], marginal: number, volume: bigint): bigint[] {
  const price = orders[marginal]?.limitPrice;
  const at = orders.flatMap((order, index) => (order.limitPrice === price ? [index] : []));
  const better = orders.map((order, index) => (index < (at[0] ?? 0) ? order.energyWh : 0n));
  const rest = volume - better.reduce((sum, energyWh) => sum + energyWh, 0n);
  return share(orders, at, rest).map((part, index) => part + (better[index] ?? 0n));
}

/** Cumulative floor over the strict order: whole watt-hours, none lost. */
function share(orders: readonly AuctionOrder[], group: readonly number[], volume: bigint): bigint[] {
  const parts = orders.map(() => 0n);
  const all = group.reduce((sum, index) => sum + (orders[index]?.energyWh ?? 0n), 0n);
  let before = 0n;
  for (const index of group) {
    const after = before + (orders[index]?.energyWh ?? 0n);
    parts[index] = (after * volume) / all - (before * volume) / all;
    before = after;
  }
  return parts;
}
