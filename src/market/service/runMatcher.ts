import { openForecasts } from "../../forecasts/index.ts";
import { signingKey } from "../signer.ts";
import { createMatcherChain } from "./matcherChain.ts";
import { openMatcher } from "./openMatcher.ts";
import { runService } from "./runService.ts";
import type { RunServiceParameters } from "./runService.ts";
import { serveMatcher } from "./serveMatcher.ts";
import type { SlotName } from "./keepBooks.ts";

export interface RunMatcherParameters extends RunServiceParameters {
  readonly journalPath: string;
  readonly port: number;
  readonly zones: readonly number[];
  readonly confirmations?: number;
  readonly freezeDelaySeconds?: number;
}

/** Orders are refused when no block was seen for this long: twice what a slow chain needs. */
const STALE_AFTER_MS = 60_000;

/** Runs the matcher in real time until the signal. */
export function runMatcher(parameters: RunMatcherParameters): Promise<void> {
  const { journalPath, port, zones, confirmations, freezeDelaySeconds, privateKey } = parameters;
  return runService(parameters, ({ exchange, sender, domain }) => {
    const chain = createMatcherChain(exchange, sender);
    const forecasts = openForecasts(exchange, zones);
    const matcher = openMatcher({
      journalPath,
      chain,
      domain,
      zones,
      matcherKey: signingKey(privateKey),
      staleAfterMs: STALE_AFTER_MS,
      ...(confirmations === undefined ? {} : { confirmations }),
      ...(freezeDelaySeconds === undefined ? {} : { freezeDelaySeconds }),
    });
    return {
      link: chain,
      async step(chainTime) {
        const { frozen, committed, cleared, final, failed } = await matcher.step(chainTime);
        const parts = Object.entries({ frozen, committed, cleared, final, failed }).filter(
          ([, slots]) => slots.length > 0,
        );
        return parts.length === 0 ? undefined : parts.map(([what, slots]) => `${what} ${named(slots)}`).join("; ");
      },
      serve: (lastError) => serveMatcher({ matcher, port, forecasts, lastError }),
      close: () => matcher.close(),
    };
  });
}

function named(slots: readonly SlotName[]): string {
  return slots.map(({ zone, slot }) => `slot ${slot} of zone ${zone}`).join(", ");
}
