/** The ends of an address or hash, which people compare: `0x1234…abcd`. */
export function shortHex(hex: string): string {
  return hex.length <= 14 ? hex : `${hex.slice(0, 6)}…${hex.slice(-4)}`;
}

/** A decoded value of the chain as text: nested values as JSON, nothing as markup. */
export function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return String(value);
  return JSON.stringify(value);
}

/** The values of structs beside those around them, named as in code: `terms.rounds`. Lists stay whole. */
export function flatValues(values: object): [name: string, value: unknown][] {
  return Object.entries(values).flatMap(([name, value]: [string, unknown]): [string, unknown][] => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return [[name, value]];
    return flatValues(value).map(([inner, part]) => [`${name}.${inner}`, part]);
  });
}

/** `gapReading` or `GAP_READING` as words: `gap reading`. */
export function words(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replaceAll("_", " ")
    .toLowerCase();
}
