export { admissibleOptions, type PlacementOption } from "./admissibleOptions.ts";
export { bqmDocument, type BqmDocument } from "./bqmJson.ts";
export {
  comparePlacements,
  type MethodResult,
  type PlacementComparison,
  type PlacementMethod,
} from "./comparePlacements.ts";
export { exactOptimum, placementProgramme } from "./exactOptimum.ts";
export { formatPlacement } from "./formatPlacement.ts";
export { judge, type Judgement } from "./judge.ts";
export { openQasm } from "./openQasm.ts";
export { placementQubo } from "./placementQubo.ts";
export { qaoa, type QaoaAngles, type QaoaParameters, type QaoaResult } from "./qaoa.ts";
export { quantumAnnealing } from "./quantumAnnealing.ts";
export { isingEnergy, quboEnergy, toIsing, toQubo, type Ising, type Qubo } from "./qubo.ts";
export { randomPlacement, type RandomPlacementParameters } from "./randomPlacement.ts";
export { parsePlacement, readPlacement, type Placement, type PlacementJob } from "./scenario.ts";
export { simulatedAnnealing, type AnnealingParameters } from "./simulatedAnnealing.ts";
