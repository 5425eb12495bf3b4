import { fillSide } from "../../market/clearing.ts";
import type { OrderSide } from "../../simulation/orders.ts";

/** What a rule makes of a book; the fills are in the sides themselves. */
export interface RuleClearing {
  /** Ticks per Wh that buyers pay and sellers get. */
  readonly bidPrice: number;
  readonly offerPrice: number;
  /** Every order has its own limit as its price instead. */
  readonly paidAsBid: boolean;
}

/** The book does not trade: no order is filled. */
export function nothingTraded(bids: OrderSide, offers: OrderSide): RuleClearing {
  bids.fillsWh.fill(0, 0, bids.count);
  offers.fillsWh.fill(0, 0, offers.count);
  return { bidPrice: 0, offerPrice: 0, paidAsBid: false };
}

/** The first `count` orders share a volume in proportion to their energy, by cumulative floor; the others get nothing. */
export function shareAmong(side: OrderSide, count: number, energyWh: number, volumeWh: number): void {
  const group = { groupStart: 0, groupEnd: count, groupEnergyWh: energyWh, groupVolumeWh: volumeWh };
  fillSide(side, group, side.fillsWh);
}
