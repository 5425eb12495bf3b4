/** Whole numbers, one a market slot: Wh, ticks per Wh. */
export interface SlotSeries {
  /** Market slot of the first value: Unix time / 900. */
  readonly firstSlot: number;
  readonly values: ArrayLike<number>;
}

/**
 * Something about the weather that a forecaster may look at: what is known of a slot at the latest when it is forecast. It
 * has to cover the history and every slot to be forecast.
 */
export interface WeatherColumn extends SlotSeries {
  readonly name: string;
}

/** What has been seen so far. The slot after its last value is the first one to be forecast. */
export interface History extends SlotSeries {
  readonly weather?: readonly WeatherColumn[];
}

/** A way to forecast. Learning and forecasting are apart, so that what was learned once serves many slots. */
export interface Forecaster {
  readonly name: string;
  /** Slots that a history needs to be learned from, and forecast after. */
  readonly leastHistory: number;
  /** Learns from a history. Throws `HISTORY_TOO_SHORT` where it does not suffice. */
  fit(history: History): FittedForecaster;
}

export interface FittedForecaster {
  /**
   * The next `horizon` slots, 1 to 96, after a history: the one that it was fitted to, or a later one of the same series.
   * Whole numbers; not negative where what it was fitted to never was.
   */
  forecast(history: History, horizon: number): number[];
}
