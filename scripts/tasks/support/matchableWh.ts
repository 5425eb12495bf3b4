import { JouleworkError, type ErrorValue } from "../../../src/errors.ts";
import type { Evidence } from "./evidence.ts";

/**
 * The most that certificates can be matched with a reading: what of them is left, or what of the reading's import.
 *
 * @throws NOTHING_MATCHES
 */
export function matchableWh(
  { reading, usedWh }: Evidence,
  leftWh: number,
  values: Readonly<Record<string, ErrorValue>>,
): number {
  const { meter, slot, importWh } = reading.leaf;
  const amountWh = Math.min(leftWh, importWh - usedWh);
  if (amountWh > 0) return amountWh;
  throw new JouleworkError({
    code: "NOTHING_MATCHES",
    what: "Nothing is left to match: no certificates, or no import of the reading that is not used yet",
    values: { ...values, leftWh, meter, slot, importWh, usedWh },
    hint: "Name other certificates, or a reading with more import (joulework:meter shows what a slot has been used for).",
  });
}
