import { once } from "node:events";
import { buildPage } from "../../explorer/page/build.ts";
import { startExplorer } from "../../explorer/server/startExplorer.ts";
import { readDeployment } from "../../src/chain/deployment.ts";
import { formatForUser } from "../../src/errors.ts";
import { awaitDeployment } from "./awaitDeployment.ts";
import { indexBar } from "./indexBar.ts";
import { networkUrl } from "./networkUrl.ts";
import type { ExplorerOptions } from "./options.ts";

/** Serves until the signal. Whoever started it as a process of its own is told where. */
export async function runExplorer(options: ExplorerOptions, signal: AbortSignal): Promise<void> {
  const { network, deployment: id, port, index, models, wait } = options;
  const rpcUrl = options.rpcUrl ?? (await networkUrl(network));
  const deployment = wait ? await awaitDeployment(id, rpcUrl, signal) : await readDeployment(id);
  if (deployment === undefined) return;
  const page = options.page ? await buildPage() : undefined;
  const explorer = await startExplorer({
    rpcUrl,
    deployment,
    index,
    onProgress: indexBar(),
    onFailure: (error) => console.error(formatForUser(error)),
    ...(models === undefined ? {} : { models }),
    ...(page === undefined ? {} : { page }),
    ...(port === undefined ? {} : { port }),
  });
  console.log(`Explorer of ${deployment.network}: ${explorer.url}`);
  process.send?.({ url: explorer.url });
  if (!signal.aborted) await once(signal, "abort");
  await explorer.close();
}
