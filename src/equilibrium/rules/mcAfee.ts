import type { OrderSide } from "../../simulation/orders.ts";
import { crossing, energyOf } from "./crossing.ts";
import { nothingTraded, shareAmong, type RuleClearing } from "./ruleClearing.ts";

/**
 * McAfee's double auction ("A dominant strategy double auction", Journal of Economic Theory 56, 1992). With k efficient
 * pairs, p0 is the middle of the next bid and the next offer. If it lies between the k-th offer and the k-th bid, k pairs trade
 * at it. Else k - 1 pairs trade, buyers pay the k-th bid, sellers get the k-th offer, and the auctioneer keeps the difference.
 *
 * An order is not one unit here: the orders of the last matched watt-hour are the k-th pair, a longer side shares the volume
 * in proportion. Where there is no next bid or offer, the band's edge is in its place, as the paper takes the lowest and highest value.
 *
 * @param bids Sorted; gets its fills.
 * @param offers Sorted; gets its fills.
 */
export function clearMcAfee(
  bids: OrderSide,
  offers: OrderSide,
  lowestPrice: number,
  highestPrice: number,
): RuleClearing {
  const found = crossing(bids, offers);
  if (found === undefined) return nothingTraded(bids, offers);
  const { lastBid, lastOffer, volumeWh } = found;
  const bid = bids.limitPrice[lastBid] ?? 0;
  const offer = offers.limitPrice[lastOffer] ?? 0;
  const nextBid = lastBid + 1 < bids.count ? (bids.limitPrice[lastBid + 1] ?? 0) : lowestPrice;
  const nextOffer = lastOffer + 1 < offers.count ? (offers.limitPrice[lastOffer + 1] ?? 0) : highestPrice;
  const middle = Math.floor((nextBid + nextOffer) / 2);
  const all = middle >= offer && middle <= bid;
  const buyers = all ? lastBid + 1 : lastBid;
  const sellers = all ? lastOffer + 1 : lastOffer;
  const boughtWh = energyOf(bids, buyers);
  const soldWh = energyOf(offers, sellers);
  const tradedWh = all ? volumeWh : Math.min(boughtWh, soldWh);
  if (tradedWh === 0) return nothingTraded(bids, offers);
  shareAmong(bids, buyers, boughtWh, tradedWh);
  shareAmong(offers, sellers, soldWh, tradedWh);
  return all
    ? { bidPrice: middle, offerPrice: middle, paidAsBid: false }
    : { bidPrice: bid, offerPrice: offer, paidAsBid: false };
}
