import { connectContract, type ConnectedContract } from "../chain/contract.ts";
import { contractAddress } from "../chain/deployment.ts";
import type { ConnectedExchange } from "../chain/exchange.ts";
import { REPUTATION_ABI } from "../chain/governanceAbi.ts";
import type { Sender } from "../chain/sender.ts";

/** Sites in one transaction: 16 meters each would still fit. */
const SITES_AT_ONCE = 10;

type ReputationContract = ConnectedContract<typeof REPUTATION_ABI>;

/** Reputation of a deployment. */
export function connectReputation({ rpc, deployment }: ConnectedExchange): ReputationContract {
  return connectContract({ rpc, abi: REPUTATION_ABI, address: contractAddress(deployment, "Reputation") });
}

/** Brings every site's reputation, tier and votes up to date; anybody may, once a day. */
export async function syncSites(
  reputation: ReputationContract,
  sender: Sender,
  sites: readonly number[],
): Promise<void> {
  const parts: number[][] = [];
  for (let from = 0; from < sites.length; from += SITES_AT_ONCE) parts.push(sites.slice(from, from + SITES_AT_ONCE));
  await sender.send(parts.map((part) => ({ to: reputation.address, data: reputation.encode("syncMany", [part]) })));
}
