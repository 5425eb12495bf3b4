import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createIndexer } from "../../explorer/indexer/indexer.ts";
import { sqliteStores } from "../../explorer/store/sqliteStore.ts";
import { createRpcClient } from "../../src/chain/rpc.ts";
import { playDay } from "../../test/explorer/support/playDay.ts";
import type { IndexFigures } from "./indexProcess.ts";

const QUIET = fileURLToPath(new URL("../quiet.mjs", import.meta.url));
const INDEX = fileURLToPath(new URL("indexProcess.ts", import.meta.url));
const REPEATS = 7;

export interface ExplorerFigures {
  readonly backfill: {
    readonly events: number;
    /** From a Hardhat node on this machine into an index in memory, the fastest of seven. */
    readonly eventsPerSecond: number;
    /** Of the indexer's CPU time: what it would do beside a node that answers at once. */
    readonly eventsPerCpuSecond: number;
  };
  readonly index: IndexFigures;
}

/** How fast a played day is indexed from its node, and a synthetic index of so many events is written and read. */
export async function benchExplorer(indexEvents: number): Promise<ExplorerFigures> {
  return { backfill: await backfill(), index: await index(indexEvents) };
}

async function backfill(): Promise<ExplorerFigures["backfill"]> {
  const day = await playDay();
  try {
    const runs: { readonly events: number; readonly seconds: number; readonly cpuSeconds: number }[] = [];
    for (let repeat = 0; repeat < REPEATS; repeat += 1) {
      const indexer = await createIndexer({
        rpc: createRpcClient({ url: day.rpcUrl }),
        deployment: day.deployment,
        openStore: sqliteStores({ folder: ":memory:" }),
      });
      const [start, before] = [performance.now(), process.cpuUsage()];
      await indexer.backfill();
      const { user, system } = process.cpuUsage(before);
      const seconds = (performance.now() - start) / 1_000;
      runs.push({ events: indexer.progress().events, seconds, cpuSeconds: (user + system) / 1e6 });
      await indexer.store.close();
    }
    const events = runs[0]?.events ?? 0;
    return {
      events,
      eventsPerSecond: Math.round(events / Math.min(...runs.map(({ seconds }) => seconds))),
      eventsPerCpuSecond: Math.round(events / Math.min(...runs.map(({ cpuSeconds }) => cpuSeconds))),
    };
  } finally {
    await day.close();
  }
}

async function index(events: number): Promise<IndexFigures> {
  const args = ["--import", QUIET, INDEX, String(events)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as IndexFigures;
}
