import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Table from "cli-table3";
import { Command, InvalidArgumentError } from "commander";
import { sqliteStores } from "../explorer/store/sqliteStore.ts";
import { formatForUser } from "../src/errors.ts";
import { explorerLoad } from "./bench/explorerLoad.ts";
import { syntheticBatches } from "./bench/syntheticIndex.ts";

interface Options {
  readonly events: number;
  readonly zones: number;
  readonly meters: number;
  readonly clients: number;
  readonly questions: number;
}

const program = new Command("npm run bench:explorer --")
  .description(
    "Answer many clients at once from a large index of a synthetic market, and say how long each route takes.",
  )
  .option("--events <number>", "events of the index", whole, 1_000_000)
  .option("--zones <number>", "zones of the market", whole, 4)
  .option("--meters <number>", "meters of each zone", whole, 100)
  .option("--clients <number>", "clients at once", whole, 50)
  .option("--questions <number>", "questions of each client to each route", whole, 10)
  .allowExcessArguments(false);

program.parse();
const { events, zones, meters, clients, questions } = program.opts<Options>();
const folder = await mkdtemp(join(tmpdir(), "joulework-load-"));
try {
  const chain = { chainId: 31_337, genesisHash: `0x${"0".repeat(64)}`, instance: "load", deployment: "synthetic" };
  const store = await sqliteStores({ folder })(chain);
  console.log(`- writing an index of ${String(events)} events`);
  for (const batch of syntheticBatches({ events, zones, metersPerZone: meters })) await store.append(batch);
  console.log(`- asking from ${String(clients)} clients`);
  const times = await explorerLoad({ store, zones, metersPerZone: meters, clients, questions });
  const table = new Table({
    head: ["route", "answers", "one client, ms", `${String(clients)} clients, median ms`, "95 %, ms"],
    style: { head: [], border: [] },
  });
  for (const { route, answers, aloneMs, medianMs, p95Ms } of times) {
    table.push([route, answers, aloneMs.toFixed(1), medianMs.toFixed(1), p95Ms.toFixed(1)]);
  }
  console.log(table.toString());
  await store.close();
} catch (error) {
  console.error(formatForUser(error));
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

function whole(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError("Give a whole number above zero.");
}
