import { symmetricEigen } from "./symmetricEigen.ts";

/** A search in the unit cube: ask for points, tell how good they are, again and again. */
export interface CmaEs {
  /** Points of one generation. */
  readonly ask: () => number[][];
  /** The generation's values, in the order in which its points were given; lower is better. */
  readonly tell: (values: readonly number[]) => void;
}

export interface CmaEsParameters {
  readonly start: readonly number[];
  /** Standard deviation of the first generation, as a share of the cube's edge. */
  readonly sigma: number;
  /** Points a generation; 4 + 3 ln(n) where absent. */
  readonly population?: number;
  /** Standard normal numbers. */
  readonly normal: () => number;
}

/**
 * Covariance matrix adaptation evolution strategy, with the standard parameters of Hansen, The CMA Evolution Strategy: A Tutorial
 * (arXiv 1604.00772, table 1, positive weights alone). A point beyond the cube is put back on its surface before it is given out, and
 * what is learnt is learnt from the point that was given out.
 */
export function createCmaEs({ start, sigma: firstSigma, population, normal }: CmaEsParameters): CmaEs {
  const n = start.length;
  const lambda = population ?? 4 + Math.floor(3 * Math.log(n));
  const mu = Math.floor(lambda / 2);
  const raw = Array.from({ length: mu }, (_, i) => Math.log((lambda + 1) / 2) - Math.log(i + 1));
  const total = sum(raw);
  const weights = raw.map((weight) => weight / total);
  const muEff = 1 / sum(weights.map((weight) => weight * weight));
  const cSigma = (muEff + 2) / (n + muEff + 5);
  const dSigma = 1 + 2 * Math.max(0, Math.sqrt((muEff - 1) / (n + 1)) - 1) + cSigma;
  const cC = (4 + muEff / n) / (n + 4 + (2 * muEff) / n);
  const c1 = 2 / ((n + 1.3) ** 2 + muEff);
  const cMu = Math.min(1 - c1, (2 * (muEff - 2 + 1 / muEff)) / ((n + 2) ** 2 + muEff));
  const expectedLength = Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n));

  let mean = [...start];
  let sigma = firstSigma;
  let covariance = identity(n);
  let pathSigma = zeros(n);
  let pathC = zeros(n);
  let generation = 0;
  let asked: number[][] = [];

  return {
    ask() {
      const { values, vectors } = symmetricEigen(covariance);
      const lengths = values.map((value) => Math.sqrt(Math.max(0, value)));
      asked = Array.from({ length: lambda }, () => {
        const along = lengths.map((length) => length * normal());
        return mean.map((centre, i) =>
          clamp(centre + sigma * sum(along.map((step, k) => step * (vectors[k]?.[i] ?? 0)))),
        );
      });
      return asked.map((point) => [...point]);
    },
    tell(found) {
      const order = asked.map((_, index) => index).sort((a, b) => (found[a] ?? 0) - (found[b] ?? 0));
      const steps = order
        .slice(0, mu)
        .map((index) => mean.map((centre, i) => ((asked[index]?.[i] ?? 0) - centre) / sigma));
      const step = mean.map((_, i) => sum(steps.map((one, k) => (weights[k] ?? 0) * (one[i] ?? 0))));
      mean = mean.map((centre, i) => centre + sigma * (step[i] ?? 0));

      const { values, vectors } = symmetricEigen(covariance);
      // C^(-1/2) step: along each axis, in units of its own length.
      const along = vectors.map((axis, k) => dot(axis, step) / Math.sqrt(Math.max(values[k] ?? 0, Number.EPSILON)));
      const whitened = mean.map((_, i) => sum(along.map((length, k) => length * (vectors[k]?.[i] ?? 0))));
      const keep = Math.sqrt(cSigma * (2 - cSigma) * muEff);
      pathSigma = pathSigma.map((value, i) => (1 - cSigma) * value + keep * (whitened[i] ?? 0));
      const length = Math.sqrt(dot(pathSigma, pathSigma));
      generation += 1;
      const bound = (1.4 + 2 / (n + 1)) * expectedLength;
      const moving = length / Math.sqrt(1 - (1 - cSigma) ** (2 * generation)) < bound ? 1 : 0;
      pathC = pathC.map((value, i) => (1 - cC) * value + moving * Math.sqrt(cC * (2 - cC) * muEff) * (step[i] ?? 0));
      const stay = 1 - c1 - cMu + (1 - moving) * c1 * cC * (2 - cC);
      covariance = covariance.map((row, i) =>
        row.map(
          (value, j) =>
            stay * value +
            c1 * (pathC[i] ?? 0) * (pathC[j] ?? 0) +
            cMu * sum(steps.map((one, k) => (weights[k] ?? 0) * (one[i] ?? 0) * (one[j] ?? 0))),
        ),
      );
      sigma *= Math.exp((cSigma / dSigma) * (length / expectedLength - 1));
    },
  };
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return sum(a.map((value, i) => value * (b[i] ?? 0)));
}

function zeros(n: number): number[] {
  return new Array<number>(n).fill(0);
}

function identity(n: number): number[][] {
  return Array.from({ length: n }, (_, row) => Array.from({ length: n }, (__, column) => (row === column ? 1 : 0)));
}
