import { runAuction, fillSide, type AuctionResult, type ClearingRule, type OrderColumns } from "../market/clearing.ts";

const DIGIT_BITS = 9;
const BUCKETS = 1 << DIGIT_BITS;
/** A price has 24 bits; those of one slot lie within its band and differ in fewer. */
const MOST_DIGITS = 3;
const HIGHEST = 0xffffff;

/** One side of a book that is filled and sorted again every slot, without allocating. */
export class OrderSide implements OrderColumns {
  count = 0;
  agent: Int32Array;
  energyWh: Int32Array;
  limitPrice: Int32Array;
  /** Orders sort by this, upwards. */
  #key: Int32Array;
  #order: Int32Array;
  #spare: Int32Array;
  #sortedAgent: Int32Array;
  #sortedEnergy: Int32Array;
  #sortedPrice: Int32Array;
  readonly fillsWh: Int32Array;
  readonly #falling: boolean;
  readonly #places = new Int32Array(MOST_DIGITS * BUCKETS);
  #leastKey = HIGHEST;
  #mostKey = 0;

  constructor(capacity: number, falling: boolean) {
    const column = (): Int32Array => new Int32Array(capacity);
    this.agent = column();
    this.energyWh = column();
    this.limitPrice = column();
    this.#key = column();
    this.#order = column();
    this.#spare = column();
    this.#sortedAgent = column();
    this.#sortedEnergy = column();
    this.#sortedPrice = column();
    this.fillsWh = column();
    this.#falling = falling;
  }

  clear(): void {
    this.count = 0;
    this.#leastKey = HIGHEST;
    this.#mostKey = 0;
  }

  add(agent: number, energyWh: number, limitPrice: number): void {
    const row = this.count++;
    this.agent[row] = agent;
    this.energyWh[row] = energyWh;
    this.limitPrice[row] = limitPrice;
    const key = this.#falling ? HIGHEST - limitPrice : limitPrice;
    this.#key[row] = key;
    if (key < this.#leastKey) this.#leastKey = key;
    if (key > this.#mostKey) this.#mostKey = key;
  }

  /** Strict order: by price, then in the order of adding (the chain takes the order's hash instead). Radix, least digit first. */
  sort(): void {
    const { count } = this;
    const keys = this.#key;
    const least = this.#leastKey;
    // Digits above those in which keys differ would leave the order as it is.
    const digits = Math.ceil((32 - Math.clz32(Math.max(0, this.#mostKey - least))) / DIGIT_BITS);
    let order = this.#order;
    let spare = this.#spare;
    for (let row = 0; row < count; ++row) order[row] = row;
    // How many keys have each digit, of all digits in one pass.
    const places = this.#places.fill(0);
    for (let row = 0; row < count; ++row) {
      const key = (keys[row] ?? 0) - least;
      for (let digit = 0; digit < digits; ++digit) {
        const bucket = digit * BUCKETS + ((key >>> (digit * DIGIT_BITS)) & (BUCKETS - 1));
        places[bucket] = (places[bucket] ?? 0) + 1;
      }
    }
    for (let digit = 0; digit < digits; ++digit) {
      const first = digit * BUCKETS;
      let sum = 0;
      for (let bucket = first; bucket < first + BUCKETS; ++bucket) {
        const here = places[bucket] ?? 0;
        places[bucket] = sum;
        sum += here;
      }
      for (let place = 0; place < count; ++place) {
        const row = order[place] ?? 0;
        const bucket = first + ((((keys[row] ?? 0) - least) >>> (digit * DIGIT_BITS)) & (BUCKETS - 1));
        const to = places[bucket] ?? 0;
        places[bucket] = to + 1;
        spare[to] = row;
      }
      [order, spare] = [spare, order];
    }
    this.#gather(order);
  }

  #gather(order: Int32Array): void {
    const [agent, energyWh, limitPrice] = [this.#sortedAgent, this.#sortedEnergy, this.#sortedPrice];
    for (let place = 0; place < this.count; ++place) {
      const row = order[place] ?? 0;
      agent[place] = this.agent[row] ?? 0;
      energyWh[place] = this.energyWh[row] ?? 0;
      limitPrice[place] = this.limitPrice[row] ?? 0;
    }
    [this.agent, this.#sortedAgent] = [agent, this.agent];
    [this.energyWh, this.#sortedEnergy] = [energyWh, this.energyWh];
    [this.limitPrice, this.#sortedPrice] = [limitPrice, this.limitPrice];
  }
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
