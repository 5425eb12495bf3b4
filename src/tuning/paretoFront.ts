/** Whether one is at least as good in everything and better in something; lower is better. */
export function dominates(one: readonly number[], other: readonly number[]): boolean {
  return one.every((value, i) => value <= (other[i] ?? 0)) && one.some((value, i) => value < (other[i] ?? 0));
}

/** Those that no other dominates, in their order; of equals the first. */
export function paretoFront<T>(items: readonly T[], valuesOf: (item: T) => readonly number[]): T[] {
  const values = items.map(valuesOf);
  const same = (a: readonly number[], b: readonly number[]) => a.every((value, i) => value === b[i]);
  return items.filter((_, index) => {
    const own = values[index] ?? [];
    return !values.some((other, at) => dominates(other, own) || (at < index && same(other, own)));
  });
}
