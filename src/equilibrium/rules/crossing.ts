import type { OrderColumns } from "../../market/clearing.ts";

/** Where a sorted book crosses: rows of the last matched watt-hour, and all that is matched. */
export interface Crossing {
  readonly lastBid: number;
  readonly lastOffer: number;
  readonly volumeWh: number;
}

/** Matches bids by falling with offers by rising limit price, watt-hour by watt-hour; undefined where nothing matches. */
export function crossing(bids: OrderColumns, offers: OrderColumns): Crossing | undefined {
  let found: Crossing | undefined;
  let [bid, offer, boughtWh, soldWh] = [0, 0, 0, 0];
  while (bid < bids.count && offer < offers.count && at(bids.limitPrice, bid) >= at(offers.limitPrice, offer)) {
    const bidEnd = boughtWh + at(bids.energyWh, bid);
    const offerEnd = soldWh + at(offers.energyWh, offer);
    found = { lastBid: bid, lastOffer: offer, volumeWh: Math.min(bidEnd, offerEnd) };
    if (bidEnd <= offerEnd) {
      boughtWh = bidEnd;
      ++bid;
    }
    if (offerEnd <= bidEnd) {
      soldWh = offerEnd;
      ++offer;
    }
  }
  return found;
}

/** Energy of the first `count` orders, Wh. */
export function energyOf(orders: OrderColumns, count: number): number {
  let energyWh = 0;
  for (let row = 0; row < count; ++row) energyWh += at(orders.energyWh, row);
  return energyWh;
}

function at(values: ArrayLike<number>, row: number): number {
  return values[row] ?? 0;
}
