import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { openEvaluator } from "../../src/training/jobs/openEvaluator.ts";
import { openTrainer } from "../../src/training/openTrainer.ts";
import { createReproducibleChain } from "../../src/training/reproducible/jobs/reproducibleLink.ts";
import { openUpdateStore } from "../../src/training/store/index.ts";
import { printExplorerLink } from "../explorer/explorerLink.ts";
import { accountNumberField, jobField, openJobParty, pathField, pollField, runRole } from "./support/jobParty.ts";
import { parseInput } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";

const schema = z.object({
  job: jobField,
  journal: pathField,
  threads: z.int().min(1).max(256),
  noAudit: z.boolean(),
  store: pathField,
  account: accountNumberField,
  poll: pollField,
  once: z.boolean(),
});

type EvaluateArguments = z.input<typeof schema> & { readonly deployment: string };

export default function trainingEvaluateAction(
  input: EvaluateArguments,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  return runTask(async () => {
    const { job, journal, threads, noAudit, store, account, poll, once } = parseInput(schema, input);
    const party = await openJobParty(hre, { deployment: input.deployment, account });
    const role = openEvaluator({
      chain: party.chain,
      reproducible: createReproducibleChain(party.exchange, party.sender),
      job,
      store: openUpdateStore(store),
      openTrainer: (model) => openTrainer(model, { threads }),
      journalPath: journal,
      audits: !noAudit,
    });
    await printExplorerLink(`/job/${String(job)}`, party.exchange.rpc);
    await runRole({ party, role, once, pollMs: poll });
  });
}
