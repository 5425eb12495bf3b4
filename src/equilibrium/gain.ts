import { estimateRatio, type RatioEstimate } from "./ratioEstimate.ts";

/** A gain as a share of what honest play brings, and for each Wh that the trader has, ticks. */
export interface Gain extends RatioEstimate {
  readonly ticksPerWh: number;
}

/** The gain of a strategy that was chosen beforehand. */
export interface PlannedGain extends Gain {
  readonly strategy: string;
}

/** Choosing the best of a grid on the markets that it is measured on would flatter it, so even places choose and odd ones measure. */
export function plannedGain({
  names,
  gains,
  bases,
  energiesWh,
}: {
  readonly names: readonly string[];
  /** By strategy and place. */
  readonly gains: readonly (readonly number[])[];
  readonly bases: readonly number[];
  readonly energiesWh: readonly number[];
}): PlannedGain {
  let [chosen, most] = [0, -Infinity];
  gains.forEach((of, strategy) => {
    const average = mean(half(of, 0));
    if (average > most) [chosen, most] = [strategy, average];
  });
  return {
    strategy: names[chosen] ?? "",
    ...gainOf(half(gains[chosen] ?? [], 1), half(bases, 1), half(energiesWh, 1)),
  };
}

export function gainOf(gains: readonly number[], bases: readonly number[], energiesWh: readonly number[]): Gain {
  return { ...estimateRatio(gains, bases), ticksPerWh: mean(gains) / mean(energiesWh) };
}

function half(values: readonly number[], odd: 0 | 1): number[] {
  return values.filter((_, place) => place % 2 === odd);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
