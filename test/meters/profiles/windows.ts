import { SLOT_SECONDS } from "../../../src/units.ts";

/** The market slot at an instant of universal time. */
export function slotAt(iso: string): number {
  return Math.floor(Date.parse(iso) / 1_000 / SLOT_SECONDS);
}

export function sum(values: ArrayLike<number>): number {
  return Array.from(values).reduce((total, value) => total + value, 0);
}
