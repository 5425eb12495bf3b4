import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { ConnectedExchange } from "../../chain/exchange.ts";
import { JouleworkError } from "../../errors.ts";
import { readSettings } from "../tunables.ts";
import { predictSeason } from "./predictSeason.ts";
import { presentTerms, readSeason, type ChainSeason } from "./readSeason.ts";
import { seasonEffect, type EffectRow } from "./seasonEffect.ts";
import { seasonFigures, type SeasonFigures } from "./seasonFigures.ts";
import { seasonScenario, underRules } from "./seasonScenario.ts";

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
  /** Before the change, by tier. */
  rebatePrices: z.array(z.int()).min(1),
  /** What simulation drew from. */
  seeds: z.array(z.int()).min(1),
  /** The season that was tuned from: as it was measured, and simulated under the old and under the new rules. */
  before: figures,
  present: figures,
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
  /** The same days under the old rules, by simulation. */
  readonly unchanged: SeasonFigures;
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
  const unchanged = simulateUnchanged(season, tuned);
  const { present: old, predicted } = tuned;
  return { season, measured, unchanged, rows: seasonEffect({ present: old, predicted, measured, unchanged }) };
}

/** What the days of a season would have come to under the old rules. */
function simulateUnchanged(season: ChainSeason, { rules, rebatePrices, seeds }: TunedSeason): SeasonFigures {
  const folder = mkdtempSync(join(tmpdir(), "joulework-season-"));
  try {
    const { scenario } = seasonScenario(season, folder);
    const [first] = rules;
    const old = first === undefined ? scenario : underRules(scenario, first.before, rebatePrices);
    return predictSeason(old, readSettings(old), seeds);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
