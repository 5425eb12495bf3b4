import { z } from "zod";
import { DEFAULT_PORT } from "../../explorer/server/listen.ts";
import type { Deployment } from "../../src/chain/deployment.ts";

const PATIENCE_MS = 1_000;
const overview = z.object({
  chainId: z.number(),
  contracts: z.array(z.object({ name: z.string(), address: z.string() })),
});

/**
 * The page of an explorer that shows `path`, such as `/job/1`: of the one that JOULEWORK_EXPLORER names, or of one that
 * answers on the default port for this very deployment. Undefined where there is none.
 */
export async function explorerLink(path: string, deployment: Deployment): Promise<string | undefined> {
  const named = process.env.JOULEWORK_EXPLORER;
  if (named !== undefined && named !== "") return URL.canParse(path, named) ? new URL(path, named).href : undefined;
  const base = `http://127.0.0.1:${String(DEFAULT_PORT)}`;
  return (await shows(base, deployment)) ? `${base}${path}` : undefined;
}

/** Prints the link where there is a page to link to. */
export async function printExplorerLink(path: string, deployment: Deployment): Promise<void> {
  const link = await explorerLink(path, deployment);
  if (link !== undefined) console.log(`See ${link}`);
}

async function shows(base: string, { chainId, contracts }: Deployment): Promise<boolean> {
  try {
    const answer = await fetch(`${base}/api/overview`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    const shown = overview.safeParse(await answer.json());
    if (!shown.success) return false;
    const exchange = shown.data.contracts.find(({ name }) => name === "EnergyExchange")?.address;
    return shown.data.chainId === chainId && exchange !== undefined && exchange === contracts.EnergyExchange;
  } catch {
    return false;
  }
}
