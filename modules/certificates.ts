import type { ContractFuture, IgnitionModuleBuilder } from "@nomicfoundation/ignition-core";

/** The contracts that certificates work with, by what they are to them. */
export interface CertificatePartners {
  readonly credit: ContractFuture<string>;
  readonly exchange: ContractFuture<string>;
  readonly inspections: ContractFuture<string>;
  readonly jobs: ContractFuture<string>;
  readonly accessManager: ContractFuture<string>;
}

/**
 * Granular certificates, which need the role EVIDENCE, and their market.
 *
 * Parameter: `certificateLifetime`: slots that a certificate lives after its own, at first; a year unless said otherwise.
 */
export function deployCertificates(
  m: IgnitionModuleBuilder,
  { credit, exchange, inspections, jobs, accessManager }: CertificatePartners,
) {
  const energyCertificates = m.contract("EnergyCertificates", [
    exchange,
    inspections,
    jobs,
    accessManager,
    m.getParameter("certificateLifetime", 35_040),
  ]);
  const certificateMarket = m.contract("CertificateMarket", [energyCertificates, credit, exchange]);
  return { energyCertificates, certificateMarket };
}
