import { feeUp, slotCostTicks, type SimulatedPrices } from "../settle.ts";

/** What a slot costs a meter, kind by kind as the chain has them, in ticks; all are paid but `minted` and `proceeds`. */
export interface SlotParts {
  /** For bought energy, at clearing. */
  readonly purchase: number;
  readonly fee: number;
  /** For sold energy. */
  readonly proceeds: number;
  /** To and from the grid at the backstop prices, and what undelivered energy costs on top. */
  readonly burned: number;
  readonly minted: number;
  readonly network: number;
  readonly levy: number;
}

const NOTHING: Omit<SimulatedPrices, "clearingPrice"> = {
  ...{ importPrice: 0, exportPrice: 0, feePpm: 0 },
  ...{ networkLocalPrice: 0, networkGridPrice: 0, levyPrice: 0 },
};

/** The simulator's cost of a slot taken apart: it is linear in the prices, so that with all others at zero it is the part of one. */
export function slotParts(netWh: number, positionWh: number, prices: SimulatedPrices): SlotParts {
  const partOf = (kept: Partial<SimulatedPrices>, position = positionWh): number =>
    slotCostTicks(netWh, position, { ...NOTHING, clearingPrice: 0, ...kept });
  const { clearingPrice, importPrice, exportPrice, networkLocalPrice, networkGridPrice, levyPrice, feePpm } = prices;
  const traded = partOf({ clearingPrice });
  const network = { networkLocalPrice, networkGridPrice };
  const charged = partOf(network);
  // A seller's own charge is that of a meter which did not trade; the rest of it is for energy that it did not deliver.
  const networkTicks = positionWh < 0 ? partOf(network, 0) : charged;
  return {
    purchase: Math.max(0, traded),
    fee: positionWh > 0 ? feeUp(traded, feePpm) : 0,
    proceeds: Math.max(0, -traded),
    burned: partOf({ importPrice }) + charged - networkTicks,
    minted: Math.abs(partOf({ exportPrice })),
    network: networkTicks,
    levy: partOf({ levyPrice }),
  };
}
