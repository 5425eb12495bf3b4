import { JouleworkError } from "../errors.ts";
import type { Forecaster, History } from "./types.ts";

/** A series to forecast again and again as if its future were unknown. */
export interface BacktestCase {
  /** What it is: load, solar, price. Cases of one kind share a row of the table. */
  readonly kind: string;
  readonly name: string;
  readonly history: History;
}

export interface BacktestParameters {
  readonly cases: readonly BacktestCase[];
  /** The first one is the baseline. */
  readonly forecasters: readonly Forecaster[];
  readonly horizons: readonly number[];
  /** Slots before the first origin. */
  readonly warmUpSlots: number;
  /** Slots from one origin to the next. */
  readonly strideSlots: number;
  /** Slots after which a forecaster learns again from all that lies behind the origin. */
  readonly refitSlots: number;
  readonly report?: (case_: BacktestCase) => void;
}

export interface BacktestRow {
  readonly kind: string;
  readonly forecaster: string;
  readonly horizon: number;
  readonly forecasts: number;
  /** Mean absolute error and root of the mean squared error, in the series' unit. */
  readonly mae: number;
  readonly rmse: number;
  /** One less the error over the baseline's; null where the baseline has none. */
  readonly skillMae: number | null;
  readonly skillRmse: number | null;
  /** Series on which the mean absolute error is below the baseline's, of how many. */
  readonly better: number;
  readonly series: number;
}

interface Errors {
  forecasts: number;
  absolute: number;
  squared: number;
}

/**
 * Rolling-origin backtest: at each origin a forecaster sees what lies before it (and of the weather what its columns say of
 * later slots), and its forecasts are compared with what came. Errors of one kind are pooled over its series.
 */
export function backtest(parameters: BacktestParameters): BacktestRow[] {
  const { cases, forecasters, horizons } = parameters;
  const errors = cases.map((one) => {
    parameters.report?.(one);
    return { kind: one.kind, errors: forecasters.map((forecaster) => errorsOf(one, forecaster, parameters)) };
  });
  const kinds = [...new Set(cases.map(({ kind }) => kind))];
  return kinds.flatMap((kind) => {
    const own = errors.filter((one) => one.kind === kind).map((one) => one.errors);
    return forecasters.flatMap(({ name }, place) =>
      horizons.map((horizon, at) => rowOf({ kind, forecaster: name, horizon }, own, place, at)),
    );
  });
}

function errorsOf({ history, name }: BacktestCase, forecaster: Forecaster, parameters: BacktestParameters): Errors[] {
  const { horizons, warmUpSlots, strideSlots, refitSlots } = parameters;
  const furthest = Math.max(...horizons);
  const values = Float64Array.from(history.values);
  if (values.length < warmUpSlots + furthest) {
    throw new JouleworkError({
      code: "HISTORY_TOO_SHORT",
      what: "The series is too short to be forecast once",
      values: { series: name, slots: values.length, needed: warmUpSlots + furthest },
      hint: "Give a longer series, or a shorter warm-up.",
    });
  }
  const errors = horizons.map((): Errors => ({ forecasts: 0, absolute: 0, squared: 0 }));
  let fitted = forecaster.fit({ ...history, values: values.subarray(0, warmUpSlots) });
  let fittedAt = warmUpSlots;
  for (let known = warmUpSlots; known + furthest <= values.length; known += strideSlots) {
    const seen = { ...history, values: values.subarray(0, known) };
    if (known - fittedAt >= refitSlots) {
      fitted = forecaster.fit(seen);
      fittedAt = known;
    }
    const forecast = fitted.forecast(seen, furthest);
    horizons.forEach((horizon, at) => {
      const own = errors[at];
      if (own === undefined) return;
      const error = (forecast[horizon - 1] ?? 0) - (values[known + horizon - 1] ?? 0);
      own.forecasts += 1;
      own.absolute += Math.abs(error);
      own.squared += error * error;
    });
  }
  return errors;
}

function rowOf(
  names: Pick<BacktestRow, "kind" | "forecaster" | "horizon">,
  series: readonly (readonly Errors[][])[],
  place: number,
  at: number,
): BacktestRow {
  const own = series.map((one) => one[place]?.[at]).filter((one) => one !== undefined);
  const baseline = series.map((one) => one[0]?.[at]).filter((one) => one !== undefined);
  const { forecasts, mae, rmse } = pooled(own);
  const { mae: baseMae, rmse: baseRmse } = pooled(baseline);
  return {
    ...names,
    forecasts,
    mae,
    rmse,
    skillMae: baseMae === 0 ? null : 1 - mae / baseMae,
    skillRmse: baseRmse === 0 ? null : 1 - rmse / baseRmse,
    better: own.filter(({ absolute }, index) => absolute < (baseline[index]?.absolute ?? 0)).length,
    series: own.length,
  };
}

function pooled(errors: readonly Errors[]): { forecasts: number; mae: number; rmse: number } {
  const sum = (of: (one: Errors) => number): number => errors.reduce((total, one) => total + of(one), 0);
  const forecasts = sum((one) => one.forecasts);
  return {
    forecasts,
    mae: sum((one) => one.absolute) / forecasts,
    rmse: Math.sqrt(sum((one) => one.squared) / forecasts),
  };
}
