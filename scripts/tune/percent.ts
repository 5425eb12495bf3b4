/** A share of one as a percentage. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
