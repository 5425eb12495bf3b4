import { beginLedger, type GridState, type SiteAccount } from "../../src/market/gridLeg.ts";
import { NO_FLAGS, type MeterWord } from "../../src/market/meterWord.ts";
import type { SlotPrices } from "../../src/market/settlement.ts";
import { meterWord } from "./helpers.ts";

export const ZONE = 1;
/** Slot whose reading is settled in most examples; the meter was last read for the one before. */
export const SLOT = 2000;

/** Prices of the examples: import 300,000 ticks per Wh = 0.30 credits a kWh, and so on. */
export const PRICES: SlotPrices = {
  importPrice: 300_000,
  exportPrice: 80_000,
  clearingPrice: 200_000,
  networkLocalPrice: 10_000,
  networkGridPrice: 40_000,
  levyPrice: 5_000,
};

/** A bonded prosumer of 1,024 Wh a slot with 1 credit, whose bond is exactly what is required. */
export function gridState(
  word: Partial<MeterWord> = {},
  site: Partial<SiteAccount> = {},
  others: { claimTicks?: bigint; headroomTicks?: bigint } = {},
): GridState {
  return {
    meter: {
      word: meterWord({
        zone: ZONE,
        lastSlot: SLOT - 1,
        powerClass: 32,
        flags: { ...NO_FLAGS, bonded: true },
        balanceTicks: 1_000_000_000n,
        ...word,
      }),
      kind: "prosumer",
      claimTicks: others.claimTicks ?? 0n,
    },
    site: { bondTicks: 500_000_000n, debtTicks: 0n, unbondingTicks: 0n, requiredTicks: 500_000_000n, ...site },
    ledger: beginLedger(others.headroomTicks ?? 10n ** 18n),
  };
}
