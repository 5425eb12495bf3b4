import { renewableShare } from "./renewableShare.ts";
import { correlation, mean } from "./statistics.ts";
import type { SlotTotals } from "./summariseRun.ts";

/** How the published price moved. Ticks per Wh, middle of import and export price. */
export interface PriceFigures {
  readonly priceMin: number;
  readonly priceMax: number;
  /** Between the cheapest and the dearest slot of any zone. */
  readonly priceSpread: number;
  /** Correlation of a slot's price with the renewable share of what was supplied in it: negative where energy is cheap
   * when the sun shines. Six digits. */
  readonly priceRenewableCorrelation: number;
}

export function priceFigures(slots: readonly SlotTotals[]): PriceFigures {
  const prices = slots.flatMap(({ referencePrices }) => referencePrices);
  const pairs = slots.flatMap((slot) => {
    const share = renewableShare(slot);
    return share === undefined || slot.referencePrices.length === 0
      ? []
      : [[mean(slot.referencePrices), share] as const];
  });
  const priceMin = Math.min(...prices);
  const priceMax = Math.max(...prices);
  return {
    priceMin,
    priceMax,
    priceSpread: priceMax - priceMin,
    priceRenewableCorrelation: Number(correlation(pairs).toFixed(6)),
  };
}
