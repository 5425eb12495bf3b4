import { setTimeout as sleep } from "node:timers/promises";

export interface ServiceLoopParameters {
  /** One round of work. Throwing makes the loop wait longer before the next one. */
  readonly round: () => Promise<unknown>;
  /** Pause between rounds while all is well. */
  readonly pauseMs: number;
  /** Longest pause while rounds fail. */
  readonly longestPauseMs?: number;
  readonly onError: (error: unknown) => void;
  /** Ends the loop after the round under way. */
  readonly signal: AbortSignal;
}

/** Runs rounds one after the other until the signal; a failing round never ends it. */
export async function serviceLoop({
  round,
  pauseMs,
  longestPauseMs = 30_000,
  onError,
  signal,
}: ServiceLoopParameters): Promise<void> {
  let pause = pauseMs;
  while (!signal.aborted) {
    try {
      await round();
      pause = pauseMs;
    } catch (error) {
      onError(error);
      pause = Math.min(pause * 2, Math.max(longestPauseMs, pauseMs));
    }
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
}
