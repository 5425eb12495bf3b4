import { baseUnitDigits, creditDigits, priceDigits, type Digits } from "../format/digits.ts";

/** The last digits of an exact amount complete it without shouting, and keep the points of a column in line. */
function Exact({
  digits,
  decimals,
  unit,
}: {
  readonly digits: Digits;
  readonly decimals: 2 | 5;
  readonly unit?: string | undefined;
}) {
  return (
    <span class="amount">
      {digits.main}
      <span class={`tail tail-${String(decimals)}`}>{digits.tail}</span>
      {unit !== undefined && <span class="unit"> {unit}</span>}
    </span>
  );
}

interface AmountProps {
  /** Leaves out the unit, where a column's head gives it. */
  readonly bare?: boolean;
}

export function Credits({ ticks, bare = false }: AmountProps & { readonly ticks: string | bigint }) {
  return <Exact digits={creditDigits(ticks)} decimals={5} unit={bare ? undefined : "credits"} />;
}

/** Base units have 18 decimals, of which the ninth is a tick. */
export function BaseUnits({ baseUnits, bare = false }: AmountProps & { readonly baseUnits: string }) {
  return <Exact digits={baseUnitDigits(baseUnits)} decimals={5} unit={bare ? undefined : "credits"} />;
}

export function Price({ ticksPerWh, bare = false }: AmountProps & { readonly ticksPerWh: number }) {
  return <Exact digits={priceDigits(ticksPerWh)} decimals={2} unit={bare ? undefined : "credits/kWh"} />;
}
