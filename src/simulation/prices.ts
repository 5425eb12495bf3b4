import type { FittedForecaster, Forecaster } from "../forecasts/index.ts";
import { SLOTS_PER_DAY } from "../units.ts";

/** Of the mean price that "cheap" and "dear" are measured against: a day. */
const MEAN_WEIGHT = 1 / SLOTS_PER_DAY;

/** What an agent that decides how to use energy knows of its price: the present slot, the mean of a day, and a forecast of the next one. */
export class PriceView {
  /** Price of the slot in units of its mean over the day before: 1 is as usual. */
  ratio = 1;
  now = 0;
  /** Forecast of the slots after this one; empty where nobody asks for it or too little was seen. */
  next: readonly number[] = [];
  /** The forecast, the cheapest first. */
  sorted: ArrayLike<number> = [];
  #mean: number;
  #fitted: FittedForecaster | undefined;
  readonly #seen: Float64Array;
  readonly #forecaster: Forecaster | undefined;
  readonly #firstSlot: number;

  constructor(usualPrice: number, firstSlot: number, slots: number, forecaster: Forecaster | undefined) {
    this.#mean = usualPrice;
    this.#firstSlot = firstSlot;
    this.#seen = new Float64Array(forecaster === undefined ? 0 : slots);
    this.#forecaster = forecaster;
  }

  /** The price of the slot at this place of the window, place after place. */
  see(place: number, price: number): void {
    this.now = price;
    this.ratio = price / this.#mean;
    this.#mean += (price - this.#mean) * MEAN_WEIGHT;
    const forecaster = this.#forecaster;
    if (forecaster === undefined) return;
    this.#seen[place] = Math.round(price);
    if (place + 1 < forecaster.leastHistory) return;
    const history = { firstSlot: this.#firstSlot, values: this.#seen.subarray(0, place + 1) };
    // What was learned serves a day.
    if (this.#fitted === undefined || place % SLOTS_PER_DAY === 0) this.#fitted = forecaster.fit(history);
    this.next = this.#fitted.forecast(history, SLOTS_PER_DAY);
    this.sorted = Float64Array.from(this.next).sort();
  }

  /** How many of the next slots, this one not counted, are forecast to be cheaper than this one; undefined without a forecast. */
  cheaperWithin(slots: number): number | undefined {
    const { next, now } = this;
    if (next.length === 0) return undefined;
    let cheaper = 0;
    for (let ahead = 0; ahead < slots && ahead < next.length; ++ahead) if ((next[ahead] ?? 0) < now) cheaper += 1;
    return cheaper;
  }
}

/** What agents see when they decide how to use a slot. */
export interface Outlook {
  /** Import price of the slot in units of its mean over the day before: 1 is as usual. */
  readonly priceRatio: number;
  readonly scarcityPpm: number;
  /** Slot of the day, 0 to 95. */
  readonly slotOfDay: number;
  /** Whether prices move, so that it pays to look. */
  readonly priced: boolean;
  readonly prices?: PriceView | undefined;
  /** The published scarcity in place of a price, where somebody plans by it. */
  readonly scarcity?: PriceView | undefined;
  /** Who weighs the points of the season, 1 for yes, and the prices with what points are worth added. */
  readonly rewards?: { readonly playing: Uint8Array; readonly prices: PriceView } | undefined;
}

/** The price that an agent goes by, in units of its mean. */
export function ratioFor({ rewards, priceRatio }: Outlook, agent: number): number {
  return rewards?.playing[agent] === 1 ? rewards.prices.ratio : priceRatio;
}

/** The prices that an agent goes by. */
export function pricesFor({ rewards, prices }: Outlook, agent: number): PriceView | undefined {
  return rewards?.playing[agent] === 1 ? rewards.prices : prices;
}
