import type { ZoneLimits, ZoneTerms } from "../market/tariff.ts";
import { firstTariffState } from "../market/tariffSchedule.ts";
import {
  DAY_SLOTS,
  expectedScarcity,
  LATEST_SLOTS,
  nextReference,
  pricesAround,
  REACH_SLOTS,
  type SlotFigures,
} from "../market/tariffRule.ts";

const NOTHING_FLOWED = { importWh: 0, exportWh: 0 };

/** What a zone's prices may go by beside its terms. */
export interface KnownTariff {
  /** What flowed in the day before the window. */
  readonly dayBefore?: readonly SlotFigures[] | undefined;
  /** The contract's where absent. */
  readonly stepDivisor?: number;
}

/** A zone's prices as they follow from what was metered: the rule of the chain over arrays of the simulated window. */
export class ZoneTariff {
  importPrice = 0;
  exportPrice = 0;
  scarcityPpm = 0;
  #reference: number;
  readonly #limits: ZoneLimits;
  readonly #terms: ZoneTerms;
  readonly #importWh: Float64Array;
  readonly #exportWh: Float64Array;
  readonly #dayBefore: readonly SlotFigures[];
  readonly #stepDivisor: number | undefined;

  constructor(limits: ZoneLimits, terms: ZoneTerms, slots: number, known: KnownTariff = {}) {
    this.#dayBefore = known.dayBefore ?? [];
    this.#stepDivisor = known.stepDivisor;
    this.#limits = limits;
    this.#terms = terms;
    this.#importWh = new Float64Array(slots);
    this.#exportWh = new Float64Array(slots);
    this.#reference = firstTariffState(0, terms).referencePrice;
  }

  /** Prices of the slot at this place of the window; `queuedWh` waited when its gate opened. */
  fix(place: number, queuedWh: number): void {
    const scarcity = expectedScarcity({
      yesterday: this.#figures(place - DAY_SLOTS),
      latest: this.#figures(place - LATEST_SLOTS),
      beforeLatest: this.#figures(place - REACH_SLOTS),
      queuedWh,
    });
    this.#reference = nextReference(this.#reference, this.#limits, this.#terms, scarcity, this.#stepDivisor);
    const { importPrice, exportPrice } = pricesAround(this.#reference, this.#terms);
    this.importPrice = importPrice;
    this.exportPrice = exportPrice;
    this.scarcityPpm = scarcity?.scarcityPpm ?? 0;
  }

  record(place: number, importWh: number, exportWh: number): void {
    this.#importWh[place] = importWh;
    this.#exportWh[place] = exportWh;
  }

  #figures(place: number): { importWh: number; exportWh: number } | undefined {
    // Meters are read for the first time in the slot before the window, without energy: only then may they trade.
    if (place < 0) return this.#dayBefore[place + DAY_SLOTS] ?? (place === -1 ? NOTHING_FLOWED : undefined);
    return { importWh: this.#importWh[place] ?? 0, exportWh: this.#exportWh[place] ?? 0 };
  }
}
