import { nearCopyThreshold } from "../../../../src/training/federated/isNearCopy.ts";
import type { ScoreTable } from "../../../../src/training/federated/scoreTable.ts";
import type { AggregationRule, ScoringRule } from "../../../../src/training/federated/types.ts";
import { floatBits } from "../../../../src/training/reproducible/tapeBuilder.ts";
import type {
  ScoreRuleStruct,
  ScoreTableStruct,
} from "../../../../typechain-types/contracts/mocks/ScoreRulesHarness.ts";

/** As `DifferencePart` counts. */
export const PART = {
  none: 0n,
  model: 1n,
  slice: 2n,
  update: 3n,
  readable: 4n,
  product: 5n,
  square: 6n,
  loss: 7n,
  moved: 8n,
  next: 9n,
} as const;

const AGGREGATIONS: Readonly<Record<AggregationRule["kind"], number>> = { mean: 0, median: 1, "trimmed-mean": 2 };

/** A rule as the contract takes it. */
export function ruleStruct({ aggregation, leastSharePpm, nearCopyPpm, outer }: ScoringRule): ScoreRuleStruct {
  return {
    nearCopy: floatBits(nearCopyThreshold(nearCopyPpm)),
    leastSharePpm,
    aggregation: AGGREGATIONS[aggregation.kind],
    trimPpm: aggregation.kind === "trimmed-mean" ? aggregation.trimPpm : 0,
    rate: floatBits(outer.learningRate),
    mu: floatBits(outer.momentum),
  };
}

/** A table as the contract takes it, in the order of its fields: a bit for each seat that can be read. */
export function tableStruct(table: ScoreTable): ScoreTableStruct {
  const readable = table.readable.reduce((bits, reads, seat) => (reads ? bits | (1n << BigInt(seat)) : bits), 0n);
  return {
    ...{ model: table.model, slice: table.slice },
    updates: [...table.updates],
    readable,
    products: [...table.products],
    squares: [...table.squares],
    losses: [...table.losses],
    ...{ moved: table.moved, next: table.next },
  };
}
