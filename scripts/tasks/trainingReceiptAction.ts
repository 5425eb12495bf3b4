import { readFile } from "node:fs/promises";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { connectCertificates } from "../../src/certificates/certificatesLink.ts";
import { readIntensityCsv } from "../../src/training/jobs/intensityCsv.ts";
import { connectJobs } from "../../src/training/jobs/jobsLink.ts";
import { formatReceipt, readReceipt, receiptJson } from "../../src/training/jobs/receipt.ts";
import { openTrainer } from "../../src/training/openTrainer.ts";
import { openUpdateStore } from "../../src/training/store/index.ts";
import { jobField } from "./support/jobParty.ts";
import { parseInput } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({ job: jobField, json: z.boolean(), intensity: z.string(), store: z.string() });

type ReceiptArguments = z.input<typeof schema> & { readonly deployment: string };

export default function trainingReceiptAction(input: ReceiptArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { job, json, intensity, store } = parseInput(schema, input);
    const { exchange } = await openSession(hre, input.deployment);
    const receipt = await readReceipt({
      link: connectJobs(exchange),
      job,
      matchesOf:
        "EnergyCertificates" in exchange.deployment.contracts ? connectCertificates(exchange).matchesOf : undefined,
      intensity: intensity === "" ? undefined : readIntensityCsv(await readFile(intensity, "utf8")),
      losses: store === "" ? undefined : { store: openUpdateStore(store), openTrainer },
    });
    console.log(json ? receiptJson(receipt) : formatReceipt(receipt));
  });
}
