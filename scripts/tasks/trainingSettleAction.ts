import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { mine } from "../../src/chain/localChain.ts";
import { openReproducibleSettler } from "../../src/training/reproducible/jobs/openReproducibleSettler.ts";
import { createReproducibleChain } from "../../src/training/reproducible/jobs/reproducibleLink.ts";
import type { Role } from "../../src/training/jobs/role.ts";
import { openSettler } from "../../src/training/jobs/openSettler.ts";
import { accountNumberField, openJobParty, pollField, runRole } from "./support/jobParty.ts";
import { parseInput } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";

const schema = z.object({ mine: z.boolean(), account: accountNumberField, poll: pollField, once: z.boolean() });

type SettleArguments = z.input<typeof schema> & { readonly deployment: string };

export default function trainingSettleAction(input: SettleArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { mine: mines, account, poll, once } = parseInput(schema, input);
    const party = await openJobParty(hre, { deployment: input.deployment, account });
    const { rpc } = party.exchange;
    const federated = openSettler({ chain: party.chain, ...(mines ? { onDrawWaiting: () => mine(rpc) } : {}) });
    const reproducible = openReproducibleSettler(createReproducibleChain(party.exchange, party.sender));
    const role: Role = {
      step: async (chainTime) => [...(await federated.step(chainTime)), ...(await reproducible.step(chainTime))],
      close: () => undefined,
    };
    await runRole({ party, role, once, pollMs: poll });
  });
}
