import type { GasFigures } from "./gas.ts";

/** What the running cost depends on; all given, none known to this project. */
export interface CostInputs {
  readonly l1GasGwei: number;
  readonly l2GasGwei: number;
  /** Price of the chain's token in euro. */
  readonly tokenEuro: number;
  /** Data fee of an OP-Stack L2, in gwei a byte of calldata as it is posted. */
  readonly l2DataGweiPerByte: number;
}

export interface CostPerHomeMonth {
  readonly inputs: CostInputs;
  readonly gas: number;
  readonly bytes: number;
  readonly l1Euro: number;
  readonly l2Euro: number;
}

const SLOTS_PER_MONTH = 30 * 96;
const BYTES_PER_ITEM = { order: 72, reading: 74 };

/** Running cost of a home that orders and is read in every slot, in batches of 100. */
export function costPerHomeMonth(gas: GasFigures, inputs: CostInputs): CostPerHomeMonth {
  const perSlot = (gas.clearPerOrder["100"] ?? 0) + (gas.settlePerReading["100"] ?? 0);
  const gasPerMonth = perSlot * SLOTS_PER_MONTH;
  const bytes = (BYTES_PER_ITEM.order + BYTES_PER_ITEM.reading) * SLOTS_PER_MONTH;
  const euro = (gwei: number): number => Math.round(gwei * 1e-9 * inputs.tokenEuro * 10_000) / 10_000;
  return {
    inputs,
    gas: gasPerMonth,
    bytes,
    l1Euro: euro(gasPerMonth * inputs.l1GasGwei),
    l2Euro: euro(gasPerMonth * inputs.l2GasGwei + bytes * inputs.l2DataGweiPerByte),
  };
}
