import { ENERGY_SOURCE_CODES, METER_KIND_CODES } from "../../src/market/codes.ts";
import { signConsent } from "../../src/market/sign.ts";
import { signingKey } from "../../src/market/signer.ts";
import type { TestMarket, TestMeter } from "../support/testMarket.ts";
import { account } from "./given.ts";

const SITE_METERS = 16;
const OWNER = 10;

/**
 * Many prepaid and bonded home meters of one owner, registered a site at a time in one transaction each.
 * Every meter carries up to 256 Wh a slot.
 */
export async function crowdOf(market: TestMarket, size: number, balanceTicks: bigint): Promise<TestMeter[]> {
  const owner = account(market, OWNER);
  // Hardhat's accounts come from its public test mnemonic.
  const { HDNodeWallet } = market.connection.ethers;
  const phrase = "test test test test test test test test test test test junk";
  const wallet = HDNodeWallet.fromPhrase(phrase, undefined, `m/44'/60'/0'/0/${String(OWNER)}`);
  const ownerKey = signingKey(wallet.privateKey);
  const registrar = market.exchange.connect(market.registrar);
  const { interface: abi } = market.exchange;
  await market.fund(owner, balanceTicks * BigInt(size));
  const meters: TestMeter[] = [];
  while (meters.length < size) {
    const site = await market.addSite(owner, ownerKey);
    const keys = Array.from({ length: Math.min(SITE_METERS, size - meters.length) }, () => market.newKey());
    const registrations = keys.map((key) => {
      const registration = {
        site,
        meter: key.address,
        kind: METER_KIND_CODES.prosumer,
        source: ENERGY_SOURCE_CODES.none,
        powerClass: 0,
        storageCapacityWh: 0,
        bestEfficiencyPpm: 0,
        importWh: 0,
        exportWh: 0,
      };
      return abi.encodeFunctionData("registerMeter", [
        registration,
        signConsent(market.domain, ownerKey, "MeterConsent", registration),
        signConsent(market.domain, key, "MeterConsent", registration),
      ]);
    });
    await registrar.multicall(registrations);
    const bond = await market.exchange.requiredBond(site);
    await market.fund(owner, bond);
    await market.exchange
      .connect(owner)
      .multicall([
        abi.encodeFunctionData("postBond", [site, bond]),
        ...keys.map(({ address }) => abi.encodeFunctionData("deposit", [address, balanceTicks])),
      ]);
    meters.push(...keys.map((key) => ({ key, address: key.address, site, owner, zone: 1 })));
  }
  return meters;
}
