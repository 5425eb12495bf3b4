/** Votes as people count them: a site with a perfect score has one. */
export function formatVotes(units: bigint): string {
  const whole = units / 1_000_000n;
  const part = (units % 1_000_000n).toString().padStart(6, "0").replace(/0+$/, "");
  return part === "" ? String(whole) : `${String(whole)}.${part}`;
}
