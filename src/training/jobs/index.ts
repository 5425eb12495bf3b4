export { resultHash, roundCommitment } from "./hashes.ts";
export { readIntensityCsv, type IntensitySeries } from "./intensityCsv.ts";
export { trainJobsBy, trainJobsHere, type JobTrainer, type OpenJobTrainer, type OpenTrainer } from "./jobInputs.ts";
export {
  decodeJobSpec,
  encodeJobSpec,
  jobSpecHash,
  parseJobSpec,
  scoringRule,
  tokensPerRound,
  type JobSpec,
} from "./jobSpec.ts";
export type { JobCall, JobsChain, JobVerb, PostedJob } from "./jobsChain.ts";
export { connectJobs, createJobsChain, type JobsLink } from "./jobsLink.ts";
export {
  JOB_STATE,
  UPDATE_STATUS,
  type JobTerms,
  type JobTotals,
  type JobView,
  type Place,
  type RoundView,
} from "./jobTypes.ts";
export { jobMeasurement, jobPrograms, requireMeasurement } from "./measured/jobMeasurement.ts";
export { openEvaluator, type OpenEvaluatorParameters } from "./openEvaluator.ts";
export { openRequester, type OpenRequesterParameters } from "./openRequester.ts";
export { openSettler, type OpenSettlerParameters } from "./openSettler.ts";
export { openWorker, type OpenWorkerParameters } from "./openWorker.ts";
export { DEFAULT_OFFER, postJob, type JobOffer, type PostJobParameters } from "./postJob.ts";
export { formatReceipt, readReceipt, receiptJson, type JobReceiptReport } from "./receipt.ts";
export { formatAction, type Role, type RoleAction } from "./role.ts";
export {
  copyingWorker,
  honestWorker,
  lateWorker,
  lazyWorker,
  oversizedWorker,
  poisonedWorker,
  type WorkerBehaviour,
} from "./workerBehaviour.ts";
