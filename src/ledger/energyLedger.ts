import { slotBalances, totalsOf, type Potential } from "./balance.ts";
import type { BalanceTotals, LedgerInput, SlotBalance } from "./types.ts";
import { withoutMarket } from "./withoutMarket.ts";

/** A meter whose readings do not add up to what its registers rose by. */
export interface RegisterDifference {
  readonly meter: string;
  readonly registersWh: { readonly importWh: number; readonly exportWh: number };
  readonly readingsWh: { readonly importWh: number; readonly exportWh: number };
}

export interface EnergyLedger {
  readonly rows: readonly SlotBalance[];
  /** Rows whose line loss is unknown, because something was not read in time. */
  readonly incomplete: number;
  readonly totals: BalanceTotals;
  readonly zones: readonly (BalanceTotals & { readonly zone: number })[];
  /** Energy of gap readings of all meters but feeders, which belongs to no slot. */
  readonly gap: { readonly readings: number; readonly importWh: number; readonly exportWh: number };
  readonly differences: readonly RegisterDifference[];
  /** Slots in which the meters gave more than the feeder and they can have: less than nothing was lost. */
  readonly negativeLosses: number;
  readonly withoutMarket: BalanceTotals;
  /** What the incentives saved: less import, less line loss, more local use; negative where they cost. */
  readonly saved: { readonly importWh: number; readonly lineLossWh: number; readonly localWh: number };
}

/** First and second law of a community, from readings alone. */
export function energyLedger(input: LedgerInput, potential?: Potential): EnergyLedger {
  const rows = slotBalances(input, potential);
  const totals = totalsOf(rows);
  const plain = totalsOf(withoutMarket(rows, input));
  const zones = [...new Set(rows.map(({ zone }) => zone))];
  const feeders = new Set(input.meters.filter(({ role }) => role === "feeder").map(({ meter }) => meter));
  const gaps = input.readings.filter(({ gap, meter }) => gap && !feeders.has(meter));
  return {
    rows,
    incomplete: rows.filter(({ complete }) => !complete).length,
    totals,
    zones: zones.map((zone) => ({ zone, ...totalsOf(rows.filter((row) => row.zone === zone)) })),
    gap: {
      readings: gaps.length,
      importWh: gaps.reduce((sum, { importWh }) => sum + importWh, 0),
      exportWh: gaps.reduce((sum, { exportWh }) => sum + exportWh, 0),
    },
    differences: registerDifferences(input),
    negativeLosses: rows.filter(({ lineLossWh }) => lineLossWh !== null && lineLossWh < 0).length,
    withoutMarket: plain,
    saved: {
      importWh: plain.importWh - totals.importWh,
      lineLossWh: plain.lineLossWh - totals.lineLossWh,
      localWh: totals.localWh - plain.localWh,
    },
  };
}

/** Each metered Wh is in the ledger once: a meter's readings, gaps included, are what its registers rose by. */
function registerDifferences({ meters, readings }: LedgerInput): RegisterDifference[] {
  const sums = new Map(meters.map(({ meter }) => [meter, { importWh: 0, exportWh: 0 }]));
  for (const { meter, importWh, exportWh } of readings) {
    const sum = sums.get(meter);
    if (sum === undefined) continue;
    sum.importWh += importWh;
    sum.exportWh += exportWh;
  }
  return meters.flatMap(({ meter, importWh, exportWh }) => {
    const readingsWh = sums.get(meter) ?? { importWh: 0, exportWh: 0 };
    if (readingsWh.importWh === importWh && readingsWh.exportWh === exportWh) return [];
    return [{ meter, registersWh: { importWh, exportWh }, readingsWh }];
  });
}
