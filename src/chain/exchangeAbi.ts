import { AccessManager__factory } from "../../typechain-types/factories/@openzeppelin/contracts/access/manager/AccessManager__factory.ts";
import { CreditDesk__factory } from "../../typechain-types/factories/contracts/credit/CreditDesk__factory.ts";
import { EnergyCredit__factory } from "../../typechain-types/factories/contracts/credit/EnergyCredit__factory.ts";
import { EnergyExchange__factory } from "../../typechain-types/factories/contracts/energy/EnergyExchange__factory.ts";
import { INSPECTIONS_ABI } from "./inspectionsAbi.ts";
import { COMPUTE_MARKET_ABI, ENERGY_QUEUE_ABI, PROVIDERS_ABI } from "./computeAbi.ts";
import { BADGES_ABI, SEASONS_ABI } from "./seasonsAbi.ts";
import { JOBS_ABI } from "./jobsAbi.ts";
import { CERTIFICATES_ABI, CERTIFICATE_MARKET_ABI } from "./certificatesAbi.ts";
import { REPRODUCIBLE_JOBS_ABI } from "./reproducibleAbi.ts";
import type { Abi } from "./abiTypes.ts";
import { GOVERNOR_ABI, HAND_OVER_ABI, REPUTATION_ABI, TIMELOCK_ABI } from "./governanceAbi.ts";

/** Functions, events and errors of the exchange, as the compiler gives them. */
export const EXCHANGE_ABI = EnergyExchange__factory.abi;

/** What is called directly or through others. One by one: their union is too large for the compiler. */
const CONTRACTS: readonly Abi[] = [
  EnergyExchange__factory.abi,
  CreditDesk__factory.abi,
  EnergyCredit__factory.abi,
  AccessManager__factory.abi,
  REPUTATION_ABI,
  GOVERNOR_ABI,
  TIMELOCK_ABI,
  HAND_OVER_ABI,
  SEASONS_ABI,
  BADGES_ABI,
  INSPECTIONS_ABI,
  JOBS_ABI,
  REPRODUCIBLE_JOBS_ABI,
  COMPUTE_MARKET_ABI,
  ENERGY_QUEUE_ABI,
  PROVIDERS_ABI,
  CERTIFICATES_ABI,
  CERTIFICATE_MARKET_ABI,
];
const ERRORS: Abi = CONTRACTS.flat().filter(({ type }) => type === "error");

/**
 * Every custom error that a transaction to the system can end with: a call to one contract runs through others. Errors of
 * one signature are one error, named as the first contract names its values.
 */
export const SYSTEM_ERRORS: Abi = ERRORS.filter(
  (error, place) => ERRORS.findIndex((other) => signatureOf(other) === signatureOf(error)) === place,
);

function signatureOf({ name = "", inputs = [] }: Abi[number]): string {
  return `${name}(${inputs.map(({ type }) => type).join()})`;
}
