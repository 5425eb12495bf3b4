/** A number for people, rounded, with thousands apart. */
export function formatWhole(value: number | bigint): string {
  return typeof value === "bigint" ? value.toLocaleString("en") : Math.round(value).toLocaleString("en");
}
