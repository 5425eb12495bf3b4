export { challengerMove, type ChallengerMove } from "./challengerMove.ts";
export { readDispute, type DisputeView, type Phase } from "./disputeView.ts";
export { providerMove, type ProviderKnowledge, type ProviderMove } from "./providerMove.ts";
export { RoundComputation, stateRoot, type RoundShape, type StepFunction } from "./roundComputation.ts";
