export interface ReadingFacts {
  readonly importedWh: number;
  readonly exportedWh: number;
  /** Values of short and long energy. */
  readonly short: bigint;
  readonly long: bigint;
  readonly capPrice: number;
}

/**
 * Whether a reading without a position, of the slot after the last one, was late and so settled gross: both directions
 * have a value then, or what was imported was charged in full at the cap price.
 */
export function isGapReading({ importedWh, exportedWh, short, long, capPrice }: ReadingFacts): boolean {
  if (short > 0n && long > 0n) return true;
  return exportedWh > 0 && short > 0n && short === BigInt(importedWh) * BigInt(capPrice);
}
