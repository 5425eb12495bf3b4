import type { MarketPrices, PlacedOrder, Trader } from "../types.ts";

/** The order of an honest trader: its energy at its value. */
export function honestOrder({ buys, energyWh, value }: Trader): PlacedOrder {
  return { buys, energyWh, limitPrice: value, behindWh: energyWh };
}

/** A limit price moved in the trader's favour by a share of the band, within the band as the exchange demands. */
export function shadedPrice({ buys, value }: Trader, share: number, prices: MarketPrices): number {
  const { importPrice, exportPrice } = prices;
  const away = Math.round((importPrice - exportPrice) * share);
  return Math.min(importPrice, Math.max(exportPrice, buys ? value - away : value + away));
}

/** An order of another energy than the trader has, within the meter's rating; none where nothing is left of it. */
export function resizedOrder(trader: Trader, factor: number): readonly PlacedOrder[] {
  const energyWh = Math.min(trader.limitWh, Math.round(trader.energyWh * factor));
  return energyWh === 0 ? [] : [{ ...honestOrder(trader), energyWh, behindWh: Math.min(energyWh, trader.energyWh) }];
}

/** A price at a share of the way from the export to the import price. */
export function priceAt(share: number, { importPrice, exportPrice }: MarketPrices): number {
  return Math.round(exportPrice + (importPrice - exportPrice) * share);
}
