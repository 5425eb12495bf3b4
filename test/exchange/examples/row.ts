/** One figure of a worked example: what the paper says, and what the chain said. */
export interface Row {
  readonly who: string;
  readonly what: string;
  /** The arithmetic in ticks, such as `800 x 200,000 - 100 x 330,000`. */
  readonly paper: string;
  readonly chain: bigint;
  /** Ticks if left out. */
  readonly unit?: "Wh" | "ticks per Wh" | "count" | "yes = 1";
}

export interface Chapter {
  readonly title: string;
  readonly story: string;
  readonly rows: readonly Row[];
}

/** Works out a sum of products as it stands on paper; knows nothing of the contracts. */
export function onPaper(arithmetic: string): bigint {
  if (!/^[\d, x+-]+$/.test(arithmetic)) throw new Error(`not a sum of products: ${arithmetic}`);
  let total = 0n;
  for (const term of arithmetic.replace(/ - /g, " + -").split(" + ")) {
    const negative = term.startsWith("-");
    const factors = term.replace(/^-/, "").replaceAll(",", "").split(" x ");
    const product = factors.reduce((value, factor) => value * BigInt(factor), 1n);
    total += negative ? -product : product;
  }
  return total;
}
