/** An order as one would write it without a thought for speed. */
export interface PlainOrder {
  readonly agent: number;
  readonly energyWh: bigint;
  readonly limitPrice: bigint;
}

export interface PlainFill {
  readonly agent: number;
  readonly filledWh: bigint;
}

/**
 * A uniform-price auction at the midpoint of the marginal pair over objects and big integers, sorted anew: what the
 * simulator's columns are measured against. Its fills are those of the market's auction, ties in the order of agents.
 */
export function plainAuction(
  bids: readonly PlainOrder[],
  offers: readonly PlainOrder[],
): { readonly price: bigint; readonly fills: PlainFill[] } {
  const buying = [...bids].sort((a, b) => Number(b.limitPrice - a.limitPrice) || a.agent - b.agent);
  const selling = [...offers].sort((a, b) => Number(a.limitPrice - b.limitPrice) || a.agent - b.agent);
  let [bid, offer, volumeWh] = [0, 0, 0n];
  let marginal: readonly [PlainOrder, PlainOrder] | undefined;
  let bidLeft = buying[0]?.energyWh ?? 0n;
  let offerLeft = selling[0]?.energyWh ?? 0n;
  for (;;) {
    const buyer = buying[bid];
    const seller = selling[offer];
    if (buyer === undefined || seller === undefined || buyer.limitPrice < seller.limitPrice) break;
    marginal = [buyer, seller];
    const matched = bidLeft < offerLeft ? bidLeft : offerLeft;
    volumeWh += matched;
    bidLeft -= matched;
    offerLeft -= matched;
    if (bidLeft === 0n) bidLeft = buying[++bid]?.energyWh ?? 0n;
    if (offerLeft === 0n) offerLeft = selling[++offer]?.energyWh ?? 0n;
  }
  if (marginal === undefined) return { price: 0n, fills: [] };
  const [lastBid, lastOffer] = marginal;
  return {
    price: (lastBid.limitPrice + lastOffer.limitPrice) / 2n,
    fills: [...fillsOf(buying, lastBid.limitPrice, volumeWh), ...fillsOf(selling, lastOffer.limitPrice, volumeWh)],
  };
}

/** Orders before the marginal price in full; those at it share what is left, by cumulative floor. */
function fillsOf(orders: readonly PlainOrder[], marginalPrice: bigint, volumeWh: bigint): PlainFill[] {
  const start = orders.findIndex(({ limitPrice }) => limitPrice === marginalPrice);
  const better = orders.slice(0, start);
  const group = orders.slice(start).filter(({ limitPrice }) => limitPrice === marginalPrice);
  const left = better.reduce((rest, { energyWh }) => rest - energyWh, volumeWh);
  const whole = group.reduce((sum, { energyWh }) => sum + energyWh, 0n);
  let before = 0n;
  const shared = group.map(({ agent, energyWh }) => {
    const from = (before * left) / whole;
    before += energyWh;
    return { agent, filledWh: (before * left) / whole - from };
  });
  return [...better.map(({ agent, energyWh }) => ({ agent, filledWh: energyWh })), ...shared];
}
