export type { EmpiricalGame } from "./game/empiricalGame.ts";
export type { Gain } from "./gain.ts";
export type { DeviationGain } from "./measureDeviations.ts";
export { RULES, type Rule } from "./rules/clearOrders.ts";
export {
  joinResults,
  LEVERS,
  openStudy,
  planStudy,
  runTask,
  type StudyOptions,
  type StudyResult,
  type StudyTask,
} from "./study.ts";
