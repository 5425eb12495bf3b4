import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { describeCalls, proposalArguments, readProposal } from "../../src/chain/proposals.ts";
import { accountField, parseInput, proposalField } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({ proposal: proposalField, as: accountField });

type ExecuteArguments = Record<"proposal" | "as" | "deployment", string>;

export default function executeAction(input: ExecuteArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { proposal: id, as } = parseInput(schema, input);
    const { exchange, contract, send } = await openSession(hre, input.deployment);
    const { rpc, deployment } = exchange;
    const governor = contract("GridGovernor");
    const parts = await readProposal({ rpc, deployment, id });
    const { blockNumber } = await send(as, governor.encode("execute", proposalArguments(parts)), governor.address);
    console.log(`Executed in block ${String(blockNumber)}:`);
    for (const call of describeCalls(deployment, parts)) console.log(`  ${call}`);
  });
}
