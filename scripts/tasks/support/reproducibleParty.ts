import { readFile } from "node:fs/promises";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { openTrainer } from "../../../src/training/openTrainer.ts";
import type { ReproducibleChain } from "../../../src/training/reproducible/jobs/reproducibleChain.ts";
import { createReproducibleChain } from "../../../src/training/reproducible/jobs/reproducibleLink.ts";
import type { ComputingPartyParameters } from "../../../src/training/reproducible/jobs/openComputation.ts";
import { openUpdateStore } from "../../../src/training/store/index.ts";
import type { Role } from "../../../src/training/jobs/role.ts";
import { parseCredits } from "../../../src/units.ts";
import { printExplorerLink } from "../../explorer/explorerLink.ts";
import {
  accountNumberField,
  jobField,
  openJobParty,
  pathField,
  pollField,
  runRole,
  type JobParty,
} from "./jobParty.ts";
import { parseInput } from "./parseInput.ts";

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
const computingSchema = z.object({
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

/** A party's role in a job. */
export interface ComputingRole {
  readonly role: Role;
  readonly isOver: () => Promise<boolean>;
  /** Says what became of the job. */
  readonly conclude: () => Promise<void>;
}

/** What a role is opened with. */
export interface ComputingOpened {
  readonly party: ReproducibleParty;
  readonly computing: ComputingPartyParameters & { readonly mostBondTicks: bigint };
}

/** Runs a provider or a verifier as its task's options say, until it is over or stopped. */
export async function runComputing(
  input: ComputingArguments,
  hre: HardhatRuntimeEnvironment,
  open: (opened: ComputingOpened) => ComputingRole,
): Promise<void> {
  const given = parseInput(computingSchema, input);
  const { job, bond, once, poll } = given;
  const party = await openReproducibleParty(hre, input.deployment, given.account);
  const computing = { ...(await computingParty(party.chain, given)), mostBondTicks: bond };
  const { role, isOver, conclude } = open({ party, computing });
  await runRole({ party, role, once, pollMs: poll, isOver });
  await conclude();
  await printExplorerLink(`/reproducible/${String(job)}`, party.exchange.rpc);
}

async function computingParty(
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
