import { writeFile } from "node:fs/promises";
import Table from "cli-table3";
import { Command, Option } from "commander";
import { z } from "zod";
import { formatForUser, JouleworkError } from "../src/errors.ts";
import { bytecodeSizes } from "./bench/bytecode.ts";
import { BYTECODE_LIMIT, requireWithinBounds } from "./bench/ceilings.ts";
import { costPerHomeMonth, type CostInputs } from "./bench/cost.ts";
import { benchExplorer, type ExplorerFigures } from "./bench/explorer.ts";
import { benchGas, type GasBench } from "./bench/gas.ts";
import { benchJobs } from "./bench/jobs.ts";
import { benchSend, type SendFigures } from "./bench/send.ts";
import { benchSimulation, type SimulationFigures } from "./bench/simulation.ts";
import { benchTraining, type TrainingFigures } from "./bench/training.ts";

/** Events of the synthetic index that is measured; fewer where only ceilings are compared. */
const INDEX_EVENTS = { whole: 1_000_000, check: 100_000 };

/** What is to be reached; a figure by its name and number of items. */
const GOALS: Readonly<Record<string, string>> = {
  "clearPerOrder, 100": "<= 12500",
  "settlePerReading, 100": "<= 14500",
};

const program = new Command("bench")
  .description("Measure gas, storage, sending, training, simulation and bytecode, and what they cost a home.")
  .option("--json <file>", "write the figures as JSON")
  .option("--check", "fail if a figure is beyond its bound in scripts/bench/ceilings.ts")
  .addOption(
    new Option("--only <section>", "one section alone, without ceilings and costs")
      .choices(["explorer", "jobs", "simulation", "training"])
      .conflicts(["check", "json"]),
  )
  .option("--l1-gas-gwei <number>", "gas price on L1", "1")
  .option("--l2-gas-gwei <number>", "gas price on an OP-Stack L2", "0.001")
  .option("--token-euro <number>", "price of the chain's token", "3000")
  .option("--l2-data-gwei-per-byte <number>", "data fee of the L2", "0.5")
  .allowExcessArguments(false);

const inputsSchema = z.object({
  l1GasGwei: z.coerce.number().nonnegative(),
  l2GasGwei: z.coerce.number().nonnegative(),
  tokenEuro: z.coerce.number().nonnegative(),
  l2DataGweiPerByte: z.coerce.number().nonnegative(),
});

program.parse();
try {
  const options = program.opts<Options>();
  if (options.only === "jobs") print(gasRows(await benchJobs()));
  else if (options.only === "explorer") print(explorerRows(await benchExplorer(INDEX_EVENTS.whole)));
  else if (options.only === "simulation") print(simulationRows(benchSimulation()));
  else if (options.only === "training") print(trainingRows(await benchTraining()));
  else await benchAll(options);
} catch (error) {
  console.error(formatForUser(error));
  process.exitCode = 1;
}

