import type { ComponentChildren } from "preact";
import { bytes, energy, share, whole } from "../format/quantities.ts";
import { Credits, Price } from "./amounts.tsx";
import { Value } from "./events.tsx";

/** How a figure is shown, by the unit that its name ends in. */
const UNITS: readonly (readonly [RegExp, (value: string) => ComponentChildren])[] = [
  [/Ticks$/, (value) => <Credits ticks={value} />],
  [/Price$/, (value) => <Price ticksPerWh={Number(value)} />],
  [/Ppm$/, (value) => share(Number(value))],
  [/Wh$/, (value) => energy(Number(value))],
  [/Bytes$/, (value) => bytes(Number(value))],
  [/Seconds$/, (value) => `${whole(BigInt(value))} s`],
];

/** A figure that an answer names freely, such as a term of a job or a count of the audit, with its unit. */
export function Quantity({ name, value }: { readonly name: string; readonly value: unknown }) {
  const text = typeof value === "number" ? String(value) : value;
  const unit = UNITS.find(([ending]) => ending.test(name));
  if (unit !== undefined && typeof text === "string" && /^-?\d+$/.test(text)) return <>{unit[1](text)}</>;
  return typeof value === "number" ? <>{whole(value)}</> : <Value value={value} />;
}

/** The figure's name without the unit that its value shows. */
export function quantityName(name: string): string {
  return name.replace(/(Ticks|Ppm|Wh|Bytes|Seconds)$/, "");
}
