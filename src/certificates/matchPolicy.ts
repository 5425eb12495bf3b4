import type { CertificateLot } from "./certificateId.ts";

/** As the contracts count: how near production must be to the consumption that it is matched with. */
export const MATCH_POLICY_CODES = { slot: 0, hour: 1, neighbour: 2 } as const;
export type MatchPolicy = keyof typeof MATCH_POLICY_CODES;

const SLOTS_PER_HOUR = 4;

/** Where and when energy was consumed. */
export interface Consumption {
  readonly zone: number;
  readonly slot: number;
}

/** Whether certificates may be matched with consumption under a policy. */
export function matchesPolicy(
  lot: Pick<CertificateLot, "zone" | "slot">,
  consumption: Consumption,
  policy: MatchPolicy,
  isNeighbour: (zone: number, neighbour: number) => boolean,
): boolean {
  const near = lot.zone === consumption.zone || (policy === "neighbour" && isNeighbour(consumption.zone, lot.zone));
  const hour = (slot: number) => Math.floor(slot / SLOTS_PER_HOUR);
  const together = policy === "slot" ? lot.slot === consumption.slot : hour(lot.slot) === hour(consumption.slot);
  return near && together;
}
