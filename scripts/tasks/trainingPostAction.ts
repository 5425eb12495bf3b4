import { readFile } from "node:fs/promises";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { loadKernels } from "../../src/training/kernelModule.ts";
import { openTrainer } from "../../src/training/openTrainer.ts";
import { parseJobSpec, type JobSpec } from "../../src/training/jobs/jobSpec.ts";
import { postJob } from "../../src/training/jobs/postJob.ts";
import { formatCredits } from "../../src/units.ts";
import { printExplorerLink } from "../explorer/explorerLink.ts";
import { openUpdateStore } from "../../src/training/store/index.ts";
import { accountNumberField, openJobParty, pathField } from "./support/jobParty.ts";
import { creditsField, parseInput, priceField, zoneField } from "./support/parseInput.ts";
import { readJsonFile } from "./support/readInput.ts";
import { runTask } from "./support/runTask.ts";

const windowsField = z
  .string()
  .regex(/^\d{1,6}(,\d{1,6}){5}$/, "must be six numbers of seconds, with commas")
  .transform((text) => text.split(",").map(Number));

const schema = z.object({
  spec: pathField,
  validation: pathField,
  rounds: z.int().min(1).max(256),
  zone: zoneField,
  journal: pathField,
  pool: creditsField,
  fee: creditsField,
  workerBond: creditsField,
  evaluatorBond: creditsField,
  maxPrice: priceField,
  energy: z.int().min(1).max(0xffffffff),
  minWorkers: z.int().min(1).max(16),
  maxWorkers: z.int().min(1).max(16),
  evaluators: z.int().min(1).max(5),
  windows: windowsField,
  store: pathField,
  account: accountNumberField,
});

type PostArguments = z.input<typeof schema> & { readonly deployment: string };

export default function trainingPostAction(input: PostArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const given = parseInput(schema, input);
    const spec = await readSpec(given.spec);
    const [commit = 0, reveal = 0, validate = 0, scoreCommit = 0, scoreReveal = 0, challenge = 0] = given.windows;
    const { chain, exchange } = await openJobParty(hre, { deployment: input.deployment, account: given.account });
    const trainer = await openTrainer(spec.model);
    try {
      const { job, terms } = await postJob({
        chain,
        store: openUpdateStore(given.store),
        journalPath: given.journal,
        spec,
        trainer,
        validation: new Uint8Array(await readFile(given.validation)),
        offer: {
          zone: given.zone,
          rounds: given.rounds,
          maxImportPrice: given.maxPrice,
          energyWh: given.energy,
          minWorkers: given.minWorkers,
          maxWorkers: given.maxWorkers,
          evaluators: given.evaluators,
          poolTicks: given.pool,
          feeTicks: given.fee,
          workerBondTicks: given.workerBond,
          evaluatorBondTicks: given.evaluatorBond,
          commitSeconds: commit,
          revealSeconds: reveal,
          validationSeconds: validate,
          scoreCommitSeconds: scoreCommit,
          scoreRevealSeconds: scoreReveal,
          challengeSeconds: challenge,
        },
      });
      const budget = BigInt(terms.rounds) * (terms.poolTicks + terms.feeTicks);
      console.log(`Job ${job} is posted: ${terms.rounds} rounds, ${formatCredits(budget)} credits in escrow.`);
      console.log(`Its validation slices are in ${given.journal}: keep it, and run training:request with it.`);
      if (spec.sliceBytes !== undefined) {
        console.log(`Its results are measured by the chain where they are challenged, as ${terms.measurement}.`);
      }
      await printExplorerLink(`/job/${String(job)}`, exchange.rpc);
    } finally {
      await trainer.close();
    }
  });
}

async function readSpec(path: string): Promise<JobSpec> {
  const given = await readJsonFile(path);
  if (typeof given !== "object" || given === null || "kernels" in given) return parseJobSpec(given);
  const { hash } = await loadKernels();
  return parseJobSpec({ ...given, kernels: hash });
}
