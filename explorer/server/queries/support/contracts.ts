import { CERTIFICATES_ABI } from "../../../../src/chain/certificatesAbi.ts";
import { PROVIDERS_ABI } from "../../../../src/chain/computeAbi.ts";
import { connectContract, type ConnectedContract } from "../../../../src/chain/contract.ts";
import { contractAddress } from "../../../../src/chain/deployment.ts";
import { EXCHANGE_ABI } from "../../../../src/chain/exchangeAbi.ts";
import { GOVERNOR_ABI, REPUTATION_ABI } from "../../../../src/chain/governanceAbi.ts";
import { CREDIT_ABI } from "../../../../src/chain/tokenAbi.ts";
import type { ServerContext } from "../../context.ts";

const ABIS = {
  EnergyCertificates: CERTIFICATES_ABI,
  EnergyCredit: CREDIT_ABI,
  EnergyExchange: EXCHANGE_ABI,
  GridGovernor: GOVERNOR_ABI,
  Providers: PROVIDERS_ABI,
  Reputation: REPUTATION_ABI,
} as const;

type Name = keyof typeof ABIS;

const connected = new WeakMap<ServerContext, Map<Name, unknown>>();

/** A contract of the deployment. Its interface takes longer to prepare than most answers, so it is prepared once. */
export function contractOf<const N extends Name>(context: ServerContext, name: N): ConnectedContract<(typeof ABIS)[N]> {
  const known = connected.get(context) ?? new Map<Name, unknown>();
  connected.set(context, known);
  const { rpc, deployment } = context;
  const contract =
    known.get(name) ?? connectContract({ rpc, abi: ABIS[name], address: contractAddress(deployment, name) });
  known.set(name, contract);
  // Which interface it has, its name says.
  return contract as ConnectedContract<(typeof ABIS)[N]>;
}
