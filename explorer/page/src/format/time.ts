/** Length of a market slot. */
export const SLOT_SECONDS = 900;

/** `2026-06-01 12:15:00`, UTC. */
export function utc(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().slice(0, 19).replace("T", " ");
}

/** `12:15`, UTC. */
export function utcClock(seconds: number): string {
  return utc(seconds).slice(11, 16);
}

/** `2026-06-01 12:15–12:30`, UTC. */
export function slotSpan(slot: number): string {
  const start = slot * SLOT_SECONDS;
  return `${utc(start).slice(0, 16)}–${utcClock(start + SLOT_SECONDS)}`;
}
