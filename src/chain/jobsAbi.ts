import { TrainingJobs__factory } from "../../typechain-types/factories/contracts/compute/TrainingJobs__factory.ts";

/** Functions, events and errors of the training jobs, as the compiler gives them. */
export const TRAINING_JOBS_ABI = TrainingJobs__factory.abi;
