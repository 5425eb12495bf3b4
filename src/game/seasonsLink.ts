import { connectContract, type ConnectedContract } from "../chain/contract.ts";
import { contractAddress, type Deployment } from "../chain/deployment.ts";
import type { RpcClient } from "../chain/rpc.ts";
import { SEASONS_ABI } from "../chain/seasonsAbi.ts";
import type { SeasonClock } from "./seasonClock.ts";

export type SeasonsContract = ConnectedContract<typeof SEASONS_ABI>;

/** The seasons of a deployment with their clock. */
export interface SeasonsLink {
  readonly contract: SeasonsContract;
  readonly clock: SeasonClock;
}

/** Connects to the seasons of a deployment and asks for their clock, which never changes. */
export async function connectSeasons(rpc: RpcClient, deployment: Deployment): Promise<SeasonsLink> {
  const contract = connectContract({ rpc, abi: SEASONS_ABI, address: contractAddress(deployment, "Seasons") });
  const [startSlot, seasonSlots, claimSlots] = await Promise.all([
    contract.read("startSlot", []),
    contract.read("seasonSlots", []),
    contract.read("claimSlots", []),
  ]);
  return { contract, clock: { startSlot, seasonSlots, claimSlots } };
}
