export { formatDispute, readDisputeReport, type DisputeReport } from "./disputeReport.ts";
export { composeJob, requireDerivedTerms, type ComposedJob, type DerivedTerms } from "./composeJob.ts";
export { openProvider, type OpenProviderParameters } from "./openProvider.ts";
export { openReproducibleSettler } from "./openReproducibleSettler.ts";
export { openVerifier, type OpenVerifierParameters, type ClaimVerdict, type Verifier } from "./openVerifier.ts";
export { postReproducible, type PostReproducibleParameters, type ReproducibleOffer } from "./postReproducible.ts";
export { corruptingProvider, honestProvider, type ProviderBehaviour, type WeightPlace } from "./providerBehaviour.ts";
export type { Challenge, ReproducibleCall, ReproducibleChain, ReproducibleVerb } from "./reproducibleChain.ts";
export { connectReproducible, createReproducibleChain, type ReproducibleLink } from "./reproducibleLink.ts";
export {
  decodeReproducibleSpec,
  encodeReproducibleSpec,
  parseReproducibleSpec,
  reproducibleSpecHash,
  type ReproducibleSpec,
} from "./reproducibleSpec.ts";
export {
  REPRODUCIBLE_STATE,
  type DisputeInfo,
  type ReproducibleJobView,
  type ReproducibleTerms,
  type RoundClaimView,
} from "./reproducibleTypes.ts";
