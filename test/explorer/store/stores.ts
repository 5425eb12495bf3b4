import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { postgresStores } from "../../../explorer/store/postgresStore.ts";
import { sqliteStores } from "../../../explorer/store/sqliteStore.ts";
import type { ChainKey, OpenStore } from "../../../explorer/store/store.ts";
import { postgresPrograms, startPostgres } from "./startPostgres.ts";

export interface StoreUnderTest {
  readonly open: OpenStore;
  readonly end: () => Promise<void>;
}

/** The databases that have to behave alike; `start` gives undefined, with the reason printed, where one is not installed. */
export const DATABASES: readonly {
  readonly name: string;
  readonly start: () => Promise<StoreUnderTest | undefined>;
}[] = [
  {
    name: "SQLite",
    start() {
      const folder = mkdtempSync(join(tmpdir(), "joulework-index-"));
      const end = (): Promise<void> => {
        rmSync(folder, { recursive: true, force: true });
        return Promise.resolve();
      };
      return Promise.resolve({ open: sqliteStores({ folder }), end });
    },
  },
  {
    name: "PostgreSQL",
    async start() {
      const programs = postgresPrograms();
      if (programs === undefined) {
        if (process.env.JOULEWORK_REQUIRE_POSTGRES === "1") throw new Error("PostgreSQL is required and not installed");
        console.log("      PostgreSQL is not installed (Debian: apt-get install postgresql): its tests are skipped");
        return undefined;
      }
      const server = await startPostgres(programs);
      return { open: postgresStores({ connectionString: server.connectionString }), end: () => server.stop() };
    },
  },
];

let chains = 0;

/** A chain that no other test has. */
export function newChain(): ChainKey {
  chains += 1;
  return { chainId: 31337, genesisHash: `0x${"ab".repeat(32)}`, instance: `run ${String(chains)}`, deployment: "all" };
}
