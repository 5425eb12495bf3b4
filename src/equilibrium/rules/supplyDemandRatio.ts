import type { OrderSide } from "../../simulation/orders.ts";
import { energyOf } from "./crossing.ts";
import { nothingTraded, shareAmong, type RuleClearing } from "./ruleClearing.ts";

/**
 * Internal prices by the supply-demand ratio (Liu et al., "Energy-sharing model with price-based demand response for
 * microgrids of peer-to-peer prosumers", IEEE Transactions on Power Systems 32, 2017). With R = supply / demand, sellers get
 *
 *     s = export * import / ((import - export) * R + export)   for R <= 1, else export,
 *
 * and buyers pay s * R + import * (1 - R), or export where R > 1. The blend of a buyer is what it pays where it gets the share R of its energy
 * at s and settles the rest at the import price: so it is one price and a proportional ration here, and settlement does the rest.
 * Limit prices do not matter.
 */
export function clearSupplyDemandRatio(
  bids: OrderSide,
  offers: OrderSide,
  exportPrice: number,
  importPrice: number,
): RuleClearing {
  const demandWh = energyOf(bids, bids.count);
  const supplyWh = energyOf(offers, offers.count);
  const tradedWh = Math.min(demandWh, supplyWh);
  if (tradedWh === 0) return nothingTraded(bids, offers);
  shareAmong(bids, bids.count, demandWh, tradedWh);
  shareAmong(offers, offers.count, supplyWh, tradedWh);
  const price = internalPrice(supplyWh / demandWh, exportPrice, importPrice);
  return { bidPrice: price, offerPrice: price, paidAsBid: false };
}

/** What a seller gets for a Wh, whole ticks, rounded down. */
function internalPrice(ratio: number, exportPrice: number, importPrice: number): number {
  if (ratio >= 1) return exportPrice;
  const divisor = (importPrice - exportPrice) * ratio + exportPrice;
  return divisor === 0 ? importPrice : Math.floor((exportPrice * importPrice) / divisor);
}
