/** Rounds forecasts to whole numbers that are not negative where the history never was. */
export function withinWhole(values: ArrayLike<number>): (forecast: number) => number {
  const signed = Array.from(values).some((value) => value < 0);
  return (forecast) => (signed ? Math.round(forecast) : Math.max(0, Math.round(forecast)));
}
