import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { openRequester } from "../../src/training/jobs/openRequester.ts";
import { openUpdateStore } from "../../src/training/store/index.ts";
import { accountNumberField, openJobParty, pathField, pollField, runRole } from "./support/jobParty.ts";
import { parseInput } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";

const schema = z.object({
  journal: pathField,
  store: pathField,
  account: accountNumberField,
  poll: pollField,
  once: z.boolean(),
});

type RequestArguments = z.input<typeof schema> & { readonly deployment: string };

export default function trainingRequestAction(input: RequestArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { journal, store, account, poll, once } = parseInput(schema, input);
    const party = await openJobParty(hre, { deployment: input.deployment, account });
    const role = openRequester({ chain: party.chain, store: openUpdateStore(store), journalPath: journal });
    await runRole({ party, role, once, pollMs: poll });
  });
}
