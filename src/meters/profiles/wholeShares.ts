/**
 * Turns amounts into whole numbers by rounding their running sum: each result is within one of its amount, and
 * the results add up to the rounded total, so nothing is lost on the way.
 *
 * Each amount is first spread evenly over `parts` results.
 */
export function wholeShares(amounts: ArrayLike<number>, parts: number): Uint32Array {
  const shares = new Uint32Array(amounts.length * parts);
  let total = 0;
  let counted = 0;
  for (let index = 0; index < amounts.length; index++) {
    const amount = amounts[index] ?? 0;
    for (let part = 1; part <= parts; part++) {
      // Ends on the running total itself at the last part, so no rounding error builds up from row to row.
      const upTo = Math.round(total + (amount * part) / parts);
      shares[index * parts + part - 1] = upTo - counted;
      counted = upTo;
    }
    total += amount;
  }
  return shares;
}
