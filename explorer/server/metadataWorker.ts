import { readFile } from "node:fs/promises";
import { parentPort, workerData } from "node:worker_threads";
import { z } from "zod";

const outputSchema = z.object({
  output: z.object({
    contracts: z.record(z.string(), z.record(z.string(), z.object({ metadata: z.string().optional() }))),
  }),
});

/** Takes the metadata of every contract out of a compiler's output, whose tens of megabytes would hold up a server. */
async function run(path: string): Promise<void> {
  const { output } = outputSchema.parse(JSON.parse(await readFile(path, "utf8")));
  const found: [string, string][] = [];
  for (const [source, contracts] of Object.entries(output.contracts)) {
    for (const [name, { metadata }] of Object.entries(contracts)) {
      if (metadata !== undefined) found.push([`${source}:${name}`, metadata]);
    }
  }
  parentPort?.postMessage(found);
}

await run(String(workerData));
