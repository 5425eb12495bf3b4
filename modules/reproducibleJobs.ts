import type { ContractFuture, IgnitionModuleBuilder } from "@nomicfoundation/ignition-core";

/** The contracts that reproducible jobs work with, by what they are to them. */
export interface ReproduciblePartners {
  readonly credit: ContractFuture<string>;
  /** Gets what a loser's bond leaves. */
  readonly seasonPool: ContractFuture<string>;
}

/** Jobs whose results anybody can repeat and challenge, with the referee that they link. They need no role. */
export function deployReproducibleJobs(m: IgnitionModuleBuilder, { credit, seasonPool }: ReproduciblePartners) {
  return m.contract("ReproducibleJobs", [credit, seasonPool], { libraries: { Referee: m.library("Referee") } });
}
