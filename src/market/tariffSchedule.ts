import type { Tariff, ZoneLimits, ZoneTerms } from "./tariff.ts";
import {
  DAY_SLOTS,
  expectedScarcity,
  LATEST_SLOTS,
  nextReference,
  pricesAround,
  REACH_SLOTS,
  type SlotFigures,
} from "./tariffRule.ts";
import { RECORD_RING_SLOTS } from "./timeline.ts";

/** How far a zone's prices are fixed. */
export interface TariffState {
  readonly through: number;
  /** Of that slot. */
  readonly referencePrice: number;
}

/** A slot's prices as they are fixed and published. */
export interface FixedTariff extends Tariff {
  readonly slot: number;
  readonly referencePrice: number;
  readonly scarcityPpm: number;
  /** Queued energy that counted. */
  readonly queuedWh: number;
  /** The contract announces the price; long runs of slots without figures are skipped but for the last 128. */
  readonly announced: boolean;
}

/** Everything that prices are a function of. */
export interface TariffSources {
  readonly limits: ZoneLimits;
  termsAt(slot: number): ZoneTerms;
  /** Undefined where no reading of the slot was in time. */
  figuresOf(slot: number): SlotFigures | undefined;
  /** What the energy queue answers; zero where there is none. */
  queuedWh(slot: number): number;
  /** The newest slot that anybody touched. */
  readonly newestSlot: number;
}

/** A zone starts at the base price of its first terms. */
export function firstTariffState(createdSlot: number, terms: ZoneTerms): TariffState {
  return { through: createdSlot - 1, referencePrice: Math.floor((terms.importPrice + terms.exportPrice) / 2) };
}

/** Fixes the prices of every slot up to `through`, one after the other. */
export function fixTariffs(
  { through: fixedThrough, referencePrice }: TariffState,
  through: number,
  sources: TariffSources,
): { readonly state: TariffState; readonly fixed: readonly FixedTariff[] } {
  const fixed: FixedTariff[] = [];
  let reference = referencePrice;
  for (let slot = fixedThrough + 1; slot <= through; ++slot) {
    const terms = sources.termsAt(slot);
    const yesterday = slot > REACH_SLOTS ? sources.figuresOf(slot - DAY_SLOTS) : undefined;
    const scarcity = expectedScarcity({
      yesterday,
      latest: sources.figuresOf(slot - LATEST_SLOTS),
      beforeLatest: sources.figuresOf(slot - REACH_SLOTS),
      queuedWh: yesterday === undefined ? 0 : sources.queuedWh(slot),
    });
    reference = nextReference(reference, sources.limits, terms, scarcity);
    const skipped = slot > sources.newestSlot + DAY_SLOTS && slot <= through - RECORD_RING_SLOTS;
    fixed.push({
      slot,
      referencePrice: reference,
      ...pricesAround(reference, terms),
      scarcityPpm: scarcity?.scarcityPpm ?? 0,
      queuedWh: scarcity?.queuedWh ?? 0,
      announced: !skipped,
    });
  }
  return { state: { through: Math.max(through, fixedThrough), referencePrice: reference }, fixed };
}
