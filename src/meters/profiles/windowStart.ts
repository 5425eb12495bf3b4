import { JouleworkError } from "../../errors.ts";
import { SLOT_SECONDS } from "../../units.ts";

/** The market slot that starts at this moment; refuses a moment inside a slot or outside the range of slots. */
export function windowStart(start: Date): number {
  const slot = start.getTime() / 1_000 / SLOT_SECONDS;
  if (Number.isInteger(slot) && slot >= 0 && slot < 2 ** 24) return slot;
  throw new JouleworkError({
    code: "PROFILE_START_INVALID",
    what: "The requested start is not the start of a market slot",
    values: { start: Number.isNaN(start.getTime()) ? String(start) : start.toISOString() },
    hint: "Give a moment since 1970 on a quarter hour of universal time.",
  });
}
