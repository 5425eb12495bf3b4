import type { MarketDomain } from "./messages.ts";
import { readingSigner, type SignedReading } from "./sign.ts";

/** Two readings that one meter signed for the same slot, with different registers. */
export interface Equivocation {
  readonly meter: string;
  readonly zone: number;
  readonly slot: number;
  readonly readings: readonly [SignedReading, SignedReading];
}

/** Finds every meter and slot for which readings contradict each other: the first two that do, in the order given. */
export function findEquivocations(
  domain: MarketDomain,
  readings: Iterable<Omit<SignedReading, "meter">>,
): Equivocation[] {
  const first = new Map<string, SignedReading>();
  const found = new Map<string, Equivocation>();
  for (const reading of readings) {
    const { zone, slot, importWh, exportWh, signature } = reading;
    const meter = readingSigner(domain, { zone, slot, importWh, exportWh }, signature);
    const key = `${zone}/${slot}/${meter}`;
    const known = first.get(key);
    if (known === undefined) first.set(key, { ...reading, meter });
    else if ((known.importWh !== importWh || known.exportWh !== exportWh) && !found.has(key))
      found.set(key, { meter, zone, slot, readings: [known, { ...reading, meter }] });
  }
  return [...found.values()];
}
