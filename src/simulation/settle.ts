import { PPM } from "../units.ts";

/** Prices of a slot, ticks per Wh; `docs/economics.md` says who pays which. */
export interface SimulatedPrices {
  importPrice: number;
  exportPrice: number;
  clearingPrice: number;
  /** Of the buyer at hand: its tier has a discount. */
  feePpm: number;
  readonly networkLocalPrice: number;
  readonly networkGridPrice: number;
  readonly levyPrice: number;
}

/**
 * What a bonded meter pays for a slot read in time, in ticks, negative where it is paid: its trade, the fee, its imbalance
 * at the backstop prices and its charges. The same sums as `dueForSlot` and `purchaseTicks` of `src/market/`, in floats that hold
 * them exactly: an energy and a price are below 2^24 and 2^22.
 *
 * @param netWh Metered net energy, positive for import.
 * @param positionWh Traded energy, positive for a purchase.
 */
export function slotCostTicks(netWh: number, positionWh: number, prices: SimulatedPrices): number {
  const importedWh = netWh > 0 ? netWh : 0;
  const levyTicks = importedWh * prices.levyPrice;
  const shortWh = netWh - positionWh;
  const imbalanceTicks = shortWh > 0 ? shortWh * prices.importPrice : shortWh * prices.exportPrice;
  if (positionWh > 0) {
    const costTicks = positionWh * prices.clearingPrice;
    const localWh = positionWh < importedWh ? positionWh : importedWh;
    const networkTicks = localWh * prices.networkLocalPrice + (importedWh - localWh) * prices.networkGridPrice;
    return costTicks + feeUp(costTicks, prices.feePpm) + imbalanceTicks + networkTicks + levyTicks;
  }
  const networkTicks = importedWh * prices.networkGridPrice;
  if (positionWh === 0) return imbalanceTicks + networkTicks + levyTicks;
  const exportedWh = netWh < 0 ? -netWh : 0;
  const undeliveredWh = -positionWh > exportedWh ? -positionWh - exportedWh : 0;
  const undeliveredTicks = undeliveredWh * (prices.networkGridPrice - prices.networkLocalPrice);
  return positionWh * prices.clearingPrice + imbalanceTicks + undeliveredTicks + networkTicks + levyTicks;
}

/** The trading fee, rounded up, without a product beyond 2^53. */
export function feeUp(costTicks: number, feePpm: number): number {
  const whole = Math.floor(costTicks / PPM);
  return whole * feePpm + Math.ceil(((costTicks - whole * PPM) * feePpm) / PPM);
}

/** What a trade costs whose meter was not read: it is settled as if nothing had flowed. The sums of `dueForUnread`. */
export function unreadCostTicks(positionWh: number, prices: SimulatedPrices): number {
  return positionWh === 0 ? 0 : slotCostTicks(0, positionWh, prices);
}

/** What a gap reading costs: import at the cap price and its charges, export at the floor price. The sums of `dueForGap`. */
export function gapCostTicks(
  importWh: number,
  exportWh: number,
  { capPrice, floorPrice }: { readonly capPrice: number; readonly floorPrice: number },
  { networkGridPrice, levyPrice }: SimulatedPrices,
): number {
  return importWh * (capPrice + networkGridPrice + levyPrice) - exportWh * floorPrice;
}
