export { MAX_HORIZON } from "./checkHistory.ts";
export { seasonalNaive } from "./seasonalNaive.ts";
export type { FittedForecaster, Forecaster, History, SlotSeries, WeatherColumn } from "./types.ts";
