import { packRebatePrices, REBATE_LANES } from "../../game/seasonRewards.ts";
import type { Sample } from "./sample.ts";

/** As short as the contract allows: readings are proved at once. */
const CLAIM_SLOTS = 8;

/** What a chain has to be deployed with so that a sample's window is its first season. */
export function seasonOf({ scenario, series: { firstSlot, slots } }: Sample): {
  readonly seasonStart: number;
  readonly seasonSlots: number;
  readonly claimSlots: number;
  readonly rebatePrices: bigint;
} {
  const { rebatePrices } = scenario.game;
  const lanes = Array.from({ length: REBATE_LANES }, (_, tier) => rebatePrices[tier] ?? rebatePrices.at(-1) ?? 0);
  return {
    ...{ seasonStart: firstSlot, seasonSlots: slots, claimSlots: CLAIM_SLOTS },
    rebatePrices: packRebatePrices(lanes),
  };
}
