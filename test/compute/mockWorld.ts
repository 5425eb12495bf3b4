import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { getAddress, keccak256, MaxUint256, toUtf8Bytes } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";
import { ROLES } from "../../src/chain/roles.ts";
import { SLOT_SECONDS } from "../../src/units.ts";
import type {
  ComputeExchangeMock,
  ComputeMarket,
  EnergyQueue,
  Providers,
  TestPaymentToken,
} from "../../typechain-types/index.ts";

/** The compute market on an exchange whose facts are set by hand, so that days pass in one step. */
export interface MockWorld {
  readonly connection: NetworkConnection;
  readonly exchange: ComputeExchangeMock;
  readonly credit: TestPaymentToken;
  readonly providers: Providers;
  readonly queue: EnergyQueue;
  readonly market: ComputeMarket;
  /** Accounts; the second last is a locker of stake and queuer of its own, the last stands for the season pool. */
  readonly signers: readonly HardhatEthersSigner[];
  readonly worker: HardhatEthersSigner;
  readonly pool: HardhatEthersSigner;
}

export const ZONE = 1;
export const IMPORT_PRICE = 250_000n;

export async function deployMockWorld(connection: NetworkConnection): Promise<MockWorld> {
  const { ethers } = connection;
  const signers = await ethers.getSigners();
  const [admin] = signers;
  const [worker, pool] = signers.slice(-2);
  if (admin === undefined || worker === undefined || pool === undefined) throw new Error("accounts are missing");
  const exchange = await ethers.deployContract("ComputeExchangeMock");
  const credit = await ethers.deployContract("TestPaymentToken");
  const manager = await ethers.deployContract("AccessManager", [admin.address]);
  const providers = await ethers.deployContract("Providers", [exchange, credit, pool, manager]);
  const queue = await ethers.deployContract("EnergyQueue", [exchange, manager]);
  const market = await ethers.deployContract("ComputeMarket", [exchange, credit, providers, exchange, queue, pool]);
  await manager.setTargetFunctionRole(
    providers,
    [providers.interface.getFunction("lockStake").selector],
    ROLES.COMPUTE,
  );
  await manager.setTargetFunctionRole(queue, [queue.interface.getFunction("setQueued").selector], ROLES.COMPUTE);
  for (const account of [market, worker, admin]) await manager.grantRole(ROLES.COMPUTE, account, 0);
  await exchange.setZone(ZONE, 100_000, IMPORT_PRICE, 0);
  for (const signer of signers.slice(0, 8)) {
    await credit.mint(signer.address, 10n ** 30n);
    for (const spender of [providers, market]) await credit.connect(signer).approve(spender, MaxUint256);
  }
  return { connection, exchange, credit, providers, queue, market, signers, worker, pool };
}

export function meterOf(name: string): string {
  return getAddress(keccak256(toUtf8Bytes(`meter of ${name}`)).slice(0, 42));
}

/** Let the next transaction be in this slot. */
export async function startSlot({ connection }: MockWorld, slot: number): Promise<void> {
  await connection.networkHelpers.time.setNextBlockTimestamp(slot * SLOT_SECONDS);
}
