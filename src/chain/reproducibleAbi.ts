import { ReproducibleJobs__factory } from "../../typechain-types/factories/contracts/compute/reproducible/ReproducibleJobs__factory.ts";

/** Functions, events and errors of the reproducible jobs, as the compiler gives them. */
export const REPRODUCIBLE_JOBS_ABI = ReproducibleJobs__factory.abi;
