import { JouleworkError } from "../errors.ts";

/** A bid buys, an offer sells. */
export type Side = "bid" | "offer";

/** The numbers that messages and events carry for a side; a lane of the meter word uses the same. */
export const SIDE_CODES: Readonly<Record<Side, number>> = { bid: 1, offer: 2 };

/** The number of a side in messages and words. */
export function sideCode(side: Side): number {
  return SIDE_CODES[side];
}

/** The side behind the number of a message or word. */
export function sideOf(code: number): Side {
  if (code === SIDE_CODES.bid) return "bid";
  if (code === SIDE_CODES.offer) return "offer";
  throw new JouleworkError({
    code: "SIDE_UNKNOWN",
    what: "The number names no side of the market",
    values: { side: code },
    hint: "Use 1 for a bid and 2 for an offer.",
  });
}
