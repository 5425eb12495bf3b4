import { blockCall } from "../../chain/calls.ts";
import type { ExchangeEvent } from "../../chain/exchange.ts";
import type { RpcClient } from "../../chain/rpc.ts";
import { CLEARING_RULE_CODES } from "../../market/codes.ts";
import type { ClearingRule } from "../../market/clearing.ts";
import type { ZoneTerms } from "../../market/tariff.ts";
import { firstUnopenedSlot } from "../../market/timeline.ts";

/** Every decision about the terms of zones. */
export interface DecidedTerms {
  /** What holds for a slot of a zone, as far as it is decided; before the zone was created, its first terms. */
  readonly at: (zone: number, slot: number) => ZoneTerms;
}

/** Terms of all zones and slots from the exchange's events, in the chain's order from the deployment on: the exchange itself remembers the last two. */
export async function readDecidedTerms(rpc: RpcClient, events: readonly ExchangeEvent[]): Promise<DecidedTerms> {
  const set = events.filter((event) => event.name === "ZoneTermsSet");
  const numbers = [...new Set(set.map(({ blockNumber }) => blockNumber))];
  const blocks = await rpc.all(numbers.map((number) => blockCall(number)));
  const times = new Map(numbers.map((number, place) => [number, blocks[place]?.timestamp ?? 0]));

  const byZone = new Map<number, ZoneTerms[]>();
  for (const event of events)
    if (event.name === "ZoneCreated") byZone.set(event.args.zone, [termsOf(event.args.terms)]);
  for (const { args, blockNumber } of set) {
    const unopened = firstUnopenedSlot(times.get(blockNumber) ?? 0);
    // A decision replaces the one before it that had not begun, whichever of them is for the earlier slot.
    const begun = (byZone.get(args.zone) ?? []).filter(({ fromSlot }) => fromSlot < unopened);
    byZone.set(args.zone, [...begun, termsOf(args.terms)]);
  }
  return {
    at(zone, slot) {
      const all = byZone.get(zone);
      const terms = all?.findLast(({ fromSlot }) => fromSlot <= slot) ?? all?.[0];
      if (terms === undefined) throw new RangeError(`zone ${String(zone)} has no terms`);
      return terms;
    },
  };
}

function termsOf(terms: ExchangeEvent<"ZoneTermsSet">["args"]["terms"]): ZoneTerms {
  return { ...terms, rule: ruleOf(terms.rule) };
}

function ruleOf(code: number): ClearingRule {
  return code === CLEARING_RULE_CODES.sbba ? "sbba" : "midpoint";
}
