import { runAuction, fillSide, type AuctionResult, type ClearingRule, type OrderColumns } from "../market/clearing.ts";

/** There are about as many buckets as orders, within these powers of two. */
const LEAST_BUCKET_BITS = 4;
const MOST_BUCKET_BITS = 12;
/** More orders in a bucket than these are too many to be put in order one by one. */
const CROWDED = 64;
/** A price has 24 bits. */
const HIGHEST = 0xffffff;

/** One side of a book that is filled and sorted again every slot, without allocating. */
export class OrderSide implements OrderColumns {
  count = 0;
  agent: Int32Array;
  energyWh: Int32Array;
  limitPrice: Int32Array;
  #sortedAgent: Int32Array;
  #sortedEnergy: Int32Array;
  #sortedPrice: Int32Array;
  readonly fillsWh: Int32Array;
  readonly #falling: boolean;
  readonly #places = new Int32Array(1 << MOST_BUCKET_BITS);
  #lowest = HIGHEST;
  #highest = 0;

  constructor(capacity: number, falling: boolean) {
    const column = (): Int32Array => new Int32Array(capacity);
    this.agent = column();
    this.energyWh = column();
    this.limitPrice = column();
    this.#sortedAgent = column();
    this.#sortedEnergy = column();
    this.#sortedPrice = column();
    this.fillsWh = column();
    this.#falling = falling;
  }

  clear(): void {
    this.count = 0;
    this.#lowest = HIGHEST;
    this.#highest = 0;
  }

  add(agent: number, energyWh: number, limitPrice: number): void {
    const row = this.count++;
    this.agent[row] = agent;
    this.energyWh[row] = energyWh;
    this.limitPrice[row] = limitPrice;
    if (limitPrice < this.#lowest) this.#lowest = limitPrice;
    if (limitPrice > this.#highest) this.#highest = limitPrice;
  }

  /**
   * Strict order: by price, then in the order of adding (the chain takes the order's hash instead). Orders are dealt out over as many buckets
   * of prices as there are orders, which leaves little to do within them.
   */
  sort(): void {
    const range = this.#highest - this.#lowest;
    if (this.count < 2 || range === 0) return;
    const bucketBits = Math.min(MOST_BUCKET_BITS, Math.max(LEAST_BUCKET_BITS, bitsOf(this.count)));
    const shift = Math.max(0, bitsOf(range) - bucketBits);
    if (this.#findPlaces(shift, (range >>> shift) + 1) > CROWDED) {
      this.#sortPairs();
    } else {
      this.#dealOut(shift);
      this.#straighten();
    }
    [this.agent, this.#sortedAgent] = [this.#sortedAgent, this.agent];
    [this.energyWh, this.#sortedEnergy] = [this.#sortedEnergy, this.energyWh];
    [this.limitPrice, this.#sortedPrice] = [this.#sortedPrice, this.limitPrice];
  }

  /** How far the limit price of a row is from the best one of the side. */
  #distance(row: number): number {
    const price = this.limitPrice[row] ?? 0;
    return this.#falling ? this.#highest - price : price - this.#lowest;
  }

  /** Where the orders of each bucket begin. Returns how many are in the fullest. */
  #findPlaces(shift: number, buckets: number): number {
    const places = this.#places.fill(0, 0, buckets);
    for (let row = 0; row < this.count; ++row) {
      const bucket = this.#distance(row) >>> shift;
      places[bucket] = (places[bucket] ?? 0) + 1;
    }
    let sum = 0;
    let most = 0;
    for (let bucket = 0; bucket < buckets; ++bucket) {
      const here = places[bucket] ?? 0;
      places[bucket] = sum;
      sum += here;
      if (here > most) most = here;
    }
    return most;
  }

  #dealOut(shift: number): void {
    const { count, agent, energyWh, limitPrice } = this;
    const [sortedAgent, sortedEnergy, sortedPrice] = [this.#sortedAgent, this.#sortedEnergy, this.#sortedPrice];
    const places = this.#places;
    for (let row = 0; row < count; ++row) {
      const bucket = this.#distance(row) >>> shift;
      const place = places[bucket] ?? 0;
      places[bucket] = place + 1;
      sortedAgent[place] = agent[row] ?? 0;
      sortedEnergy[place] = energyWh[row] ?? 0;
      sortedPrice[place] = limitPrice[row] ?? 0;
    }
  }

  /** Puts the orders of each bucket in order, by insertion. */
  #straighten(): void {
    const [agent, energyWh, limitPrice] = [this.#sortedAgent, this.#sortedEnergy, this.#sortedPrice];
    const sign = this.#falling ? -1 : 1;
    for (let row = 1; row < this.count; ++row) {
      const price = limitPrice[row] ?? 0;
      if (sign * (price - (limitPrice[row - 1] ?? 0)) >= 0) continue;
      const [who, energy] = [agent[row] ?? 0, energyWh[row] ?? 0];
      let place = row;
      for (; place > 0 && sign * (price - (limitPrice[place - 1] ?? 0)) < 0; --place) {
        agent[place] = agent[place - 1] ?? 0;
        energyWh[place] = energyWh[place - 1] ?? 0;
        limitPrice[place] = limitPrice[place - 1] ?? 0;
      }
      agent[place] = who;
      energyWh[place] = energy;
      limitPrice[place] = price;
    }
  }

  /** The same order where nearly all prices are close together: price and row are sorted as one number below 2^53. */
  #sortPairs(): void {
    const { count } = this;
    const pairs = Float64Array.from({ length: count }, (_, row) => this.#distance(row) * count + row).sort();
    pairs.forEach((pair, place) => {
      const row = pair % count;
      this.#sortedAgent[place] = this.agent[row] ?? 0;
      this.#sortedEnergy[place] = this.energyWh[row] ?? 0;
      this.#sortedPrice[place] = this.limitPrice[row] ?? 0;
    });
  }
}

function bitsOf(value: number): number {
  return 32 - Math.clz32(value);
}

/** Sorts both sides, runs the market's auction and writes what each order trades. */
export function clearSides(rule: ClearingRule, bids: OrderSide, offers: OrderSide): AuctionResult {
  bids.sort();
  offers.sort();
  const result = runAuction(rule, bids, offers);
  fillSide(bids, result.bids, bids.fillsWh);
  fillSide(offers, result.offers, offers.fillsWh);
  return result;
}
