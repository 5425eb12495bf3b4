import { writeFile } from "node:fs/promises";
import Table from "cli-table3";
import { Command } from "commander";
import { z } from "zod";
import { formatForUser, JouleworkError } from "../src/errors.ts";
import { bytecodeSizes } from "./bench/bytecode.ts";
import { BYTECODE_LIMIT, requireBelowCeilings } from "./bench/ceilings.ts";
import { costPerHomeMonth, type CostInputs } from "./bench/cost.ts";
import { benchExplorer, type ExplorerFigures } from "./bench/explorer.ts";
import { benchGas, type GasBench } from "./bench/gas.ts";
import { benchSend, type SendFigures } from "./bench/send.ts";
import { benchTraining, type TrainingFigures } from "./bench/training.ts";

/** Events of the synthetic index that is measured; fewer where only ceilings are compared. */
const INDEX_EVENTS = { whole: 1_000_000, check: 100_000 };

/** What is to be reached; a figure by its name and number of items. */
const GOALS: Readonly<Record<string, string>> = {
  "clearPerOrder, 100": "<= 12500",
  "settlePerReading, 100": "<= 14500",
};

const program = new Command("bench")
  .description("Measure gas, storage, sending, training and bytecode, and what they cost a home.")
  .option("--json <file>", "write the figures as JSON")
  .option("--check", "fail if a figure is above its ceiling in scripts/bench/ceilings.ts")
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
  const options = program.opts<{ json?: string; check?: true }>();
  const inputs = costInputs(options);
  const { gas, slotsCreatedPerItem, slotsCreatedPerBatch } = await benchGas((text) => {
    console.log(`- gas: ${text}`);
  });
  console.log("- sending");
  const { single: send, batched } = await benchSend();
  console.log("- training");
  const training = await benchTraining();
  console.log("- the explorer's index");
  const explorer = await benchExplorer(options.check === true ? INDEX_EVENTS.check : INDEX_EVENTS.whole);
  const bytecode = await bytecodeSizes();
  const figures: Figures = {
    gas,
    slotsCreatedPerItem,
    send,
    training,
    explorer,
    bytecode,
    costPerHomeMonth: costPerHomeMonth(gas, inputs),
  };
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(figures, undefined, 2)}\n`);
  print(figures, slotsCreatedPerBatch, batched);
  if (options.check) requireBelowCeilings(figures);
} catch (error) {
  console.error(formatForUser(error));
  process.exitCode = 1;
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

interface Figures {
  readonly gas: GasBench["gas"];
  readonly slotsCreatedPerItem: GasBench["slotsCreatedPerItem"];
  /** One reading a transaction, the same transactions by both senders. */
  readonly send: SendFigures;
  /** CPU seconds of a training step, also of TensorFlow.js. */
  readonly training: TrainingFigures;
  readonly explorer: ExplorerFigures;
  readonly bytecode: Readonly<Record<string, number>>;
  readonly costPerHomeMonth: ReturnType<typeof costPerHomeMonth>;
}

function print(
  { gas, slotsCreatedPerItem, send, training, explorer, bytecode, costPerHomeMonth: cost }: Figures,
  slotsCreatedPerBatch: GasBench["slotsCreatedPerBatch"],
  batched: SendFigures,
): void {
  const table = new Table({ head: ["measure", "figure", "to reach"], style: { head: [], border: [] } });
  for (const [name, figure] of Object.entries(gas)) {
    const sizes = typeof figure === "number" ? { "": figure } : figure;
    for (const [size, amount] of Object.entries(sizes)) {
      const label = size === "" ? name : `${name}, ${size}`;
      table.push([`gas of ${label}`, amount, GOALS[label] ?? ""]);
    }
  }
  for (const verb of ["clear", "settle"] as const) {
    const batch = String(slotsCreatedPerBatch[verb]);
    table.push([`storage slots an item of ${verb} creates (a batch of 100: ${batch})`, slotsCreatedPerItem[verb], "0"]);
  }
  for (const [what, figures] of [
    ["one a transaction", send],
    ["a hundred a transaction", batched],
  ] as const) {
    table.push([`readings sent a second, ${what}`, figures.readingsPerSecond, ""]);
    table.push([`the same with ethers' default sender, ${what}`, figures.ethersDefaultPerSecond, ""]);
    table.push([`ratio, ${what}`, figures.ratio, figures === send ? ">= 20" : ""]);
  }
  table.push(["CPU seconds of a training step, 136,448 parameters", training.cpuSecondsPerStep, ""]);
  table.push(["the same with TensorFlow.js (wasm)", training.tfjsCpuSecondsPerStep, ""]);
  table.push(["ratio of a training step", training.ratio, ">= 5"]);
  const { backfill, index } = explorer;
  table.push([`events indexed a second from a node with ${String(backfill.events)}`, backfill.eventsPerSecond, ""]);
  table.push(["the same a second of the indexer's CPU", backfill.eventsPerCpuSecond, ">= 10000"]);
  table.push([`events written a CPU second, of ${String(index.events)}`, index.writtenPerCpuSecond, ""]);
  table.push(["megabytes of that process at its peak", index.peakMegabytes, "< 400"]);
  for (const [question, milliseconds] of Object.entries(index.pageCpuMs)) {
    table.push([`CPU milliseconds of ${question}`, Math.round(milliseconds * 100) / 100, "< 100"]);
  }
  for (const [name, size] of Object.entries(bytecode)) {
    table.push([`bytes of ${name}`, size, `<= ${String(BYTECODE_LIMIT)}`]);
  }
  table.push(["gas of a home in a month", cost.gas, ""]);
  table.push([`euro of a home in a month on L1 at ${String(cost.inputs.l1GasGwei)} gwei`, cost.l1Euro, ""]);
  table.push([`euro of a home in a month on an L2 at ${String(cost.inputs.l2GasGwei)} gwei`, cost.l2Euro, ""]);
  console.log(table.toString());
}
