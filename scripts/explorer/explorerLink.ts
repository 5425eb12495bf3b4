import { z } from "zod";
import { DEFAULT_PORT, PORTS_TRIED } from "../../explorer/server/listen.ts";
import { blockCall } from "../../src/chain/calls.ts";
import type { RpcClient } from "../../src/chain/rpc.ts";

const PATIENCE_MS = 1_000;
const overview = z.object({ head: z.object({ number: z.int(), hash: z.string() }) });

/**
 * The page of an explorer that shows `path`, such as `/job/1`: of the one that JOULEWORK_EXPLORER names, or of one of this
 * machine that shows the node's very chain. Undefined where there is none.
 */
export async function explorerLink(path: string, rpc: RpcClient): Promise<string | undefined> {
  const named = process.env.JOULEWORK_EXPLORER;
  if (named !== undefined && named !== "") return URL.canParse(path, named) ? new URL(path, named).href : undefined;
  const ports = Array.from({ length: PORTS_TRIED }, (_, place) => DEFAULT_PORT + place);
  const shown = await Promise.all(ports.map((port) => shows(`http://127.0.0.1:${String(port)}`, rpc)));
  const port = ports.find((_, place) => shown[place]);
  return port === undefined ? undefined : `http://127.0.0.1:${String(port)}${path}`;
}

/** Prints the link where there is a page to link to. */
export async function printExplorerLink(path: string, rpc: RpcClient): Promise<void> {
  const link = await explorerLink(path, rpc);
  if (link !== undefined) console.log(`See ${link}`);
}

/** Local chains have the same contracts at the same addresses: what tells them apart is a block. */
async function shows(base: string, rpc: RpcClient): Promise<boolean> {
  try {
    const answer = await fetch(`${base}/api/overview`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    const { head } = overview.parse(await answer.json());
    return (await rpc.call(blockCall(head.number)))?.hash === head.hash;
  } catch {
    // Whatever answers there, it is no explorer of this chain.
    return false;
  }
}
