import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { NetworkConnection } from "hardhat/types/network";
import { ENERGY_SOURCE_CODES, METER_KIND_CODES } from "../../src/market/codes.ts";
import { marketDomain, type ConsentMessages, type MarketDomain } from "../../src/market/messages.ts";
import { signConsent } from "../../src/market/sign.ts";
import type { SigningKey } from "../../src/market/signer.ts";
import type { TestMarket, TestMeter } from "./testMarket.ts";

type Registration = ConsentMessages["MeterConsent"];

/** The same exchange on another chain, and another exchange on the same chain: what a consent must not be good for. */
export function foreignDomains(market: TestMarket): { chain: MarketDomain; contract: MarketDomain } {
  const { chainId, verifyingContract } = market.domain.fields;
  return {
    chain: marketDomain(chainId + 1, verifyingContract),
    contract: marketDomain(chainId, market.worker.address),
  };
}

/** A registration of a consumer with the given changes. */
export function registrationOf(site: number, meter: string, changes: Partial<Registration> = {}): Registration {
  return {
    site,
    meter,
    kind: METER_KIND_CODES.consumer,
    source: ENERGY_SOURCE_CODES.none,
    powerClass: 0x34,
    storageCapacityWh: 0,
    bestEfficiencyPpm: 0,
    importWh: 0,
    exportWh: 0,
    ...changes,
  };
}

/** Replace the meter's device with `key`, by default a new key of the same device; returns the new meter. */
export async function replaceDevice(
  market: TestMarket,
  meter: TestMeter,
  key: SigningKey,
  registers: { importWh?: number; exportWh?: number; estimated?: boolean } = {},
) {
  const replacement = await replacementOf(market, meter, key.address, registers);
  const ownerSignature = await market.consent(meter.owner, "MeterReplacement", replacement);
  const deviceSignature = signConsent(market.domain, key, "MeterReplacement", replacement);
  const transaction = await market.exchange
    .connect(market.registrar)
    .replaceMeter(replacement, ownerSignature, deviceSignature);
  return { transaction, replacement, meter: { ...meter, key, address: key.address } satisfies TestMeter };
}

/** What owner and device sign for a replacement at the last settled registers. */
export async function replacementOf(
  market: TestMarket,
  meter: TestMeter,
  newMeter: string,
  registers: { importWh?: number; exportWh?: number; estimated?: boolean } = {},
): Promise<ConsentMessages["MeterReplacement"]> {
  const word = await market.word(meter);
  return {
    oldMeter: meter.address,
    newMeter,
    finalImportWh: word.importWh,
    finalExportWh: word.exportWh,
    estimated: registers.estimated ?? false,
    importWh: registers.importWh ?? word.importWh,
    exportWh: registers.exportWh ?? word.exportWh,
    nonce: Number((await market.exchange.siteInfo(meter.site)).nonce),
  };
}

/** A wallet contract that `owner` signs for (ERC-1271). */
export async function deployWallet(connection: NetworkConnection, owner: HardhatEthersSigner) {
  return connection.ethers.deployContract("SmartWallet", [owner.address]);
}
