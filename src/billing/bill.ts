import type { ExchangeEvent } from "../chain/exchange.ts";
import { JouleworkError } from "../errors.ts";
import { addAmounts, closeAmounts, noAmounts } from "./amounts.ts";
import { readSite } from "./readSite.ts";
import type { Bill, BillLine } from "./types.ts";

export interface BillParameters {
  /** Every event of the exchange from its deployment on, in the chain's order. */
  readonly events: readonly ExchangeEvent[];
  readonly site: number;
  readonly fromSlot: number;
  /** The last slot, included. */
  readonly toSlot: number;
}

/** A site's statement for a run of slots, from events alone. What a slot's meter paid and got is on the slot's line. */
export function computeBill({ events, site, fromSlot, toSlot }: BillParameters): Bill {
  if (fromSlot > toSlot) {
    throw new JouleworkError({
      code: "BILL_PERIOD_INVALID",
      what: "The period ends before it begins",
      values: { fromSlot, toSlot },
      hint: "Give the first slot and then the last, which is included.",
    });
  }
  const { zone, owner, meters } = readSite(events, site);
  const sum = noAmounts();
  let openPositions = 0;
  const lines: BillLine[] = [];
  for (const { meter, slots, positions } of meters) {
    const amounts = noAmounts();
    for (const [slot, part] of slots) if (slot >= fromSlot && slot <= toSlot) addAmounts(amounts, part);
    for (const slot of positions.keys()) if (slot >= fromSlot && slot <= toSlot) ++openPositions;
    lines.push({ meter, ...closeAmounts(amounts, meter) });
    addAmounts(sum, amounts);
  }
  return { site, zone, owner, fromSlot, toSlot, lines, total: closeAmounts(sum, "total"), openPositions };
}
