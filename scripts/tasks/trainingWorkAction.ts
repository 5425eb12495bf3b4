import { readFile } from "node:fs/promises";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { externalTrainer } from "../../src/training/federated/externalTrainer.ts";
import { trainJobsBy, trainJobsHere } from "../../src/training/jobs/jobInputs.ts";
import { openWorker } from "../../src/training/jobs/openWorker.ts";
import { openTrainer } from "../../src/training/openTrainer.ts";
import { openUpdateStore } from "../../src/training/store/index.ts";
import { printExplorerLink } from "../explorer/explorerLink.ts";
import { accountNumberField, jobField, openJobParty, pathField, pollField, runRole } from "./support/jobParty.ts";
import { parseInput } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";

const schema = z.object({
  job: jobField,
  shard: pathField,
  journal: pathField,
  external: z.string(),
  threads: z.int().min(1).max(256),
  store: pathField,
  account: accountNumberField,
  poll: pollField,
  once: z.boolean(),
});

type WorkArguments = z.input<typeof schema> & { readonly deployment: string };

export default function trainingWorkAction(input: WorkArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { job, shard, journal, external, threads, store, account, poll, once } = parseInput(schema, input);
    const party = await openJobParty(hre, { deployment: input.deployment, account });
    const [command = "", ...args] = external.split(" ").filter((part) => part !== "");
    const role = openWorker({
      chain: party.chain,
      job,
      store: openUpdateStore(store),
      shard: new Uint8Array(await readFile(shard)),
      openTrainer:
        command === ""
          ? trainJobsHere((model) => openTrainer(model, { threads }))
          : trainJobsBy(externalTrainer({ command, args })),
      journalPath: journal,
    });
    await printExplorerLink(`/job/${String(job)}`, party.exchange.rpc);
    await runRole({ party, role, once, pollMs: poll });
  });
}
