import { readFile } from "node:fs/promises";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { loadKernels } from "../../src/training/kernelModule.ts";
import { postReproducible } from "../../src/training/reproducible/jobs/postReproducible.ts";
import { parseReproducibleSpec, type ReproducibleSpec } from "../../src/training/reproducible/jobs/reproducibleSpec.ts";
import { contentAddress } from "../../src/training/store/contentAddress.ts";
import { openUpdateStore } from "../../src/training/store/index.ts";
import { formatCredits } from "../../src/units.ts";
import { printExplorerLink } from "../explorer/explorerLink.ts";
import { accountNumberField, pathField } from "./support/jobParty.ts";
import { creditsField, parseInput } from "./support/parseInput.ts";
import { readJsonFile } from "./support/readInput.ts";
import { openReproducibleParty } from "./support/reproducibleParty.ts";
import { runTask } from "./support/runTask.ts";

const secondsField = z
  .string()
  .regex(/^\d{1,7}(,\d{1,7}){3}$/, "must be four numbers of seconds, with commas")
  .transform((text) => text.split(",").map(Number));
const countField = z.int().min(1).max(0xffffffff);

const schema = z.object({
  spec: pathField,
  corpus: pathField,
  rounds: countField,
  checkpoints: countField,
  stride: countField,
  pay: creditsField,
  bond: creditsField,
  challengeBond: creditsField,
  windows: secondsField,
  store: pathField,
  account: accountNumberField,
});

type PostArguments = z.input<typeof schema> & { readonly deployment: string };

export default function trainingPostReproducibleAction(
  input: PostArguments,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  return runTask(async () => {
    const given = parseInput(schema, input);
    const corpus = new Uint8Array(await readFile(given.corpus));
    const { hash } = await loadKernels();
    const spec = await readSpec(given.spec, hash, contentAddress(corpus));
    const [round = 0, window = 0, clock = 0, extension = 0] = given.windows;
    const { chain, exchange } = await openReproducibleParty(hre, input.deployment, given.account);
    const { job, terms } = await postReproducible({
      chain,
      store: openUpdateStore(given.store),
      spec,
      corpus,
      kernelsHash: hash,
      offer: {
        stride: given.stride,
        checkpoints: given.checkpoints,
        rounds: given.rounds,
        payTicks: given.pay,
        bondTicks: given.bond,
        challengeBondTicks: given.challengeBond,
        roundSeconds: round,
        windowSeconds: window,
        clockSeconds: clock,
        extensionSeconds: extension,
      },
    });
    const steps = terms.stride * terms.checkpoints * terms.rounds;
    const pay = formatCredits(BigInt(terms.rounds) * terms.payTicks);
    console.log(`Reproducible job ${job} is posted: ${terms.rounds} rounds, ${steps} steps, ${pay} credits in escrow.`);
    console.log(`Program ${terms.program.root}, text ${terms.dataset}, first state ${terms.initialState}.`);
    await printExplorerLink(`/reproducible/${String(job)}`, exchange.rpc);
  });
}

/** What the file leaves out is what is here: the kernels that are installed, and the text. */
async function readSpec(path: string, kernels: string, corpus: string): Promise<ReproducibleSpec> {
  const given = await readJsonFile(path);
  if (typeof given !== "object" || given === null) return parseReproducibleSpec(given);
  return parseReproducibleSpec({ format: "joulework-reproducible-1", kernels, corpus, ...given });
}
