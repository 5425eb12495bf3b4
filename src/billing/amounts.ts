import { JouleworkError } from "../errors.ts";
import type { BillAmounts } from "./types.ts";

/** Amounts that are being summed up. */
export type OpenAmounts = { -readonly [Field in Exclude<keyof BillAmounts, "totalTicks">]: BillAmounts[Field] };

export function noAmounts(): OpenAmounts {
  return {
    importWh: 0,
    exportWh: 0,
    boughtWh: 0,
    boughtTicks: 0n,
    soldWh: 0,
    soldTicks: 0n,
    shortWh: 0,
    shortTicks: 0n,
    longWh: 0,
    longTicks: 0n,
    feeTicks: 0n,
    networkTicks: 0n,
    levyTicks: 0n,
    otherTicks: 0n,
    claimTicks: 0n,
    bondTicks: 0n,
    debtTicks: 0n,
    repaidTicks: 0n,
    balanceChangeTicks: 0n,
  };
}

/** Field by field. */
export function addAmounts(sum: OpenAmounts, part: OpenAmounts): void {
  sum.importWh += part.importWh;
  sum.exportWh += part.exportWh;
  sum.boughtWh += part.boughtWh;
  sum.boughtTicks += part.boughtTicks;
  sum.soldWh += part.soldWh;
  sum.soldTicks += part.soldTicks;
  sum.shortWh += part.shortWh;
  sum.shortTicks += part.shortTicks;
  sum.longWh += part.longWh;
  sum.longTicks += part.longTicks;
  sum.feeTicks += part.feeTicks;
  sum.networkTicks += part.networkTicks;
  sum.levyTicks += part.levyTicks;
  sum.otherTicks += part.otherTicks;
  sum.claimTicks += part.claimTicks;
  sum.bondTicks += part.bondTicks;
  sum.debtTicks += part.debtTicks;
  sum.repaidTicks += part.repaidTicks;
  sum.balanceChangeTicks += part.balanceChangeTicks;
}

/** The total, after it was held against what the balance really did. */
export function closeAmounts(open: OpenAmounts, meter: string): BillAmounts {
  const earned = open.soldTicks + open.longTicks + open.otherTicks;
  const owed = open.boughtTicks + open.shortTicks + open.feeTicks + open.networkTicks + open.levyTicks;
  const totalTicks = earned - owed;
  const expected = totalTicks - open.claimTicks + open.bondTicks + open.debtTicks - open.repaidTicks;
  if (expected !== open.balanceChangeTicks) {
    throw new JouleworkError({
      code: "BILL_DOES_NOT_BALANCE",
      what: "The lines of the bill do not add up to what the meter's balance did",
      values: { meter, lines: expected, balance: open.balanceChangeTicks },
      hint: "Events are missing or belong to another exchange: read them from the deployment's first block on.",
    });
  }
  return { ...open, totalTicks };
}
