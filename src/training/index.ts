export {
  readCorpus,
  readDefaultCorpus,
  splitCorpus,
  type Corpus,
  type ReadCorpusOptions,
  type SplitCorpus,
} from "./corpus.ts";
export { hashWeights } from "./hashWeights.ts";
export { openTrainer, type OpenTrainerOptions } from "./openTrainer.ts";
export { layOutParameters, type LayerParameters, type Parameter, type Parameters } from "./parameters.ts";
export type { ModelConfig, Optimizer, OptimizerState, SampleInput, Trainer, TrainInput, TrainResult } from "./types.ts";
