/** How many agents gained how much: bins of one width, from the first that has anybody to the last. */
export interface Gains {
  /** Lower end of the first bin, and the width of each, credits a day. */
  readonly from: number;
  readonly width: number;
  readonly counts: readonly number[];
}

const BINS = 24;

/** Both ends of all values in bins of a round width. */
export function gainBins(values: readonly (readonly number[])[]): readonly Gains[] {
  let [least, most] = [0, 0];
  for (const list of values) {
    for (const value of list) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
  }
  const width = roundUp((most - least) / BINS);
  const from = Math.floor(least / width) * width;
  const bins = Math.floor((most - from) / width) + 1;
  return values.map((list) => {
    const counts = new Array<number>(bins).fill(0);
    for (const value of list) {
      const bin = Math.min(bins - 1, Math.floor((value - from) / width));
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    return { from, width, counts };
  });
}

/** The next of 1, 2 and 5 times a power of ten. */
function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5].find((factor) => factor * power >= value) ?? 10) * power;
}
