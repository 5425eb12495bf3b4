import { JouleworkError } from "../errors.ts";

/** Fixed at deployment; slots. */
export interface SeasonClock {
  /** First slot of season 1. */
  readonly startSlot: number;
  readonly seasonSlots: number;
  readonly claimSlots: number;
}

export interface SeasonBounds {
  readonly firstSlot: number;
  readonly lastSlot: number;
  /** Readings are proved and seasons concluded until the end of this slot. */
  readonly claimsLastSlot: number;
}

/** First and last slot of a season, and the last one of its claim window. */
export function seasonBounds({ startSlot, seasonSlots, claimSlots }: SeasonClock, season: number): SeasonBounds {
  if (!Number.isSafeInteger(season) || season < 1) {
    throw new JouleworkError({
      code: "SEASON_INVALID",
      what: "There is no such season",
      values: { season },
      hint: "Seasons are numbered from 1.",
    });
  }
  const lastSlot = startSlot + season * seasonSlots - 1;
  return { firstSlot: lastSlot + 1 - seasonSlots, lastSlot, claimsLastSlot: lastSlot + claimSlots };
}

/** The season that a slot belongs to; 0 before the first. */
export function seasonAt({ startSlot, seasonSlots }: SeasonClock, slot: number): number {
  return slot < startSlot ? 0 : Math.floor((slot - startSlot) / seasonSlots) + 1;
}
