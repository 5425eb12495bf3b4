import { setImmediate } from "node:timers/promises";
import { chooseForecaster } from "./chooseForecaster.ts";
import { requireHorizon } from "./checkHistory.ts";
import type { SlotSeries } from "./types.ts";
import { ZONE_SERIES, type ZoneSeries, type ZoneSeriesName } from "./zoneSeries.ts";

/** What a zone is expected to do. Energies are Wh a slot, prices ticks per Wh. */
export interface ZoneForecast {
  readonly zone: number;
  readonly series: readonly SeriesForecast[];
}

export interface SeriesForecast {
  readonly series: ZoneSeriesName;
  /** Slots of history. */
  readonly history: number;
  /** What it was forecast with; null where the history is shorter than a day, and nothing is forecast. */
  readonly forecaster: string | null;
  /** The slot of the first value: the one after the last that is known. */
  readonly firstSlot: number;
  readonly values: readonly number[];
}

/**
 * The next slots of every series that the zone has, each from the end of what is known of it. Between two series other work of
 * the process gets its turn: a service that forecasts has orders to take.
 */
export async function forecastZone(zone: number, known: ZoneSeries, horizon: number): Promise<ZoneForecast> {
  requireHorizon(horizon);
  const series: SeriesForecast[] = [];
  for (const name of ZONE_SERIES) {
    const history = known[name];
    if (history === undefined) continue;
    await setImmediate();
    series.push(forecastSeries(name, history, horizon));
  }
  return { zone, series };
}

function forecastSeries(series: ZoneSeriesName, known: SlotSeries, horizon: number): SeriesForecast {
  const forecaster = chooseForecaster(known);
  const history = known.values.length;
  return {
    series,
    history,
    forecaster: forecaster?.name ?? null,
    firstSlot: known.firstSlot + history,
    values: forecaster === undefined ? [] : forecaster.fit(known).forecast(known, horizon),
  };
}
