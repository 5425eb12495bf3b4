import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { Command, InvalidArgumentError } from "commander";
import { audit, auditJson, formatAudit } from "../src/audit/index.ts";
import { parseDeployment, readDeployment, type Deployment } from "../src/chain/deployment.ts";
import { formatForUser, JouleworkError } from "../src/errors.ts";
import { formatLedger } from "../src/ledger/index.ts";
import { auditEnergy } from "./audit/energy.ts";

const BAD_INPUT = 2;

interface Options {
  readonly rpc: string;
  readonly deployment: string;
  readonly toBlock?: number;
  readonly json?: true;
  readonly energy?: true;
  readonly energyCsv?: string;
  readonly potential?: string;
}

const program = new Command("audit")
  .description(
    "Rebuild and recompute everything from the chain alone. Exit code 0: no difference, 1: differences, 2: bad input.",
  )
  .option("--rpc <url>", "the node", "http://127.0.0.1:8545")
  .option(
    "--deployment <id or file>",
    "a deployment recorded in deployments/, or a JSON file that names its contracts",
    "localhost",
  )
  .option("--to-block <number>", "the last block to look at (default: the newest)", wholeNumber)
  .option("--json", "print the whole report as JSON")
  .option("--energy", "also print the energy and exergy balance of the community, from its readings")
  .option("--energy-csv <file>", "with --energy: write the balance of every zone and slot")
  .option("--potential <file>", "with --energy: what plants could have made (timestamp,meter,potential_wh)")
  .allowExcessArguments(false)
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : BAD_INPUT));

program.parse();
const { rpc, deployment, toBlock, json, energy, energyCsv, potential } = program.opts<Options>();
try {
  if (energy === undefined && (energyCsv !== undefined || potential !== undefined)) throw withoutEnergy();
  const chain = {
    rpcUrl: rpc,
    deployment: await loadDeployment(deployment),
    ...(toBlock === undefined ? {} : { toBlock }),
  };
  const report = await audit(chain);
  const files = {
    ...(energyCsv === undefined ? {} : { csv: energyCsv }),
    ...(potential === undefined ? {} : { potential }),
  };
  const ledger = energy === undefined ? undefined : await auditEnergy({ ...chain, ...files });
  console.log(json === true ? auditJson(report, ledger) : formatAudit(report));
  if (json === undefined && ledger !== undefined) console.log(`\n${formatLedger(ledger)}`);
  process.exitCode = report.passed && (ledger?.differences.length ?? 0) === 0 ? 0 : 1;
} catch (error) {
  console.error(formatForUser(error));
  process.exitCode = BAD_INPUT;
}

async function loadDeployment(named: string): Promise<Deployment> {
  if (!named.endsWith(".json")) return readDeployment(named);
  if (!existsSync(named)) throw unreadable(named, "there is no such file");
  let record: unknown;
  try {
    record = JSON.parse(await readFile(named, "utf8"));
  } catch (error) {
    throw unreadable(named, error instanceof Error ? error.message : String(error));
  }
  return parseDeployment(record, named);
}

function withoutEnergy(): JouleworkError {
  return new JouleworkError({
    code: "OPTION_NEEDS_ENERGY",
    what: "--energy-csv and --potential are about the energy balance",
    hint: "Add --energy.",
  });
}

function unreadable(file: string, problem: string): JouleworkError {
  return new JouleworkError({
    code: "DEPLOYMENT_INVALID",
    what: "The record of the deployment cannot be read",
    values: { file, problem },
    hint: "Name a deployment of deployments/, or a JSON file with network, chainId, deployBlock and contracts.",
  });
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError("Give a block number.");
}
