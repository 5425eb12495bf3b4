import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { NetworkConnection } from "hardhat/types/network";
import { restrictedFunctions, ROLES } from "../../src/chain/roles.ts";
import { METER_KIND_CODES, METER_STATUS_CODES, type RegisteredKind } from "../../src/market/codes.ts";
import { encodeMeterWord, NEUTRAL_RELIABILITY, NO_FLAGS } from "../../src/market/meterWord.ts";
import { slotLimitWh } from "../../src/market/powerClass.ts";
import type { SampledMeter } from "../../src/game/samples.ts";
import type { AccessManager, Reputation, ReputationSourceMock } from "../../typechain-types/index.ts";

export const DAY_SECONDS = 86_400;
/** Day of the first sync of most tests: 2025-06-22, as slot / 96. */
export const FIRST_DAY = 20_261;
/** 2 kW: 512 Wh a slot. */
export const POWER_CLASS = 0x10;
export const SLOT_LIMIT_WH = slotLimitWh(POWER_CLASS);

export interface MockMeter {
  readonly meter: string;
  readonly kind?: RegisteredKind;
  readonly status?: keyof typeof METER_STATUS_CODES;
  readonly reliability?: number;
  readonly importWh?: number;
  readonly exportWh?: number;
  readonly capacityWh?: number;
  readonly bestEfficiencyPpm?: number;
  readonly powerClass?: number;
}

/** Reputation over an exchange whose facts a test sets. */
export interface ReputationBench {
  readonly reputation: Reputation;
  readonly source: ReputationSourceMock;
  readonly manager: AccessManager;
  readonly governor: HardhatEthersSigner;
  readonly seasons: HardhatEthersSigner;
  readonly compute: HardhatEthersSigner;
  readonly owners: readonly HardhatEthersSigner[];
  /** A site and its meters as they stand from now on. */
  readonly setSite: (site: number, owner: string, meters: readonly MockMeter[], faults?: number) => Promise<void>;
  /** Sync a site at noon of a day. */
  readonly sync: (site: number, day: number) => Promise<void>;
}

export async function deployReputationBench(connection: NetworkConnection): Promise<ReputationBench> {
  const { ethers, networkHelpers } = connection;
  const [deployer, governor, seasons, compute, ...owners] = await ethers.getSigners();
  if (deployer === undefined || governor === undefined || seasons === undefined || compute === undefined) {
    throw new Error("too few accounts");
  }
  const manager = await ethers.deployContract("AccessManager", [deployer.address]);
  const source = await ethers.deployContract("ReputationSourceMock");
  const reputation = await ethers.deployContract("Reputation", [source, manager]);
  for (const { role, selectors } of restrictedFunctions("Reputation")) {
    await manager.setTargetFunctionRole(reputation, selectors, ROLES[role]);
  }
  await manager.grantRole(ROLES.GOVERNOR, governor.address, 0);
  await manager.grantRole(ROLES.SEASONS, seasons.address, 0);
  await manager.grantRole(ROLES.COMPUTE, compute.address, 0);

  async function setSite(site: number, owner: string, meters: readonly MockMeter[], faults = 0): Promise<void> {
    await source.setSite(
      site,
      owner,
      faults,
      meters.map(({ meter }) => meter),
    );
    for (const given of meters) {
      const { meter, kind = "prosumer", status = "active", capacityWh = 0, bestEfficiencyPpm = 0 } = given;
      await source.setMeter(
        meter,
        wordOf(given),
        METER_KIND_CODES[kind],
        METER_STATUS_CODES[status],
        capacityWh,
        bestEfficiencyPpm,
      );
    }
  }

  async function sync(site: number, day: number): Promise<void> {
    await networkHelpers.time.setNextBlockTimestamp(day * DAY_SECONDS + DAY_SECONDS / 2);
    await reputation.sync(site);
  }
  return { reputation, source, manager, governor, seasons, compute, owners, setSite, sync };
}

/** What the twin takes of a mock meter; undefined where reputation passes over it. */
export function sampledMeter(given: MockMeter): SampledMeter | undefined {
  const { meter, kind = "prosumer", status = "active", importWh = 0, exportWh = 0 } = given;
  if (kind === "feeder" || status !== "active") return undefined;
  const { capacityWh = 0, bestEfficiencyPpm = 0 } = given;
  return {
    meter,
    reliability: given.reliability ?? NEUTRAL_RELIABILITY,
    slotLimitWh: slotLimitWh(given.powerClass ?? POWER_CLASS),
    ...(kind === "storage" ? { storage: { importWh, exportWh, capacityWh, bestEfficiencyPpm } } : {}),
  };
}

function wordOf({ kind, reliability, importWh = 0, exportWh = 0, powerClass }: MockMeter): bigint {
  return encodeMeterWord({
    importWh,
    exportWh,
    lastSlot: 0,
    laneEven: null,
    laneOdd: null,
    balanceTicks: 0n,
    reliability: reliability ?? NEUTRAL_RELIABILITY,
    tier: 0,
    flags: { ...NO_FLAGS, storage: kind === "storage", feeder: kind === "feeder" },
    powerClass: powerClass ?? POWER_CLASS,
    zone: 1,
  });
}
