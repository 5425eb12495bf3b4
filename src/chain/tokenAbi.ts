import { AccessManager__factory } from "../../typechain-types/factories/@openzeppelin/contracts/access/manager/AccessManager__factory.ts";
import { CreditDesk__factory } from "../../typechain-types/factories/contracts/credit/CreditDesk__factory.ts";
import { EnergyCredit__factory } from "../../typechain-types/factories/contracts/credit/EnergyCredit__factory.ts";
import { TestPaymentToken__factory } from "../../typechain-types/factories/contracts/credit/TestPaymentToken__factory.ts";

/** Interfaces of the contracts around the exchange. */
export const CREDIT_ABI = EnergyCredit__factory.abi;
export const DESK_ABI = CreditDesk__factory.abi;
export const MANAGER_ABI = AccessManager__factory.abi;
export const TEST_TOKEN_ABI = TestPaymentToken__factory.abi;
