import { ComputeMarket__factory } from "../../typechain-types/factories/contracts/compute/ComputeMarket__factory.ts";
import { EnergyQueue__factory } from "../../typechain-types/factories/contracts/compute/EnergyQueue__factory.ts";
import { Providers__factory } from "../../typechain-types/factories/contracts/compute/Providers__factory.ts";

/** Functions, events and errors of the compute market, its providers and the queue of waiting energy. */
export const COMPUTE_MARKET_ABI = ComputeMarket__factory.abi;
export const PROVIDERS_ABI = Providers__factory.abi;
export const ENERGY_QUEUE_ABI = EnergyQueue__factory.abi;
