import { writeFile } from "node:fs/promises";
import Table from "cli-table3";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import type { CertificateBundle } from "../../src/certificates/bundle.ts";
import { connectCertificates } from "../../src/certificates/certificatesLink.ts";
import { readBundles } from "../../src/certificates/readBundles.ts";
import { addressField, parseInput } from "./support/parseInput.ts";
import { printJson } from "./support/printTable.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({
  holder: z.literal("").or(addressField),
  out: z.string(),
  json: z.boolean(),
});

type CertificatesArguments = z.input<typeof schema> & { readonly deployment: string };

export default function certificatesAction(
  input: CertificatesArguments,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  return runTask(async () => {
    const { holder, out, json } = parseInput(schema, input);
    const { exchange } = await openSession(hre, input.deployment);
    const bundles = await readBundles(connectCertificates(exchange), holder === "" ? undefined : holder);
    if (out !== "") await writeFile(out, `${JSON.stringify(bundles, undefined, 2)}\n`);
    if (json) printJson(bundles);
    else console.log(tableOf(bundles));
  });
}

function tableOf(bundles: readonly CertificateBundle[]): string {
  const table = new Table({
    head: ["certificate", "holder", "area", "produced from", "source", "Wh", "status"],
    style: { head: [], border: [], compact: true },
  });
  for (const bundle of bundles) {
    table.push([
      bundle.issuance_id.slice(bundle.issuance_id.lastIndexOf("/") + 1),
      bundle.account_id,
      bundle.grid_area,
      bundle.production_starting_interval,
      bundle.energy_source,
      bundle.bundle_quantity,
      bundle.certificate_bundle_status,
    ]);
  }
  return table.toString();
}
