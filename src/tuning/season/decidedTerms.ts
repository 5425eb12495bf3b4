import type { ExchangeEvent } from "../../chain/exchange.ts";
import { CLEARING_RULE_CODES } from "../../market/codes.ts";
import type { ClearingRule } from "../../market/clearing.ts";
import type { ZoneTerms } from "../../market/tariff.ts";

/** Every decision about the terms of zones. */
export interface DecidedTerms {
  /** What holds for a slot of a zone, as far as it is decided. */
  readonly at: (zone: number, slot: number) => ZoneTerms;
}

/** Terms of all zones and slots from the exchange's events, in the chain's order from the deployment on: the exchange itself remembers the last two. */
export function decidedTerms(events: readonly ExchangeEvent[]): DecidedTerms {
  const byZone = new Map<number, ZoneTerms[]>();
  for (const event of events) {
    if (event.name !== "ZoneCreated" && event.name !== "ZoneTermsSet") continue;
    const { zone, terms } = event.args;
    // What was decided for later slots and had not begun is void.
    const kept = (byZone.get(zone) ?? []).filter(({ fromSlot }) => fromSlot < terms.fromSlot);
    byZone.set(zone, [...kept, { ...terms, rule: ruleOf(terms.rule) }]);
  }
  return {
    at(zone, slot) {
      const terms = byZone.get(zone)?.findLast(({ fromSlot }) => fromSlot <= slot);
      if (terms === undefined) throw new RangeError(`zone ${String(zone)} has no terms`);
      return terms;
    },
  };
}

function ruleOf(code: number): ClearingRule {
  return code === CLEARING_RULE_CODES.sbba ? "sbba" : "midpoint";
}
