export { composeMeasurement } from "./composeMeasurement.ts";
export { globalTensors, movedRoot } from "./globalTensors.ts";
export { inOrderOfHashes, lossOnTape, measureOnTape, type MeasureOnTapeParameters } from "./measureOnTape.ts";
export { addressJob, composeAddress } from "./addressJob.ts";
export { measurementJob, measurementStrings, type MeasuredRound } from "./measurementJob.ts";
export type { AggregationKind, MeasurementConfig, MeasurementTape } from "./measurementTypes.ts";
export {
  measurementHash,
  measurementPrograms,
  type MeasuredProgram,
  type MeasuredSpec,
  type MeasurementPrograms,
} from "./measurementPrograms.ts";
export { composeReadState, readStateJob } from "./readStateJob.ts";
export { encodeSelection, selectionLayout, type SelectionLayout } from "./selection.ts";
export type { StringsJob, StringsTerms } from "./stringsJob.ts";
