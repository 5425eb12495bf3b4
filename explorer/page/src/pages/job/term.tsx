import type { ComponentChildren } from "preact";
import { bytes, energy, share, whole } from "../../format/quantities.ts";
import { Credits, Price } from "../../parts/amounts.tsx";
import { Value } from "../../parts/events.tsx";

type Shown = (value: string) => ComponentChildren;

/** How a term is shown, by the unit that its name ends in. */
const UNITS: readonly (readonly [RegExp, Shown])[] = [
  [/Ticks$/, (value) => <Credits ticks={value} />],
  [/Price$/, (value) => <Price ticksPerWh={Number(value)} />],
  [/Ppm$/, (value) => share(Number(value))],
  [/Wh$/, (value) => energy(Number(value))],
  [/Bytes$/, (value) => bytes(Number(value))],
  [/Seconds$/, (value) => `${whole(BigInt(value))} s`],
];

/** A term of a job as it was posted, with its unit. */
export function Term({ name, value }: { readonly name: string; readonly value: unknown }) {
  const text = typeof value === "number" ? String(value) : value;
  const unit = UNITS.find(([ending]) => ending.test(name));
  if (unit === undefined || typeof text !== "string" || !/^-?\d+$/.test(text)) return <Value value={value} />;
  return <>{unit[1](text)}</>;
}

/** The name of a term without the unit that its value shows. */
export function termName(name: string): string {
  return name.replace(/(Ticks|Ppm|Wh|Bytes|Seconds)$/, "");
}