async function benchAll(options: Options): Promise<void> {
  const inputs = costInputs(options);
  const { gas, slotsCreatedPerItem, slotsCreatedPerBatch } = await benchGas((text) => {
    console.log(`- gas: ${text}`);
  });
  console.log("- sending");
  const { single: send, batched } = await benchSend();
  console.log("- training");
  const training = await benchTraining();
  console.log("- simulation");
  const simulation = benchSimulation();
  console.log("- the explorer's index");
  const explorer = await benchExplorer(options.check === true ? INDEX_EVENTS.check : INDEX_EVENTS.whole);
  const bytecode = await bytecodeSizes();
  const figures: Figures = {
    gas,
    slotsCreatedPerItem,
    send,
    training,
    simulation,
    explorer,
    bytecode,
    costPerHomeMonth: costPerHomeMonth(gas, inputs),
  };
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(figures, undefined, 2)}\n`);
  print(allRows(figures, slotsCreatedPerBatch, batched));
  if (options.check) requireWithinBounds(figures);
}

function costInputs(options: object): CostInputs {
  const parsed = inputsSchema.safeParse(options);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new JouleworkError({
    code: "OPTION_INVALID",
    what: `The option ${String(issue?.path[0])} is not a number that makes sense`,
    hint: "Run `npm run bench -- --help` for all options.",
  });
}

interface Options {
  readonly json?: string;
  readonly check?: true;
  readonly only?: "explorer" | "jobs" | "simulation" | "training";
}

/** What was measured, the figure, and what is to be reached. */
type Row = readonly [string, number, string];

interface Figures {
  readonly gas: GasBench["gas"];
  readonly slotsCreatedPerItem: GasBench["slotsCreatedPerItem"];
  /** One reading a transaction, the same transactions by both senders. */
  readonly send: SendFigures;
  /** CPU seconds of a training step, also of TensorFlow.js. */
  readonly training: TrainingFigures;
  readonly simulation: SimulationFigures;
  readonly explorer: ExplorerFigures;
  readonly bytecode: Readonly<Record<string, number>>;
  readonly costPerHomeMonth: ReturnType<typeof costPerHomeMonth>;
}

function print(rows: readonly Row[]): void {
  const table = new Table({ head: ["measure", "figure", "to reach"], style: { head: [], border: [] } });
  for (const row of rows) table.push([...row]);
  console.log(table.toString());
}

function gasRows(gas: GasBench["gas"] | Readonly<Record<string, number>>): Row[] {
  return Object.entries(gas).flatMap(([name, figure]) => {
    const sizes = typeof figure === "number" ? { "": figure } : figure;
    return Object.entries(sizes).map(([size, amount]): Row => {
      const label = size === "" ? name : `${name}, ${size}`;
      return [`gas of ${label}`, amount, GOALS[label] ?? ""];
    });
  });
}

function trainingRows(training: TrainingFigures): Row[] {
  return [
    ["CPU seconds of a training step, 136,448 parameters", training.cpuSecondsPerStep, ""],
    ["the same with TensorFlow.js (wasm)", training.tfjsCpuSecondsPerStep, ""],
    ["ratio of a training step", training.ratio, ">= 5"],
    ["CPU seconds of scoring a worker's update on 4,096 bytes", training.evaluationCpuSecondsPerWorker, ""],
  ];
}

function simulationRows(figures: SimulationFigures): Row[] {
  const { agentSlotsPerCpuSecond, mixedAgentSlotsPerCpuSecond, auctionRatio } = figures;
  return [
    ["agent-slots a CPU second, 10,060 agents", agentSlotsPerCpuSecond, ">= 10000000"],
    ["the same of 226 agents that learn, plan and cheat", mixedAgentSlotsPerCpuSecond, ""],
    ["ratio of auctions of 10,000 orders to a plain version", auctionRatio, ">= 8"],
  ];
}

function explorerRows({ backfill, index }: ExplorerFigures): Row[] {
  return [
    [`events indexed a second from a node with ${String(backfill.events)}`, backfill.eventsPerSecond, ""],
    ["the same a second of the indexer's CPU", backfill.eventsPerCpuSecond, ">= 10000"],
    [`events written a CPU second, of ${String(index.events)}`, index.writtenPerCpuSecond, ""],
    ["megabytes of that process at its peak", index.peakMegabytes, "< 400"],
    ...Object.entries(index.pageCpuMs).map(([question, milliseconds]): Row => [
      `CPU milliseconds of ${question}`,
      Math.round(milliseconds * 100) / 100,
      "< 100",
    ]),
  ];
}

function allRows(
  { gas, slotsCreatedPerItem, send, training, simulation, explorer, bytecode, costPerHomeMonth: cost }: Figures,
  slotsCreatedPerBatch: GasBench["slotsCreatedPerBatch"],
  batched: SendFigures,
): Row[] {
  const rows: Row[] = gasRows(gas);
  for (const verb of ["clear", "settle"] as const) {
    const batch = String(slotsCreatedPerBatch[verb]);
    rows.push([`storage slots an item of ${verb} creates (a batch of 100: ${batch})`, slotsCreatedPerItem[verb], "0"]);
  }
  for (const [what, figures] of [
    ["one a transaction", send],
    ["a hundred a transaction", batched],
  ] as const) {
    rows.push([`readings sent a second, ${what}`, figures.readingsPerSecond, ""]);
    rows.push([`the same with ethers' default sender, ${what}`, figures.ethersDefaultPerSecond, ""]);
    rows.push([`ratio, ${what}`, figures.ratio, figures === send ? ">= 20" : ""]);
  }
  rows.push(...trainingRows(training), ...simulationRows(simulation), ...explorerRows(explorer));
  for (const [name, size] of Object.entries(bytecode)) {
    rows.push([`bytes of ${name}`, size, `<= ${String(BYTECODE_LIMIT)}`]);
  }
  rows.push(["gas of a home in a month", cost.gas, ""]);
  rows.push([`euro of a home in a month on L1 at ${String(cost.inputs.l1GasGwei)} gwei`, cost.l1Euro, ""]);
  rows.push([`euro of a home in a month on an L2 at ${String(cost.inputs.l2GasGwei)} gwei`, cost.l2Euro, ""]);
  return rows;
}
