import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { MAX_SLOT } from "../../src/market/timeline.ts";
import { certificateField } from "./support/certificateInput.ts";
import { govern } from "./support/govern.ts";
import { parseInput } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({
  certificate: certificateField,
  through: z.int().min(0, "must be a slot: Unix time divided by 900").max(MAX_SLOT, "is no slot"),
});

interface SuspendArguments {
  readonly certificate: string;
  readonly through: number;
  readonly deployment: string;
}

export default function suspendCertificatesAction(
  input: SuspendArguments,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  return runTask(async () => {
    const { certificate, through } = parseInput(schema, input);
    const session = await openSession(hre, input.deployment);
    const certificates = session.contract("EnergyCertificates");
    if (through === 0) {
      await session.send("inspector", certificates.encode("suspend", [certificate]), certificates.address);
    } else {
      const data = certificates.encode("setSuspension", [certificate, through]);
      const readyAt = await govern(session, data, certificates.address);
      if (readyAt !== undefined) {
        console.log(`Scheduled. Run the same command again after ${new Date(readyAt * 1000).toISOString()}.`);
        return;
      }
    }
    const { suspendedThrough } = await certificates.read("lotInfo", [certificate]);
    console.log(`Certificates ${String(certificate)} are suspended through slot ${String(suspendedThrough)}.`);
  });
}
