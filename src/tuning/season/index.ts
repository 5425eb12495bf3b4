export { readDecidedTerms, type DecidedTerms } from "./decidedTerms.ts";
export { predictSeason } from "./predictSeason.ts";
export { presentTerms, readSeason, type ChainSeason, type SeasonStanding, type SeasonZone } from "./readSeason.ts";
export { SEASON_FIGURES, seasonEffect, type EffectInput, type EffectRow } from "./seasonEffect.ts";
export { seasonFigures, type SeasonFigures } from "./seasonFigures.ts";
export type { SeasonMeter } from "./seasonMeters.ts";
export { seasonScenario, underOwnRules, underRules, type SeasonScenario } from "./seasonScenario.ts";
export { measureEffect, parseTunedSeason, type MeasuredEffect, type TunedSeason } from "./tunedSeason.ts";
