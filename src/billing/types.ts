/** What a meter, or a whole site, took, gave, traded and owes. Energies in Wh, money in ticks, amounts never negative. */
export interface BillAmounts {
  /** Metered energy. */
  readonly importWh: number;
  readonly exportWh: number;
  /** Traded in the auction, at the clearing prices. */
  readonly boughtWh: number;
  readonly boughtTicks: bigint;
  readonly soldWh: number;
  readonly soldTicks: bigint;
  /** Imbalance with the grid: short = took more or gave less than traded, long = the opposite. */
  readonly shortWh: number;
  readonly shortTicks: bigint;
  readonly longWh: number;
  readonly longTicks: bigint;
  readonly feeTicks: bigint;
  readonly networkTicks: bigint;
  readonly levyTicks: bigint;
  /** Orders placed on chain (locked, given back, charged) and corrected readings. Positive = in favour of the site. */
  readonly otherTicks: bigint;
  /** Sold and long, less bought, short and charges, and other. Positive = in favour of the site. */
  readonly totalTicks: bigint;
  /** Of the long energy's value: not paid yet, waits as a claim. */
  readonly claimTicks: bigint;
  /** Of the short energy's value: taken from the site's bond, or left as its debt. */
  readonly bondTicks: bigint;
  readonly debtTicks: bigint;
  /** Earnings that went to older debt. */
  readonly repaidTicks: bigint;
  /** What the meters' words say: the balance moved by this. */
  readonly balanceChangeTicks: bigint;
}

export interface BillLine extends BillAmounts {
  readonly meter: string;
}

/** A site's statement for a run of slots. */
export interface Bill {
  readonly site: number;
  readonly zone: number;
  readonly owner: string;
  readonly fromSlot: number;
  /** The last slot, included. */
  readonly toSlot: number;
  readonly lines: readonly BillLine[];
  readonly total: BillAmounts;
  /** Positions of these slots that wait for their reading or for closing: their sales are not in the statement yet. */
  readonly openPositions: number;
}
