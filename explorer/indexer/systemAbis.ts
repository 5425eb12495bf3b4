import type { Abi } from "../../src/chain/abiTypes.ts";
import { CERTIFICATE_MARKET_ABI, CERTIFICATES_ABI } from "../../src/chain/certificatesAbi.ts";
import { COMPUTE_MARKET_ABI, ENERGY_QUEUE_ABI, PROVIDERS_ABI } from "../../src/chain/computeAbi.ts";
import { EXCHANGE_ABI } from "../../src/chain/exchangeAbi.ts";
import { GOVERNOR_ABI, HAND_OVER_ABI, REPUTATION_ABI, TIMELOCK_ABI } from "../../src/chain/governanceAbi.ts";
import { INSPECTIONS_ABI } from "../../src/chain/inspectionsAbi.ts";
import { JOBS_ABI } from "../../src/chain/jobsAbi.ts";
import { REPRODUCIBLE_JOBS_ABI } from "../../src/chain/reproducibleAbi.ts";
import { BADGES_ABI, SEASONS_ABI } from "../../src/chain/seasonsAbi.ts";
import { CREDIT_ABI, DESK_ABI, MANAGER_ABI, TEST_TOKEN_ABI } from "../../src/chain/tokenAbi.ts";

/**
 * Contracts whose events are indexed, by their name in a deployment. Linked libraries are not among them: they run at the
 * address of the contract that links them, whose interface has their events.
 */
export const SYSTEM_ABIS: Readonly<Record<string, Abi>> = {
  AccessManager: MANAGER_ABI,
  Badges: BADGES_ABI,
  CertificateMarket: CERTIFICATE_MARKET_ABI,
  ComputeMarket: COMPUTE_MARKET_ABI,
  CreditDesk: DESK_ABI,
  EnergyCertificates: CERTIFICATES_ABI,
  EnergyCredit: CREDIT_ABI,
  EnergyExchange: EXCHANGE_ABI,
  EnergyQueue: ENERGY_QUEUE_ABI,
  GridGovernor: GOVERNOR_ABI,
  HandOver: HAND_OVER_ABI,
  Inspections: INSPECTIONS_ABI,
  Providers: PROVIDERS_ABI,
  Reputation: REPUTATION_ABI,
  ReproducibleJobs: REPRODUCIBLE_JOBS_ABI,
  Seasons: SEASONS_ABI,
  TestPaymentToken: TEST_TOKEN_ABI,
  TimelockController: TIMELOCK_ABI,
  TrainingJobs: JOBS_ABI,
};
