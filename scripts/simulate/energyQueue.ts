import hre from "hardhat";
import { Interface } from "ethers";
import { contractAddress } from "../../src/chain/deployment.ts";
import type { ConnectedExchange } from "../../src/chain/exchange.ts";
import type { RpcCall } from "../../src/chain/rpc.ts";
import { localSenders } from "../../src/community/localSenders.ts";
import { SLOTS_PER_DAY } from "../../src/units.ts";

const QUEUE_INTERFACE = new Interface(["function set(uint16 zone, uint32 firstSlot, uint256[] energyWh)"]);
const EMPTY_WORD = `0x${"0".repeat(64)}`;

/**
 * Puts a queue that says what it is told in the place of the local chain's own, which knows jobs alone: the simulator's training waits
 * without being one. The exchange asks it as it asks any queue.
 */
export async function toldQueue(
  exchange: ConnectedExchange,
): Promise<(zone: number, firstSlot: number, queuedWh: readonly number[]) => Promise<void>> {
  const { rpc, deployment } = exchange;
  const place = contractAddress(deployment, "EnergyQueue");
  const { deployedBytecode } = await hre.artifacts.readArtifact("EnergyQueueMock");
  await rpc.call(command("hardhat_setCode", [place, deployedBytecode]));
  // The deployed queue keeps its authority where this one keeps its manner.
  await rpc.call(command("hardhat_setStorageAt", [place, "0x0", EMPTY_WORD]));
  const sender = localSenders(exchange).of("deployer");
  return async (zone, firstSlot, queuedWh) => {
    for (let from = 0; from < queuedWh.length; from += SLOTS_PER_DAY) {
      const part = queuedWh.slice(from, from + SLOTS_PER_DAY);
      const data = QUEUE_INTERFACE.encodeFunctionData("set", [zone, firstSlot + from, part]);
      await sender.send([{ to: place, data, gasLimit: 6_000_000n }]);
    }
  };
}

function command(method: string, params: readonly unknown[]): RpcCall<unknown> {
  return { method, params, parse: (result) => result };
}
