import { JouleworkError } from "../errors.ts";

/**
 * The uniform-price double auction in one walk over bids by falling and offers by rising limit price; the contract
 * `UniformPriceAuction` is the same in Solidity.
 *
 * The crossing matches watt-hour after watt-hour while the bid at hand is not below the offer at hand; its last matched
 * pair of orders is the marginal pair.
 */
export type ClearingRule = "midpoint" | "sbba";

/** What the auction needs to know of an order. */
export interface AuctionOrder {
  readonly energyWh: number;
  readonly limitPrice: number;
}

/** One side of a book, a column a field, in strict order; only the first `count` rows count. */
export interface OrderColumns {
  readonly count: number;
  readonly energyWh: ArrayLike<number>;
  readonly limitPrice: ArrayLike<number>;
}

/**
 * How much of a side trades: rows before `groupStart` in full, rows in [groupStart, groupEnd) share `groupVolumeWh` of
 * their `groupEnergyWh`, later ones nothing.
 */
export interface TradedSide {
  readonly groupStart: number;
  readonly groupEnd: number;
  readonly groupEnergyWh: number;
  readonly groupVolumeWh: number;
}

export interface AuctionResult {
  /** Ticks per Wh; zero where nothing trades. */
  readonly price: number;
  readonly volumeWh: number;
  readonly bids: TradedSide;
  readonly offers: TradedSide;
}

export interface BookClearing {
  readonly price: number;
  readonly volumeWh: number;
  /** What each order trades, in the order given. */
  readonly bidFillsWh: number[];
  readonly offerFillsWh: number[];
}

/** Orders carry energies and limit prices below 2^24. */
export const MAX_ORDER_FIELD = 0xffffff;

const NOTHING: TradedSide = { groupStart: 0, groupEnd: 0, groupEnergyWh: 0, groupVolumeWh: 0 };
const NO_TRADE: AuctionResult = { price: 0, volumeWh: 0, bids: NOTHING, offers: NOTHING };

/** Clears a book whose sides are in strict order, after checking both. */
export function clearBook(
  rule: ClearingRule,
  bids: readonly AuctionOrder[],
  offers: readonly AuctionOrder[],
): BookClearing {
  const bidColumns = columnsOf("bid", bids);
  const offerColumns = columnsOf("offer", offers);
  const result = runAuction(rule, bidColumns, offerColumns);
  const bidFillsWh = new Array<number>(bids.length).fill(0);
  const offerFillsWh = new Array<number>(offers.length).fill(0);
  fillSide(bidColumns, result.bids, bidFillsWh);
  fillSide(offerColumns, result.offers, offerFillsWh);
  return { price: result.price, volumeWh: result.volumeWh, bidFillsWh, offerFillsWh };
}

/**
 * The auction itself on columns, which it trusts: positive energies, strict order, sums below 2^53. It allocates
 * nothing but its result, so that a simulation can call it once a slot.
 */
export function runAuction(rule: ClearingRule, bids: OrderColumns, offers: OrderColumns): AuctionResult {
  if (bids.count === 0 || offers.count === 0) return NO_TRADE;
  let volumeWh = 0;
  let lastBid = 0;
  let lastOffer = 0;
  let bid = 0;
  let offer = 0;
  let bidLeft = at(bids.energyWh, 0);
  let offerLeft = at(offers.energyWh, 0);
  while (at(bids.limitPrice, bid) >= at(offers.limitPrice, offer)) {
    lastBid = bid;
    lastOffer = offer;
    const matched = Math.min(bidLeft, offerLeft);
    volumeWh += matched;
    bidLeft -= matched;
    offerLeft -= matched;
    if (bidLeft === 0) {
      if (++bid === bids.count) break;
      bidLeft = at(bids.energyWh, bid);
    }
    if (offerLeft === 0) {
      if (++offer === offers.count) break;
      offerLeft = at(offers.energyWh, offer);
    }
  }
  if (volumeWh === 0) return NO_TRADE;

  const bidPrice = at(bids.limitPrice, lastBid);
  if (rule === "midpoint") {
    return {
      price: Math.floor((bidPrice + at(offers.limitPrice, lastOffer)) / 2),
      volumeWh,
      bids: marginalGroup(bids, lastBid, volumeWh),
      offers: marginalGroup(offers, lastOffer, volumeWh),
    };
  }
  const next = lastOffer + 1;
  const nextSets = next < offers.count && at(offers.limitPrice, next) <= bidPrice;
  const buying = prefix(bids, nextSets ? lastBid + 1 : lastBid);
  if (buying.groupVolumeWh === 0) return NO_TRADE;
  const selling = prefix(offers, next);
  return {
    price: nextSets ? at(offers.limitPrice, next) : bidPrice,
    volumeWh: buying.groupVolumeWh,
    bids: buying,
    offers: { ...selling, groupVolumeWh: buying.groupVolumeWh },
  };
}

