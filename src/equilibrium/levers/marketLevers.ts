import type { MarketPrices, PlacedOrder, Trader } from "../types.ts";
import { alone, percent, type DeviationStrategy, type Lever } from "./lever.ts";
import { honestOrder, priceAt, resizedOrder, shadedPrice } from "./orders.ts";

/** Shares of the band by which a limit price is moved: in the trader's favour where positive. */
const SHADES = [-0.3, -0.15, -0.05, -0.02, 0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75];
const MORE = [1.05, 1.1, 1.25, 1.5, 2, 3, 4];
const LESS = [0, 0.25, 0.5, 0.7, 0.8, 0.9, 0.95];
const PARTS = [2, 4];
/** Places in the band of a decoy's price. */
const DECOYS = [0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.98];
const PAIR_SHADES = [0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75];

/** A limit price that is not the value. */
const price: Lever = {
  name: "price",
  together: false,
  strategies: SHADES.map((share) =>
    alone(share > 0 ? `shade by ${percent(share)}` : `overbid by ${percent(-share)}`, (trader, prices) => [
      { ...honestOrder(trader), limitPrice: shadedPrice(trader, share, prices) },
    ]),
  ),
};

/** More than the trader has, to get a larger part of a ration. */
const quantity: Lever = {
  name: "quantity",
  together: false,
  strategies: MORE.map((factor) => alone(`order ${percent(factor)}`, (trader) => resizedOrder(trader, factor))),
};

/** Less than the trader has, to move the price. */
const withholding: Lever = {
  name: "withholding",
  together: false,
  strategies: LESS.map((factor) => alone(`order ${percent(factor)}`, (trader) => resizedOrder(trader, factor))),
};

/** Several meters of one hand: the energy in parts, or a decoy with no energy behind it that is meant to set the price. */
const splitting: Lever = {
  name: "splitting",
  together: false,
  strategies: [
    ...PARTS.map((parts) =>
      alone(`${String(parts)} meters, one price`, (trader) => inParts(trader, parts, () => trader.value)),
    ),
    ...PARTS.map((parts) =>
      alone(`${String(parts)} meters, rising shades`, (trader, prices) =>
        inParts(trader, parts, (part) => shadedPrice(trader, (0.3 * part) / parts, prices)),
      ),
    ),
    ...DECOYS.flatMap((place) => [decoy(place, true), decoy(place, false)]),
  ],
};

/** Two traders, of one side where there are two, and what they gain together. */
const collusion: Lever = {
  name: "collusion",
  together: true,
  strategies: [
    ...PAIR_SHADES.map((share) => pair(`both shade by ${percent(share)}`, share, share)),
    ...PAIR_SHADES.map((share) => pair(`one shades by ${percent(share)}`, 0, share)),
    pair("one stays away", 0, undefined),
  ],
};

/** What a trader can do with its orders in one slot. */
export const MARKET_LEVERS: readonly Lever[] = [price, quantity, withholding, splitting, collusion];

function inParts(trader: Trader, parts: number, priceOf: (part: number) => number): PlacedOrder[] {
  return Array.from({ length: parts }, (_, part) => {
    const from = Math.floor((trader.energyWh * part) / parts);
    const energyWh = Math.floor((trader.energyWh * (part + 1)) / parts) - from;
    return { buys: trader.buys, energyWh, limitPrice: priceOf(part), behindWh: energyWh };
  }).filter(({ energyWh }) => energyWh > 0);
}

/** The honest order and one watt-hour of a second meter, on the same or the other side of the book. */
function decoy(place: number, sameSide: boolean): DeviationStrategy {
  const name = `decoy ${sameSide ? "beside" : "across"} at ${percent(place)}`;
  return alone(name, (trader: Trader, prices: MarketPrices) => [
    honestOrder(trader),
    { buys: trader.buys === sameSide, energyWh: 1, limitPrice: priceAt(place, prices), behindWh: 0 },
  ]);
}

/** Focal trader and partner with shades of their own; undefined = no order at all. */
function pair(name: string, own: number, others: number | undefined): DeviationStrategy {
  return {
    name,
    deviate({ traders, focal, partner }, prices) {
      const shaded = (place: number, share: number | undefined): readonly PlacedOrder[] => {
        const trader = traders[place];
        if (trader === undefined || share === undefined) return [];
        return [{ ...honestOrder(trader), limitPrice: shadedPrice(trader, share, prices) }];
      };
      return new Map([
        [focal, shaded(focal, own)],
        [partner, shaded(partner, others)],
      ]);
    },
  };
}
