/** Kinds of integers that a twin check compares, in the order in which they are printed. */
export const COMPARED = [
  "import price",
  "export price",
  "scarcity",
  "order",
  "clearing price",
  "matched energy",
  "fill",
  "fee",
  "network charge",
  "levy",
  "bought from the grid",
  "sold to the grid",
  "register",
  "balance",
  "energy of a slot",
  "cost of the window",
  "reputation",
  "score",
  "tier",
  "points",
  "pool",
  "reward",
  "certificate",
] as const;
export type Compared = (typeof COMPARED)[number];

export interface Difference {
  readonly kind: Compared;
  /** Zone, slot and meter, as far as they matter. */
  readonly where: string;
  readonly simulated: string;
  readonly found: string;
}

/** Most differences that are kept for print; all are counted. */
const MOST_KEPT = 20;

/** Counts what was compared and keeps the first differences. */
export class Differences {
  readonly kept: Difference[] = [];
  readonly #counts = new Map<Compared, { compared: number; different: number }>();

  compare(
    kind: Compared,
    where: string,
    simulated: number | bigint | string,
    found: typeof simulated | undefined,
  ): void {
    const count = this.#counts.get(kind) ?? { compared: 0, different: 0 };
    count.compared += 1;
    this.#counts.set(kind, count);
    const [expected, actual] = [String(simulated), String(found)];
    if (expected === actual) return;
    count.different += 1;
    if (this.kept.length < MOST_KEPT) this.kept.push({ kind, where, simulated: expected, found: actual });
  }

  get counts(): readonly { readonly kind: Compared; readonly compared: number; readonly different: number }[] {
    return COMPARED.map((kind) => ({ kind, ...(this.#counts.get(kind) ?? { compared: 0, different: 0 }) }));
  }

  get different(): number {
    return this.counts.reduce((sum, { different }) => sum + different, 0);
  }
}
