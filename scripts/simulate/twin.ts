import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import Table from "cli-table3";
import { connectExchange } from "../../src/chain/exchange.ts";
import { PREPARATION_SLOTS } from "../../src/community/registerCommunity.ts";
import { startLocalNode } from "../../src/community/startLocalNode.ts";
import { JouleworkError } from "../../src/errors.ts";
import type { Scenario } from "../../src/simulation/index.ts";
import { playTwin, sampleDay, seasonOf, type Differences, type Sample } from "../../src/simulation/twin/index.ts";
import { SLOT_SECONDS } from "../../src/units.ts";
import { deployLocally } from "../start/deployLocally.ts";
import { createProgress } from "../start/progress.ts";
import { toldQueue } from "./energyQueue.ts";
import { notedWork } from "./notedWork.ts";
import type { SimulateOptions } from "./options.ts";

/** Not the record that tools look for: a running chain's stays as it is, and so does that of another check. */
const deploymentId = (port: number): string => `localhost-twin-${String(port)}`;

/** Replays a day on a local chain and says whether every integer agrees. */
export async function checkTwin(
  scenario: Scenario,
  { day, agents, port }: NonNullable<SimulateOptions["twin"]>,
  signal: AbortSignal,
): Promise<boolean> {
  if (day > scenario.days) {
    throw new JouleworkError({
      code: "TWIN_DAY_OUT_OF_RANGE",
      what: "The scenario has no such day to replay",
      values: { day, days: scenario.days },
      hint: "Choose a day from 1 on, or play more days with --days.",
    });
  }
  const sample = sampleDay(scenario, day, agents);
  const progress = createProgress(false);
  progress.step(describe(sample, day));
  const { firstSlot, slots } = sample.series;
  const node = await startLocalNode({ port, startsAt: (firstSlot - PREPARATION_SLOTS) * SLOT_SECONDS, signal });
  try {
    progress.step("deploying the contracts");
    const deployment = await deployLocally(node.url, seasonOf(sample), deploymentId(port));
    const exchange = await connectExchange({ rpcUrl: node.url, deployment });
    const setQueue = await toldQueue(exchange);
    const noteWork = await notedWork(exchange);
    progress.begin(`registering the meters and trading ${String(slots)} slots`, slots);
    const differences = await playTwin({ exchange, sample, setQueue, noteWork, onSlot: progress.advance });
    progress.finish();
    print(differences);
    return differences.different === 0;
  } finally {
    progress.finish();
    await node.stop();
    await rm(fileURLToPath(new URL(`../../deployments/${deploymentId(port)}`, import.meta.url)), {
      recursive: true,
      force: true,
    });
  }
}

function describe({ scenario, smaller }: Sample, day: number): string {
  const agents = scenario.agents.reduce((sum, { count }) => sum + count, 0);
  const eve = scenario.days > 1 ? " and the day before it" : "";
  const part = smaller ? "a sample of " : "";
  return `day ${String(day)} of ${scenario.name}${eve}: ${part}${String(agents)} agents in ${String(scenario.zones)} zones, seed ${String(scenario.seed)}`;
}

function print(differences: Differences): void {
  const table = new Table({
    head: ["", "compared", "different"],
    colAligns: ["left", "right", "right"],
    style: { head: [], border: [] },
  });
  for (const { kind, compared, different } of differences.counts) table.push([kind, compared, different]);
  console.log(table.toString());
  for (const { kind, where, simulated, found } of differences.kept) {
    console.log(`${kind}, ${where}: simulated ${simulated}, on chain ${found}`);
  }
  console.log(
    differences.different === 0
      ? "The simulator and the contracts agree on every integer."
      : `${String(differences.different)} integers differ.`,
  );
}