/** Writes what each order of a side trades to `fillsWh`; rationing is by cumulative floor, so no watt-hour is lost. */
export function fillSide(orders: OrderColumns, side: TradedSide, fillsWh: Record<number, number>): void {
  const { groupStart, groupEnd, groupVolumeWh, groupEnergyWh } = side;
  for (let row = 0; row < groupStart; ++row) fillsWh[row] = at(orders.energyWh, row);
  let before = 0;
  let shared = 0;
  for (let row = groupStart; row < groupEnd; ++row) {
    before += at(orders.energyWh, row);
    const through = floorShare(before, groupVolumeWh, groupEnergyWh);
    fillsWh[row] = through - shared;
    shared = through;
  }
  for (let row = groupEnd; row < orders.count; ++row) fillsWh[row] = 0;
}

/** floor(part * volume / whole), exactly. */
function floorShare(part: number, volume: number, whole: number): number {
  if (volume === whole) return part;
  const product = part * volume;
  // A quotient of whole numbers below 2^53 lies further from the next whole number than division can round.
  if (product <= Number.MAX_SAFE_INTEGER) return Math.floor(product / whole);
  return Number((BigInt(part) * BigInt(volume)) / BigInt(whole));
}

/** Orders with the limit price of the marginal one share what the better ones leave of the volume. */
function marginalGroup(orders: OrderColumns, marginal: number, volumeWh: number): TradedSide {
  const price = at(orders.limitPrice, marginal);
  let better = 0;
  let row = 0;
  for (; at(orders.limitPrice, row) !== price; ++row) better += at(orders.energyWh, row);
  const groupStart = row;
  let groupEnergyWh = 0;
  for (; row < orders.count && at(orders.limitPrice, row) === price; ++row) groupEnergyWh += at(orders.energyWh, row);
  return { groupStart, groupEnd: row, groupEnergyWh, groupVolumeWh: volumeWh - better };
}

/** The first `count` orders, all of them in full. */
function prefix(orders: OrderColumns, count: number): TradedSide {
  let energyWh = 0;
  for (let row = 0; row < count; ++row) energyWh += at(orders.energyWh, row);
  return { groupStart: 0, groupEnd: count, groupEnergyWh: energyWh, groupVolumeWh: energyWh };
}

// Every caller's row is below the count; the fallback only satisfies the type.
function at(values: ArrayLike<number>, row: number): number {
  return values[row] ?? 0;
}

function columnsOf(side: "bid" | "offer", orders: readonly AuctionOrder[]): OrderColumns {
  const energyWh = new Float64Array(orders.length);
  const limitPrice = new Float64Array(orders.length);
  let last = side === "bid" ? Infinity : -Infinity;
  orders.forEach((order, row) => {
    checkOrder(side, row, order);
    if (side === "bid" ? order.limitPrice > last : order.limitPrice < last) {
      throw new JouleworkError({
        code: "BOOK_UNSORTED",
        what: `The ${side}s are not in strict order`,
        values: { side, row, limitPrice: order.limitPrice, before: last },
        hint: "Sort bids by falling and offers by rising limit price, ties by order hash.",
      });
    }
    last = order.limitPrice;
    energyWh[row] = order.energyWh;
    limitPrice[row] = order.limitPrice;
  });
  return { count: orders.length, energyWh, limitPrice };
}

function checkOrder(side: "bid" | "offer", row: number, { energyWh, limitPrice }: AuctionOrder): void {
  const energyFits = Number.isInteger(energyWh) && energyWh > 0 && energyWh <= MAX_ORDER_FIELD;
  const priceFits = Number.isInteger(limitPrice) && limitPrice >= 0 && limitPrice <= MAX_ORDER_FIELD;
  if (energyFits && priceFits) return;
  throw new JouleworkError({
    code: energyFits ? "ORDER_PRICE_INVALID" : "ORDER_ENERGY_INVALID",
    what: `The ${side} has no valid ${energyFits ? "limit price" : "energy"}`,
    values: { side, row, energyWh, limitPrice },
    hint: `Give whole watt-hours from 1 and whole ticks per Wh from 0, both up to ${MAX_ORDER_FIELD}.`,
  });
}
