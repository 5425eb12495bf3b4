import { chainTime } from "../../src/chain/chainTime.ts";
import { encodeProposal, type ProposalParts, type ProposedCall } from "../../src/chain/proposals.ts";
import type { ConnectedExchange } from "../../src/chain/exchange.ts";
import { connectSeasons } from "../../src/game/seasonsLink.ts";
import type { Scenario } from "../../src/simulation/scenario.ts";
import { connectGovernance, firstSeasonAfter } from "../../src/tuning/decision/index.ts";
import { tuningProposal, withSettings, type Judged, type Tuning } from "../../src/tuning/index.ts";
import type { ChainSeason, SeasonFigures, TunedSeason } from "../../src/tuning/season/index.ts";

export interface PlanDecisionInput {
  readonly exchange: ConnectedExchange;
  readonly season: ChainSeason;
  readonly onlyZone: number | undefined;
  readonly scenario: Scenario;
  readonly tuning: Tuning;
  readonly chosen: Judged;
  readonly before: SeasonFigures;
  readonly present: SeasonFigures;
  readonly predicted: SeasonFigures;
  /** Those that judged and that predictions drew from. */
  readonly heldOutSeeds: readonly number[];
}

/** A lower slope looks well in such a scenario, whatever batteries do with it in the world. */
const CAVEAT = "In it all energy stays as it was measured: nothing answers to a price.";

/** A proposal with what it is to be measured by. */
export interface PlannedDecision {
  readonly calls: readonly ProposedCall[];
  readonly parts: ProposalParts;
  readonly tuned: TunedSeason;
}

/** What a tuning found as a decision about the first season that can have it from its beginning. */
export async function planDecision(input: PlanDecisionInput): Promise<PlannedDecision> {
  const { exchange, season, onlyZone, scenario, tuning, chosen, before, present, predicted, heldOutSeeds } = input;
  const { rpc, deployment, address } = exchange;
  const { clock } = await connectSeasons(rpc, deployment);
  const next = await firstSeasonAfter(connectGovernance(exchange), clock, await chainTime(rpc));
  const terms = new Map(season.zones.map((zone) => [zone.zone, zone.present]));
  const { calls, description } = tuningProposal({
    ...{ scenario, present: tuning.present, chosen, terms, heldOutSeeds: heldOutSeeds.length },
    fromSlot: next.firstSlot,
    caveat: CAVEAT,
  });
  const { importPrice, exportPrice, slopePpm } = withSettings(scenario, chosen.settings).market;
  const rules = [...terms].map(([zone, held]) => ({
    zone,
    before: held,
    after: { ...held, fromSlot: next.firstSlot, importPrice, exportPrice, slopePpm },
  }));
  return {
    calls,
    parts: encodeProposal(deployment, calls, description),
    tuned: {
      ...{ chainId: deployment.chainId, exchange: address, season: season.season, rules, before, present, predicted },
      ...{ rebatePrices: [...season.rebatePrices], seeds: [...heldOutSeeds] },
      ...(onlyZone === undefined ? {} : { onlyZone }),
      ...{ nextSeason: next.season, nextFirstSlot: next.firstSlot },
    },
  };
}
