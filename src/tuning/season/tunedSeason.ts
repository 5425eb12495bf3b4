import { z } from "zod";
import type { ConnectedExchange } from "../../chain/exchange.ts";
import { JouleworkError } from "../../errors.ts";
import { presentTerms, readSeason, type ChainSeason } from "./readSeason.ts";
import { seasonEffect, type EffectRow } from "./seasonEffect.ts";
import { seasonFigures, type SeasonFigures } from "./seasonFigures.ts";

const figures = z.object({
  peakW: z.number(),
  costCredits: z.number(),
  rewardCredits: z.number(),
  gridCostCredits: z.number(),
  cost: z.number(),
  cheating: z.number(),
});
const terms = z.object({
  fromSlot: z.int(),
  rule: z.enum(["midpoint", "sbba"]),
  ...{ importPrice: z.int(), exportPrice: z.int(), slopePpm: z.int(), feePpm: z.int() },
  ...{ networkLocalPrice: z.int(), networkGridPrice: z.int(), levyPrice: z.int() },
});

const schema = z.object({
  chainId: z.int(),
  exchange: z.string(),
  /** The season that was tuned from. */
  season: z.int(),
  /** Rules before and after the change, by the number of the zone. */
  rules: z.array(z.object({ zone: z.int(), before: terms, after: terms })).min(1),
  /** Whether one zone alone was tuned. */
  onlyZone: z.int().optional(),
  /** The first season under the new rules. */
  nextSeason: z.int(),
  nextFirstSlot: z.int(),
  before: figures,
  predicted: figures,
});

/** What has to be kept of a tuning to hold the next season against it. */
export type TunedSeason = z.output<typeof schema>;

/** @throws JouleworkError PREDICTION_INVALID where the object is not what `npm run tune -- --propose --json` wrote. */
export function parseTunedSeason(input: unknown, file: string): TunedSeason {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new JouleworkError({
    code: "PREDICTION_INVALID",
    what: "The file holds no prediction of a season",
    values: { file, field: issue?.path.join(".") ?? "", problem: issue?.message ?? "unreadable" },
    hint: "Name a file that `npm run tune -- --propose --json FILE` wrote after it had proposed.",
  });
}

/** The next season beside its prediction. */
export interface MeasuredEffect {
  readonly season: ChainSeason;
  readonly measured: SeasonFigures;
  readonly rows: readonly EffectRow[];
}

/**
 * Measures the first season under the new rules from the chain.
 *
 * @throws JouleworkError PREDICTION_OF_ANOTHER_CHAIN, RULES_NOT_CHANGED where the season began under other rules than those proposed, and
 * SEASON_WITHOUT_DATA.
 */
export async function measureEffect(exchange: ConnectedExchange, tuned: TunedSeason): Promise<MeasuredEffect> {
  const { deployment, address } = exchange;
  if (deployment.chainId !== tuned.chainId || address !== tuned.exchange) {
    throw new JouleworkError({
      code: "PREDICTION_OF_ANOTHER_CHAIN",
      what: "The prediction is about another deployment",
      values: { predicted: tuned.exchange, deployment: address, chainId: deployment.chainId },
      hint: "Name the deployment that was tuned with --network, or with --rpc and --deployment.",
    });
  }
  const season = await readSeason({ exchange, season: tuned.nextSeason, zone: tuned.onlyZone });
  for (const { zone, after } of tuned.rules) {
    const held = season.terms.at(zone, tuned.nextFirstSlot);
    const other = (["importPrice", "exportPrice", "slopePpm"] as const).find((name) => held[name] !== after[name]);
    if (other === undefined) continue;
    throw new JouleworkError({
      code: "RULES_NOT_CHANGED",
      what: "The season began under other rules than those that were proposed",
      values: { zone, season: tuned.nextSeason, term: other, proposed: after[other], held: held[other] },
      hint: "See with joulework:show-proposal whether the proposal was executed in time.",
    });
  }
  const rules = new Map(tuned.rules.map(({ zone, before }) => [zone, before]));
  const present = presentTerms(season);
  const measured = await seasonFigures(exchange, season, (zone) => rules.get(zone) ?? present(zone));
  return { season, measured, rows: seasonEffect(tuned.before, tuned.predicted, measured) };
}
