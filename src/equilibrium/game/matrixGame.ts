/** A symmetric game of two: what a strategy gets (row) where the other plays one (column). */
export type PayoffMatrix = readonly (readonly number[])[];

/** A share for each strategy; they sum to one. */
export type Mixture = readonly number[];

/** Largest change of a share in a step below which the dynamics are at rest. */
const AT_REST = 1e-10;
const MOST_STEPS = 50_000;
/** Payoffs that differ by less, as a share of the largest, are alike. */
const ALIKE = 0.005;
/** Part of the range of payoffs by which a strategy grows in a step, at most. */
const RATE = 0.5;

/** What each strategy gets against a mixture. */
export function payoffsAgainst(matrix: PayoffMatrix, mixture: Mixture): number[] {
  return matrix.map((row) => row.reduce((sum, payoff, column) => sum + payoff * (mixture[column] ?? 0), 0));
}

/** What the best strategy gets against a mixture beyond the mixture itself: zero in an equilibrium. */
export function regretOf(matrix: PayoffMatrix, mixture: Mixture): number {
  const payoffs = payoffsAgainst(matrix, mixture);
  return Math.max(...payoffs) - average(payoffs, mixture);
}

/**
 * Replicator dynamics (Taylor and Jonker, "Evolutionary stable strategies and game dynamics", Mathematical Biosciences 40, 1978), in
 * discrete steps: a strategy's share grows by how much more than the mixture it gets. Ends at rest, or after many steps.
 */
export function replicate(matrix: PayoffMatrix, start: Mixture): Mixture {
  const all = matrix.flat();
  const range = Math.max(...all) - Math.min(...all);
  if (range === 0) return start;
  let mixture = start;
  for (let step = 0; step < MOST_STEPS; ++step) {
    const payoffs = payoffsAgainst(matrix, mixture);
    const mean = average(payoffs, mixture);
    const grown = mixture.map((share, strategy) => share * (1 + (RATE * ((payoffs[strategy] ?? 0) - mean)) / range));
    const total = grown.reduce((sum, share) => sum + share, 0);
    const next = grown.map((share) => share / total);
    const change = Math.max(...next.map((share, strategy) => Math.abs(share - (mixture[strategy] ?? 0))));
    mixture = next;
    if (change < AT_REST) break;
  }
  return mixture;
}

/** Where the dynamics come to rest from the even mixture and from near each strategy. Mixtures that pay every strategy alike count once. */
export function restPoints(matrix: PayoffMatrix): Mixture[] {
  const count = matrix.length;
  const even = matrix.map(() => 1 / count);
  const starts = [
    even,
    ...matrix.map((_, near) => even.map((share, place) => 0.1 * share + (place === near ? 0.9 : 0))),
  ];
  const scale = Math.max(...matrix.flat().map(Math.abs));
  const found: { readonly mixture: Mixture; readonly payoffs: readonly number[] }[] = [];
  for (const start of starts) {
    const mixture = replicate(matrix, start);
    const payoffs = payoffsAgainst(matrix, mixture);
    const known = found.some((other) =>
      other.payoffs.every((payoff, place) => Math.abs(payoff - (payoffs[place] ?? 0)) <= ALIKE * scale),
    );
    if (!known) found.push({ mixture, payoffs });
  }
  return found.map(({ mixture }) => mixture);
}

function average(payoffs: readonly number[], mixture: Mixture): number {
  return payoffs.reduce((sum, payoff, strategy) => sum + payoff * (mixture[strategy] ?? 0), 0);
}
