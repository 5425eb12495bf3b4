import { JouleworkError } from "../errors.ts";
import type { Forecaster, History } from "./types.ts";

/** How far forecasts reach: a day. */
export const MAX_HORIZON = 96;

/** Throws where a forecaster has too little to go on. */
export function requireHistory(
  { name, leastHistory }: Pick<Forecaster, "name" | "leastHistory">,
  history: History,
): void {
  if (history.values.length >= leastHistory) return;
  throw new JouleworkError({
    code: "HISTORY_TOO_SHORT",
    what: "The history is too short for this forecaster",
    values: { forecaster: name, slots: history.values.length, needed: leastHistory },
    hint: "Wait until more slots are settled, or take the seasonal naive one, which needs a day.",
  });
}

export function requireHorizon(horizon: number): void {
  if (Number.isInteger(horizon) && horizon >= 1 && horizon <= MAX_HORIZON) return;
  throw new JouleworkError({
    code: "HORIZON_INVALID",
    what: "Forecasts do not reach that far",
    values: { horizon },
    hint: `Ask for 1 to ${MAX_HORIZON} slots.`,
  });
}
