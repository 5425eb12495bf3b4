import type { ContractFuture, IgnitionModuleBuilder } from "@nomicfoundation/ignition-core";

/** Libraries that the jobs link. */
const LIBRARIES = ["JobEnergy", "JobPlaces", "JobRounds", "JobScoring", "JobSettlement"] as const;

/** The contracts that jobs work with, by what they are to them. */
export interface JobPartners {
  readonly credit: ContractFuture<string>;
  readonly exchange: ContractFuture<string>;
  readonly providers: ContractFuture<string>;
  readonly queue: ContractFuture<string>;
  readonly reputation: ContractFuture<string>;
  /** Decides measured challenges. */
  readonly reproducible: ContractFuture<string>;
  readonly accessManager: ContractFuture<string>;
}

/**
 * The training jobs with their linked libraries. They need the roles COMPUTE and EVIDENCE.
 *
 * Parameter: `jobRandomness`: where draws take their randomness from, 0 = hash of a block to come (any chain whose blocks have
 * unforeseen hashes), 1 = the beacon's value in the block that draws.
 */
export function deployTrainingJobs(
  m: IgnitionModuleBuilder,
  { credit, exchange, providers, queue, reputation, reproducible, accessManager }: JobPartners,
) {
  const libraries = {
    ...Object.fromEntries(LIBRARIES.map((name) => [name, m.library(name)])),
    JobVerdicts: m.library("JobVerdicts", { libraries: { ScoreRules: m.library("ScoreRules") } }),
  };
  return m.contract(
    "TrainingJobs",
    [credit, exchange, providers, queue, reputation, reproducible, accessManager, m.getParameter("jobRandomness", 0)],
    { libraries },
  );
}
