export { clearOrders, RULES, type Rule } from "./rules/clearOrders.ts";
export type { PlannedGain, Gain } from "./gain.ts";
export type { DeviationGain } from "./measureDeviations.ts";
export type { EmpiricalGame, FoundEquilibrium } from "./game/empiricalGame.ts";
export { optimalWelfare } from "./game/optimum.ts";
export {
  joinResults,
  LEVERS,
  openStudy,
  planStudy,
  runTask,
  type Study,
  type StudyOptions,
  type StudyResult,
  type StudyTask,
} from "./study.ts";
export type { DrawnMarket, MarketPrices, PlacedOrder, Population, Trader } from "./types.ts";
