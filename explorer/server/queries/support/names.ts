/** The name behind a number of the contracts; the number where it has none. */
export function keyOf(codes: Readonly<Record<string, number>>, code: number): string {
  return Object.entries(codes).find(([, value]) => value === code)?.[0] ?? String(code);
}
