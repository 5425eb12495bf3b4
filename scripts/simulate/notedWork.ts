import { Interface } from "ethers";
import { contractAddress } from "../../src/chain/deployment.ts";
import type { ConnectedExchange } from "../../src/chain/exchange.ts";
import { setNextBlockTime } from "../../src/chain/localChain.ts";
import type { RpcCall } from "../../src/chain/rpc.ts";
import type { NotedWork } from "../../src/simulation/twin/index.ts";

const WORK_INTERFACE = new Interface([
  "function noteWork(uint32 site, uint256 contributionPpm, uint256 efficiencyPpm)",
]);
/** What the contract takes for "no sample". */
const NO_SAMPLE = 2n ** 24n - 1n;
const ETHER = "0xde0b6b3a7640000";

/** Notes work in the name of the job contract of a local chain: the simulator's training is no job. */
export async function notedWork(
  exchange: ConnectedExchange,
): Promise<(works: readonly NotedWork[], unixSeconds: number) => Promise<void>> {
  const { rpc, deployment } = exchange;
  const from = contractAddress(deployment, "TrainingJobs");
  const to = contractAddress(deployment, "Reputation");
  await rpc.call(command("hardhat_impersonateAccount", [from]));
  await rpc.call(command("hardhat_setBalance", [from, ETHER]));
  return async (works, unixSeconds) => {
    for (const { site, contributionPpm } of works) {
      const data = WORK_INTERFACE.encodeFunctionData("noteWork", [site, contributionPpm, NO_SAMPLE]);
      await setNextBlockTime(rpc, unixSeconds);
      await rpc.call(command("eth_sendTransaction", [{ from, to, data }]));
    }
  };
}

function command(method: string, params: readonly unknown[]): RpcCall<unknown> {
  return { method, params, parse: (result) => result };
}
