import { writeFile } from "node:fs/promises";
import Table from "cli-table3";
import { Command } from "commander";
import { z } from "zod";
import { formatForUser, JouleworkError } from "../src/errors.ts";
import { bytecodeSizes } from "./bench/bytecode.ts";
import { costPerHomeMonth, type CostInputs } from "./bench/cost.ts";
import { benchGas } from "./bench/gas.ts";
import { benchSend } from "./bench/send.ts";

const BYTECODE_LIMIT = 24_576;

const program = new Command("bench")
  .description("Measure gas, storage, sending and bytecode, and what they cost a home.")
  .option("--json <file>", "write the figures as JSON")
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
  const options = program.opts<{ json?: string }>();
  const inputs = costInputs(options);
  const { gas, slotsCreatedPerItem, slotsCreatedPerBatch } = await benchGas((text) => {
    console.log(`- gas with ${text}`);
  });
  console.log("- sending");
  const send = await benchSend();
  const bytecode = await bytecodeSizes();
  const figures = {
    gas,
    slotsCreatedPerItem,
    slotsCreatedPerBatch,
    send,
    bytecode,
    costPerHomeMonth: costPerHomeMonth(gas, inputs),
  };
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(figures, undefined, 2)}\n`);
  print(figures);
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
  readonly gas: Awaited<ReturnType<typeof benchGas>>["gas"];
  readonly slotsCreatedPerItem: Readonly<Record<string, number>>;
  readonly slotsCreatedPerBatch: Readonly<Record<string, number>>;
  readonly send: Awaited<ReturnType<typeof benchSend>>;
  readonly bytecode: Readonly<Record<string, number>>;
  readonly costPerHomeMonth: ReturnType<typeof costPerHomeMonth>;
}

function print({
  gas,
  slotsCreatedPerItem,
  slotsCreatedPerBatch,
  send,
  bytecode,
  costPerHomeMonth: cost,
}: Figures): void {
  const table = new Table({ head: ["measure", "figure", "to reach"], style: { head: [], border: [] } });
  const rows = (
    name: string,
    sizes: Readonly<Record<string, number>>,
    goals: Readonly<Record<string, string>>,
  ): void => {
    for (const [size, figure] of Object.entries(sizes)) table.push([`${name}, ${size}`, figure, goals[size] ?? ""]);
  };
  rows("gas an order cleared", gas.clearPerOrder, { 100: "12500" });
  rows("gas a delegated order cleared", gas.clearPerDelegatedOrder, {});
  rows("gas a reading settled", gas.settlePerReading, { 100: "14500" });
  for (const verb of [
    "deposit",
    "placeOrder",
    "commitBook",
    "close",
    "requestWithdrawal",
    "collectWithdrawal",
  ] as const) {
    table.push([`gas of ${verb}`, gas[verb], ""]);
  }
  for (const [verb, count] of Object.entries(slotsCreatedPerItem)) {
    const batch = String(slotsCreatedPerBatch[verb] ?? 0);
    table.push([`storage slots an item of ${verb} creates (a whole batch: ${batch})`, count, "0"]);
  }
  table.push(["readings sent a second", send.readingsPerSecond, ""]);
  table.push(["with ethers' default sender", send.ethersDefaultPerSecond, ""]);
  table.push(["ratio", send.ratio, "20"]);
  for (const [name, size] of Object.entries(bytecode))
    table.push([`bytes of ${name}`, size, `< ${String(BYTECODE_LIMIT)}`]);
  table.push(["gas of a home in a month", cost.gas, ""]);
  table.push([`euro of a home in a month on L1 at ${String(cost.inputs.l1GasGwei)} gwei`, cost.l1Euro, ""]);
  table.push([`euro of a home in a month on an L2 at ${String(cost.inputs.l2GasGwei)} gwei`, cost.l2Euro, ""]);
  console.log(table.toString());
}
