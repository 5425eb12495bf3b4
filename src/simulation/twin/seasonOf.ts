import { JouleworkError } from "../../errors.ts";
import { packRebatePrices, REBATE_LANES } from "../../game/seasonRewards.ts";
import type { Sample } from "./sample.ts";

/** As short as the contract allows: readings are proved at once. */
const CLAIM_SLOTS = 8;
/** Ticks per Wh, as the contract has it. */
const MOST_REBATE = 100_000;

/** What a chain has to be deployed with so that a sample's window is its first season. Throws `TWIN_REBATES_INVALID` where the contract would not take the scenario's rebates. */
export function seasonOf({ scenario, series: { firstSlot, slots } }: Sample): {
  readonly seasonStart: number;
  readonly seasonSlots: number;
  readonly claimSlots: number;
  readonly rebatePrices: bigint;
} {
  const { rebatePrices } = scenario.game;
  const sound = rebatePrices.every((price, tier) => price <= MOST_REBATE && price >= (rebatePrices[tier - 1] ?? 0));
  if (!sound || rebatePrices[0] !== 0) {
    throw new JouleworkError({
      code: "TWIN_REBATES_INVALID",
      what: "The contracts do not take the scenario's rebates, so it cannot be replayed",
      values: { rebatePrices: rebatePrices.join(", "), most: MOST_REBATE },
      hint: "Give game.rebatePrices that begin with zero, never fall and stay within the bound.",
    });
  }
  const lanes = Array.from({ length: REBATE_LANES }, (_, tier) => rebatePrices[tier] ?? rebatePrices.at(-1) ?? 0);
  return {
    ...{ seasonStart: firstSlot, seasonSlots: slots, claimSlots: CLAIM_SLOTS },
    rebatePrices: packRebatePrices(lanes),
  };
}
