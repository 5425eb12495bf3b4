/** Ticks of one credit: 1e18 base units / 1e9. */
const TICKS_PER_CREDIT_DIGITS = 9;
/** Ticks per Wh of one credit per kWh: 1e9 / 1e3. */
const PRICE_DIGITS = 6;
const CREDIT_BASE_UNIT_DIGITS = 18;
const MAIN_DECIMALS = 4;

/** An exact decimal number in two parts: what one reads, and the digits behind it that complete it. */
export interface Digits {
  readonly main: string;
  readonly tail: string;
}

/** `units` of which 10^decimals make one, exactly: at least four decimals, then as many as are not zero. */
export function exactDigits(units: bigint, decimals: number): Digits {
  const sign = units < 0n ? "−" : "";
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, "0");
  const fraction = digits.slice(-decimals);
  const main = `${sign}${groupThousands(digits.slice(0, -decimals))}.${fraction.slice(0, MAIN_DECIMALS)}`;
  return { main, tail: fraction.slice(MAIN_DECIMALS).replace(/0+$/, "") };
}

/** Ticks as credits. */
export function creditDigits(ticks: string | bigint): Digits {
  return exactDigits(BigInt(ticks), TICKS_PER_CREDIT_DIGITS);
}

/** ERC-20 base units as credits. */
export function baseUnitDigits(baseUnits: string | bigint): Digits {
  return exactDigits(BigInt(baseUnits), CREDIT_BASE_UNIT_DIGITS);
}

/** Ticks per Wh as credits per kWh. */
export function priceDigits(ticksPerWh: number): Digits {
  return exactDigits(BigInt(ticksPerWh), PRICE_DIGITS);
}

export function joinDigits({ main, tail }: Digits): string {
  return main + tail;
}

export function groupThousands(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Numbers as text without the zeros at which all of them end, as the labels of an axis: `0.40`, `0.25` of `0.4000`, `0.2500`. */
export function trimTogether(labels: readonly string[]): string[] {
  const zeros = Math.min(...labels.map((label) => /\.\d*?(0*)$/.exec(label)?.[1]?.length ?? 0));
  return labels.map((label) => (zeros === 0 ? label : label.slice(0, -zeros)).replace(/\.$/, ""));
}
