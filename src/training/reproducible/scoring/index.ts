export { composeMeasurement } from "./composeMeasurement.ts";
export {
  globalTensors,
  inOrderOfHashes,
  lossOnTape,
  measureOnTape,
  type MeasureOnTapeParameters,
} from "./measureOnTape.ts";
export { measurementJob, type MeasurementJob, type MeasurementTerms } from "./measurementJob.ts";
export type { AggregationKind, MeasurementConfig, MeasurementTape } from "./measurementTypes.ts";
export { encodeSelection, selectionLayout, type SelectionLayout } from "./selection.ts";
