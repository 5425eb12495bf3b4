import { ComputeMarket__factory } from "../../typechain-types/factories/contracts/compute/ComputeMarket__factory.ts";
import { ITrainingJobs__factory } from "../../typechain-types/factories/contracts/compute/ITrainingJobs__factory.ts";

/** Functions, events and errors of federated training jobs, as the compiler gives them. */
export const JOBS_ABI = ITrainingJobs__factory.abi;

/** The same of the registry of providers, which holds their stake. */
export const COMPUTE_MARKET_ABI = ComputeMarket__factory.abi;
