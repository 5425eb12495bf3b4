import type { InterfaceAbi } from "ethers";
import type { RESTRICTED } from "../../src/chain/roles.ts";
import {
  Badges__factory,
  CreditDesk__factory,
  EnergyCertificates__factory,
  EnergyExchange__factory,
  EnergyQueue__factory,
  HandOver__factory,
  Inspections__factory,
  Providers__factory,
  Reputation__factory,
  Seasons__factory,
  TrainingJobs__factory,
} from "../../typechain-types/index.ts";
import type { TestMarket } from "./testMarket.ts";

type Target = keyof typeof RESTRICTED;

/** Interfaces of every contract that has restricted functions. */
export function restrictedAbis(): Record<Target, InterfaceAbi> {
  return {
    EnergyExchange: EnergyExchange__factory.abi,
    CreditDesk: CreditDesk__factory.abi,
    Reputation: Reputation__factory.abi,
    HandOver: HandOver__factory.abi,
    Seasons: Seasons__factory.abi,
    Badges: Badges__factory.abi,
    Inspections: Inspections__factory.abi,
    Providers: Providers__factory.abi,
    EnergyQueue: EnergyQueue__factory.abi,
    TrainingJobs: TrainingJobs__factory.abi,
    EnergyCertificates: EnergyCertificates__factory.abi,
  };
}

/** Where they are in a deployed market. */
export async function restrictedAddresses(market: TestMarket): Promise<Record<Target, string>> {
  return {
    EnergyExchange: await market.exchange.getAddress(),
    CreditDesk: await market.desk.getAddress(),
    Reputation: await market.reputation.getAddress(),
    HandOver: await market.handOver.getAddress(),
    Seasons: await market.seasons.getAddress(),
    Badges: await market.badges.getAddress(),
    Inspections: await market.inspections.getAddress(),
    Providers: await market.providers.getAddress(),
    EnergyQueue: await market.energyQueue.getAddress(),
    TrainingJobs: await market.trainingJobs.getAddress(),
    EnergyCertificates: await market.certificates.getAddress(),
  };
}
