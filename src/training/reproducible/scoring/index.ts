export { composeMeasurement } from "./composeMeasurement.ts";
export {
  globalTensors,
  inOrderOfHashes,
  lossOnTape,
  measureOnTape,
  type MeasureOnTapeParameters,
} from "./measureOnTape.ts";
export { addressJob, composeAddress } from "./addressJob.ts";
export { measurementJob } from "./measurementJob.ts";
export type { AggregationKind, MeasurementConfig, MeasurementTape } from "./measurementTypes.ts";
export { encodeSelection, selectionLayout, type SelectionLayout } from "./selection.ts";
export type { StringsJob, StringsTerms } from "./stringsJob.ts";
