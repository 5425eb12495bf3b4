import { CreditDesk__factory } from "../../typechain-types/factories/contracts/credit/CreditDesk__factory.ts";
import { EnergyCredit__factory } from "../../typechain-types/factories/contracts/credit/EnergyCredit__factory.ts";

export const CREDIT_ABI = EnergyCredit__factory.abi;
export const DESK_ABI = CreditDesk__factory.abi;
export { REPUTATION_ABI } from "../chain/governanceAbi.ts";
export { INSPECTIONS_ABI } from "../chain/inspectionsAbi.ts";
export { BADGES_ABI, SEASONS_ABI } from "../chain/seasonsAbi.ts";
export { COMPUTE_MARKET_ABI as MARKET_ABI, ENERGY_QUEUE_ABI as QUEUE_ABI, PROVIDERS_ABI } from "../chain/computeAbi.ts";
export { JOBS_ABI } from "../chain/jobsAbi.ts";
export { REPRODUCIBLE_JOBS_ABI } from "../chain/reproducibleAbi.ts";
export { CERTIFICATES_ABI, CERTIFICATE_MARKET_ABI } from "../chain/certificatesAbi.ts";
