import { federatedError } from "./federatedError.ts";
import type { ScoringRule } from "./types.ts";

/** @throws SCORING_RULE_INVALID for a figure outside its bounds, before anything is measured. */
export function requireScoringRule({ outer, aggregation, measure, nearCopyPpm, leastSharePpm }: ScoringRule): void {
  require("outer.learningRate", outer.learningRate, outer.learningRate > 0 && outer.learningRate <= 10);
  require("outer.momentum", outer.momentum, outer.momentum >= 0 && outer.momentum < 1);
  require("nearCopyPpm", nearCopyPpm, isWhole(nearCopyPpm, 1, 1_000_000));
  require("leastSharePpm", leastSharePpm, isWhole(leastSharePpm, 0, 500_000));
  if (aggregation.kind === "trimmed-mean") {
    require("aggregation.trimPpm", aggregation.trimPpm, isWhole(aggregation.trimPpm, 0, 499_999));
  }
  if (measure.kind === "shapley") {
    require("measure.permutations", measure.permutations, isWhole(measure.permutations, 1, 10_000));
    require("measure.toleranceMicroNats", measure.toleranceMicroNats, measure.toleranceMicroNats >= 0n);
    require("measure.seed", measure.seed, /^0x[0-9a-f]{64}$/.test(measure.seed));
  }
}

function require(field: string, value: number | bigint | string, holds: boolean): void {
  if (!holds)
    throw federatedError("SCORING_RULE_INVALID", "A figure of the scoring rule is out of range", { field, value });
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
