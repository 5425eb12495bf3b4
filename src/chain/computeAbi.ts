import { ComputeMarket__factory } from "../../typechain-types/factories/contracts/compute/ComputeMarket__factory.ts";
import { EnergyQueue__factory } from "../../typechain-types/factories/contracts/compute/EnergyQueue__factory.ts";
import { TrainingJobs__factory } from "../../typechain-types/factories/contracts/compute/TrainingJobs__factory.ts";

/** Functions, events and errors of providers, of the energy queue and of federated jobs, as the compiler gives them. */
export const MARKET_ABI = ComputeMarket__factory.abi;
export const QUEUE_ABI = EnergyQueue__factory.abi;
export const JOBS_ABI = TrainingJobs__factory.abi;
