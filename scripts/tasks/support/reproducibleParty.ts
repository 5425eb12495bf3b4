import { readFile } from "node:fs/promises";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { openTrainer } from "../../../src/training/openTrainer.ts";
import type { ReproducibleChain } from "../../../src/training/reproducible/jobs/reproducibleChain.ts";
import { createReproducibleChain } from "../../../src/training/reproducible/jobs/reproducibleLink.ts";
import type { ComputingPartyParameters } from "../../../src/training/reproducible/jobs/openComputation.ts";
import { openUpdateStore } from "../../../src/training/store/index.ts";
import { parseCredits } from "../../../src/units.ts";
import { accountNumberField, jobField, openJobParty, pathField, pollField, type JobParty } from "./jobParty.ts";

/** A party of reproducible jobs on the network that the command line names. */
export interface ReproducibleParty extends Omit<JobParty, "chain"> {
  readonly chain: ReproducibleChain;
}

export async function openReproducibleParty(
  hre: HardhatRuntimeEnvironment,
  deployment: string,
  account: number,
): Promise<ReproducibleParty> {
  const { exchange, sender } = await openJobParty(hre, { deployment, account });
  return { exchange, sender, chain: createReproducibleChain(exchange, sender) };
}

/** Credits that a party agrees to put up; nothing where the option is left out. */
const agreedField = z.string().transform((text, context) => {
  if (text === "") return 0n;
  try {
    return parseCredits(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
    return z.NEVER;
  }
});

/** Options of the tasks that train a reproducible job. */
export const computingSchema = z.object({
  job: jobField,
  bond: agreedField,
  corpus: z.string(),
  journal: pathField,
  threads: z.int().min(1).max(256),
  store: pathField,
  account: accountNumberField,
  poll: pollField,
  once: z.boolean(),
});

export type ComputingArguments = z.input<typeof computingSchema> & { readonly deployment: string };

/** What provider and verifier are opened with, from their options. */
export async function computingParty(
  chain: ReproducibleChain,
  { job, corpus, journal, threads, store }: z.output<typeof computingSchema>,
): Promise<ComputingPartyParameters> {
  return {
    chain,
    job,
    store: openUpdateStore(store),
    corpus: corpus === "" ? undefined : new Uint8Array(await readFile(corpus)),
    openTrainer: (model) => openTrainer(model, { threads }),
    journalPath: journal,
  };
}
