export { dischargedWh, issuableWh, roundTripPpm, type StorageRegisters } from "./amounts.ts";
export { certificateBundle, type BundleInput, type CertificateBundle } from "./bundle.ts";
export { decodeCertificateId, encodeCertificateId, type CertificateLot } from "./certificateId.ts";
export { connectCertificates, type CertificatesLink } from "./certificatesLink.ts";
export { readHoldings } from "./holdings.ts";
export { issueReadings, type IssuedReading, type IssueReadingsParameters } from "./issueReadings.ts";
export { unmatchedEnergy } from "./jobConsumption.ts";
export { matchedEnergy, type CancelledMatch, type MatchedEnergy, type ProvedSlot } from "./matchedEnergy.ts";
export { MATCH_POLICY_CODES, matchesPolicy, type Consumption, type MatchPolicy } from "./matchPolicy.ts";
export { CERTIFICATE_OFFER_TYPES, offerDomain, offerHash, type CertificateOffer } from "./offer.ts";
export {
  limitMatches,
  planMatches,
  type Holding,
  type PlanMatchesInput,
  type PlannedMatch,
  type Unmatched,
} from "./planMatches.ts";
export { readBundles } from "./readBundles.ts";
