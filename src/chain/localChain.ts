import { HDNodeWallet } from "ethers";
import type { RpcCall, RpcClient } from "./rpc.ts";

/** The mnemonic that Hardhat's node publishes. Its keys are known to everybody: use them on local chains only. */
const PUBLIC_MNEMONIC = "test test test test test test test test test test test junk";

/** What each of the local node's funded accounts does. Ignition's local module grants the roles the same way. */
export const LOCAL_ACCOUNTS = {
  deployer: 0,
  governor: 1,
  registrar: 2,
  grid: 3,
  guardian: 4,
  inspector: 5,
  gateway: 6,
  matcher: 7,
  treasury: 8,
  owner: 9,
  watcher: 10,
  requester: 11,
  provider: 12,
  network: 15,
  levy: 16,
  fee: 17,
} as const;

export type LocalAccount = keyof typeof LOCAL_ACCOUNTS;

/** The private key of an account of the local node. */
export function localKey(account: LocalAccount): string {
  return HDNodeWallet.fromPhrase(PUBLIC_MNEMONIC, undefined, `m/44'/60'/0'/0/${String(LOCAL_ACCOUNTS[account])}`)
    .privateKey;
}

/** Sets the time of the local chain's next block; later ones follow from there. */
export async function setNextBlockTime(rpc: RpcClient, unixSeconds: number): Promise<void> {
  await rpc.call(command("evm_setNextBlockTimestamp", [unixSeconds]));
}

/** Sets the local chain's time by mining a block. */
export async function mineAt(rpc: RpcClient, unixSeconds: number): Promise<void> {
  await setNextBlockTime(rpc, unixSeconds);
  await rpc.call(command("evm_mine", []));
}

/** Makes one block of the local chain. */
export async function mine(rpc: RpcClient): Promise<void> {
  await rpc.call(command("evm_mine", []));
}

function command(method: string, params: readonly unknown[]): RpcCall<unknown> {
  return { method, params, parse: (result) => result };
}
