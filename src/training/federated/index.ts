export { aggregate, type Contribution } from "./aggregate.ts";
export { attackingWorkers, type AttackingWorkers } from "./attackingWorkers.ts";
export { decodeState } from "./decodeState.ts";
export { decodeUpdate } from "./decodeUpdate.ts";
export { DEFAULT_SCORING_RULE } from "./defaultScoringRule.ts";
export { encodeState } from "./encodeState.ts";
export { encodeUpdate } from "./encodeUpdate.ts";
export { externalTrainer, type ExternalTrainerParameters } from "./externalTrainer.ts";
export { formatFederated, formatRound } from "./formatFederated.ts";
export { initialState } from "./initialState.ts";
export {
  localUpdate,
  type LocalTrainer,
  type LocalTrainInput,
  type LocalUpdate,
  type LocalUpdateParameters,
} from "./localUpdate.ts";
export {
  measureMoves,
  type MeasuredMove,
  type MeasureMovesParameters,
  type MeasureRound,
  type Move,
  type RoundMeasures,
} from "./measureMoves.ts";
export { measureTable, type MeasuredTable, type MeasureTableParameters } from "./measureTable.ts";
export { modelRoot } from "./modelRoot.ts";
export { outerStep } from "./outerStep.ts";
export {
  runFederated,
  type FederatedReport,
  type FederatedRound,
  type FederatedWorker,
  type RunFederatedParameters,
  type WorkerTurn,
} from "./runFederated.ts";
export { scoreFromTable, type TableScores, type TableSeat } from "./scoreFromTable.ts";
export { scoreTableFromJson, scoreTableToJson, type ScoreTable } from "./scoreTable.ts";
export { scoreByMoves, scoreUpdates, type ScoreUpdatesParameters } from "./scoreUpdates.ts";
export { trainHere, type TrainHereParameters } from "./trainHere.ts";
export { trainingWorker, type TrainingWorkerParameters } from "./trainingWorker.ts";
export { trainingWorkers, type TrainingWorkersParameters } from "./trainingWorkers.ts";
export type {
  AggregationRule,
  ContributionMeasure,
  GlobalState,
  OuterOptimizer,
  RevealedUpdate,
  RoundScores,
  ScoredUpdate,
  ScoringRule,
  Verdict,
} from "./types.ts";
export { UPDATE_LAYOUT, updateBytes } from "./updateLayout.ts";
export { buildValidation, validationLeaf, verifySlice, type Validation, type ValidationSlice } from "./validation.ts";
