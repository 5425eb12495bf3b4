import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { proposalArguments, readProposal } from "../../src/chain/proposals.ts";
import { accountField, parseInput, proposalField } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({ proposal: proposalField, as: accountField });

type QueueArguments = Record<"proposal" | "as" | "deployment", string>;

export default function queueAction(input: QueueArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { proposal: id, as } = parseInput(schema, input);
    const { exchange, contract, send } = await openSession(hre, input.deployment);
    const { rpc, deployment } = exchange;
    const governor = contract("GridGovernor");
    const parts = await readProposal({ rpc, deployment, id });
    await send(as, governor.encode("queue", proposalArguments(parts)), governor.address);
    const { executableFrom } = await readProposal({ rpc, deployment, id });
    console.log(`Queued. It may be executed from ${new Date(executableFrom * 1000).toISOString()} on.`);
  });
}
