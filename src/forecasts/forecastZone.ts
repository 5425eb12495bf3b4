import { chooseForecaster } from "./chooseForecaster.ts";
import { requireHorizon } from "./checkHistory.ts";
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

/** The next slots of every series that the zone has, each from the end of what is known of it. */
export function forecastZone(zone: number, known: ZoneSeries, horizon: number): ZoneForecast {
  requireHorizon(horizon);
  const series = ZONE_SERIES.flatMap((name): SeriesForecast[] => {
    const history = known[name];
    if (history === undefined) return [];
    const forecaster = chooseForecaster(history);
    const slots = history.values.length;
    return [
      {
        series: name,
        history: slots,
        forecaster: forecaster?.name ?? null,
        firstSlot: history.firstSlot + slots,
        values: forecaster === undefined ? [] : forecaster.fit(history).forecast(history, horizon),
      },
    ];
  });
  return { zone, series };
}
