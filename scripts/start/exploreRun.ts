import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Deployment } from "../../src/chain/deployment.ts";
import type { ExchangeEvent } from "../../src/chain/exchange.ts";
import { formatForUser } from "../../src/errors.ts";
import { explorerProcess } from "../explorer/explorerProcess.ts";

/** What is worth a look on a run's pages. */
export interface Sights {
  readonly events: readonly ExchangeEvent[];
  /** Number of the training job, if there was one. */
  readonly job: number | undefined;
  /** Number of the reproducible job, likewise. */
  readonly reproducibleJob: number | undefined;
}

/** The explorer beside a run. */
export interface ExploredRun {
  /** Where the run's training keeps its models, so that the page can measure them. */
  readonly models: string;
  /** Prints where the pages are; a run does not fail for want of them. */
  readonly print: (sights: Sights) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Starts the explorer of a run's deployment, on an index that goes with the run. */
export async function exploreRun(
  { network }: Deployment,
  { rpcUrl, port }: { readonly rpcUrl: string; readonly port: number | undefined },
): Promise<ExploredRun> {
  const folder = await mkdtemp(join(tmpdir(), "joulework-index-"));
  const models = join(folder, "models");
  const { url, stop } = explorerProcess({ rpcUrl, deployment: network, folder, models, port });
  return {
    models,
    async print({ events, job, reproducibleJob }) {
      try {
        const base = await url;
        console.log(`\nThe explorer shows it at ${base}`);
        const best = mostTraded(events);
        if (best !== undefined) console.log(`  the slot with most trade  ${base}/slot/${best}`);
        if (job !== undefined) console.log(`  the training job          ${base}/job/${String(job)}`);
        if (reproducibleJob !== undefined) {
          console.log(`  the disputed job          ${base}/reproducible/${String(reproducibleJob)}`);
        }
        console.log(`  the audit, done again     ${base}/audit`);
      } catch (error) {
        console.error(formatForUser(error));
      }
    },
    async stop() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Zone and slot as the page's paths have them. */
function mostTraded(events: readonly ExchangeEvent[]): string | undefined {
  let best: ExchangeEvent<"SlotCleared">["args"] | undefined;
  for (const event of events) {
    if (event.name === "SlotCleared" && event.args.matchedWh > (best?.matchedWh ?? 0)) best = event.args;
  }
  return best === undefined ? undefined : `${String(best.zone)}/${String(best.slot)}`;
}
