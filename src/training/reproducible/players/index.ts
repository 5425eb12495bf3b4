export { challengerMove, type ChallengerMove } from "./challengerMove.ts";
export { disputeSize, largestDispute, type DisputeSize } from "./disputeSize.ts";
export { readDispute, type DisputeView, type Phase } from "./disputeView.ts";
export { JobComputation, stateRoot, type JobComputationParameters, type JobShape } from "./jobComputation.ts";
export { providerMove, type ProviderKnowledge, type ProviderMove } from "./providerMove.ts";
export { RoundComputation, type ElementPlace } from "./roundComputation.ts";
export { recentStates, type StateKeeper } from "./stateKeeper.ts";
export type { State, StepRunner } from "./stepRunner.ts";
