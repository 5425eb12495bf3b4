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
  const { importPrice, exportPrice, networkLocalPrice, networkGridPrice, levyPrice } = prices;
  const importedWh = positivePart(netWh);
  const imbalanceWh = netWh - positionWh;
  const shortWh = positivePart(imbalanceWh);
  const tradeTicks = positionWh * prices.clearingPrice;
  const feeTicks = positionWh > 0 ? feeUp(tradeTicks, prices.feePpm) : 0;
  const imbalanceTicks = shortWh * importPrice + (imbalanceWh - shortWh) * exportPrice;
  // Imported energy that was traded is charged less by the difference of both network charges, traded energy that was not delivered so much more.
  const networkTicks = importedWh * networkGridPrice + (shortWh - importedWh) * (networkGridPrice - networkLocalPrice);
  return tradeTicks + feeTicks + imbalanceTicks + networkTicks + importedWh * levyPrice;
}

/** The energy, Wh below 2^31, where it is positive, else zero: without a branch, since signs of imbalances cannot be predicted. */
function positivePart(energyWh: number): number {
  return energyWh & ~(energyWh >> 31);
}

/** The trading fee, rounded up, without a product beyond 2^53. */
export function feeUp(costTicks: number, feePpm: number): number {
  const product = costTicks * feePpm;
  // A quotient of whole numbers below 2^53 lies further from the next whole number than division can round.
  if (product <= Number.MAX_SAFE_INTEGER) return Math.ceil(product / PPM);
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
