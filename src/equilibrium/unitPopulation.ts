import { formatWh } from "../units.ts";
import { Draws } from "./draws.ts";
import type { MarketPrices, Population, Trader } from "./types.ts";

/** Purpose of these draws among those of a seed. */
const UNIT_TRADERS = 1;

/**
 * The setting of the double auctions' papers: every trader has one unit, half of them buy, values are even over the band between
 * the backstop prices.
 *
 * @param unitWh Watt-hours of a unit. Rationing deals in whole watt-hours, so a unit of few of them is no longer divisible.
 */
export function unitPopulation(prices: MarketPrices, unitWh: number): Population {
  const { importPrice, exportPrice } = prices;
  const kinds = [`buyer of ${formatWh(unitWh)}`, `seller of ${formatWh(unitWh)}`];
  return {
    name: `units of ${formatWh(unitWh)}`,
    prices,
    kinds,
    draw(kind, size, seed) {
      const draws = new Draws(seed, UNIT_TRADERS);
      const traders = Array.from({ length: size }, (_, place): Trader => {
        const buys = place % 2 === 0;
        const value = Math.round(exportPrice + (importPrice - exportPrice) * draws.next());
        return { kind: kinds[buys ? 0 : 1] ?? "", buys, energyWh: unitWh, value, limitWh: 4 * unitWh };
      });
      const focal = kind === undefined ? draws.below(size) : kinds.indexOf(kind);
      return { traders, focal, partner: (focal + 2) % size };
    },
  };
}
