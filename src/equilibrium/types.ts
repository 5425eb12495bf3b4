/** Prices and charges of a slot, ticks per Wh, as `docs/economics.md` has them; the fee in ppm. */
export interface MarketPrices {
  readonly importPrice: number;
  readonly exportPrice: number;
  readonly feePpm: number;
  readonly networkLocalPrice: number;
  readonly networkGridPrice: number;
  readonly levyPrice: number;
  /** What a gap reading pays for import and gets for export. */
  readonly capPrice: number;
  readonly floorPrice: number;
}

/** Somebody who wants to trade in a slot; whatever differs from its honest order is a deviation. */
export interface Trader {
  readonly kind: string;
  readonly buys: boolean;
  /** What it can use or give in the slot, Wh. */
  readonly energyWh: number;
  /** The clearing price, ticks per Wh, at which it does not care whether it trades. */
  readonly value: number;
  /** Most energy of an order of its meter, Wh. */
  readonly limitWh: number;
}

/** An order of one meter of a trader. */
export interface PlacedOrder {
  readonly buys: boolean;
  readonly energyWh: number;
  readonly limitPrice: number;
  /** Energy that this meter can really use or give, Wh; what is filled beyond it is settled with the grid. */
  readonly behindWh: number;
}

/** A market of a slot, with the trader who may deviate and the one who may join it. */
export interface DrawnMarket {
  readonly traders: readonly Trader[];
  readonly focal: number;
  readonly partner: number;
}

/** Where markets are drawn from. */
export interface Population {
  readonly name: string;
  readonly prices: MarketPrices;
  /** Kinds of traders that a deviation can be measured for. */
  readonly kinds: readonly string[];
  /** A market of `size` traders whose focal one is of this kind, or of any; the same arguments give the same market. */
  readonly draw: (kind: string | undefined, size: number, seed: number) => DrawnMarket;
}
