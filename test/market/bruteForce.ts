import type { AuctionOrder, BookClearing, ClearingRule } from "../../src/market/clearing.ts";

/** One watt-hour of an order. */
interface Unit {
  readonly order: number;
  readonly limitPrice: number;
}

/**
 * The auction written a second time, from its description and watt-hour by watt-hour: every order is cut into single
 * units, the n-th best bid unit meets the n-th best offer unit, and nothing is known of runs, prefixes or columns.
 */
export function bruteForce(
  rule: ClearingRule,
  bids: readonly AuctionOrder[],
  offers: readonly AuctionOrder[],
): BookClearing {
  const demand = units(bids);
  const supply = units(offers);
  const matched = demand.filter((unit, n) => {
    const other = supply[n];
    return other !== undefined && unit.limitPrice >= other.limitPrice;
  }).length;
  const lastBid = demand[matched - 1];
  const lastOffer = supply[matched - 1];
  const nothing = { price: 0, volumeWh: 0, bidFillsWh: bids.map(() => 0), offerFillsWh: offers.map(() => 0) };
  if (lastBid === undefined || lastOffer === undefined) return nothing;

  if (rule === "midpoint") {
    const sum = lastBid.limitPrice + lastOffer.limitPrice;
    return {
      price: (sum - (sum % 2)) / 2,
      volumeWh: matched,
      bidFillsWh: shareAtMargin(bids, lastBid.limitPrice, matched, (limit) => limit > lastBid.limitPrice),
      offerFillsWh: shareAtMargin(offers, lastOffer.limitPrice, matched, (limit) => limit < lastOffer.limitPrice),
    };
  }

  // The first offer that is no part of the crossing sets the price if the marginal buyer would still pay it.
  const outsider = offers[lastOffer.order + 1];
  const outsiderSets = outsider !== undefined && outsider.limitPrice <= lastBid.limitPrice;
  const buyers = bids.map((order, index) =>
    index < lastBid.order || (outsiderSets && index === lastBid.order) ? order.energyWh : 0,
  );
  const volumeWh = buyers.reduce((sum, energyWh) => sum + energyWh, 0);
  if (volumeWh === 0) return nothing;
  const sellers = offers.map((order, index) => (index <= lastOffer.order ? order.energyWh : 0));
  return {
    price: outsiderSets ? outsider.limitPrice : lastBid.limitPrice,
    volumeWh,
    bidFillsWh: buyers,
    offerFillsWh: deal(sellers, volumeWh),
  };
}

function units(orders: readonly AuctionOrder[]): Unit[] {
  return orders.flatMap(({ energyWh, limitPrice }, order) =>
    Array.from({ length: energyWh }, () => ({ order, limitPrice })),
  );
}

function shareAtMargin(
  orders: readonly AuctionOrder[],
  price: number,
  volumeWh: number,
  isBetter: (limit: number) => boolean,
): number[] {
  const betterWh = orders.reduce((sum, order) => sum + (isBetter(order.limitPrice) ? order.energyWh : 0), 0);
  const shared = deal(
    orders.map((order) => (order.limitPrice === price ? order.energyWh : 0)),
    volumeWh - betterWh,
  );
  return orders.map((order, index) => (isBetter(order.limitPrice) ? order.energyWh : (shared[index] ?? 0)));
}

/** Deals watt-hours out one by one: each unit asked for, in order, is granted when the running share reaches the next whole. */
function deal(asked: readonly number[], volumeWh: number): number[] {
  const whole = asked.reduce((sum, energyWh) => sum + energyWh, 0);
  let credit = 0;
  return asked.map((energyWh) => {
    let granted = 0;
    for (let unit = 0; unit < energyWh; ++unit) {
      credit += volumeWh;
      if (credit >= whole) {
        credit -= whole;
        granted += 1;
      }
    }
    return granted;
  });
}
