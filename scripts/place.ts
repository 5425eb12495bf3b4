import { writeFile } from "node:fs/promises";
import { Command } from "commander";
import { formatForUser, JouleworkError } from "../src/errors.ts";
import {
  bqmDocument,
  comparePlacements,
  formatPlacement,
  openQasm,
  randomPlacement,
  readPlacement,
} from "../src/placement/index.ts";
import { parsePlaceFlags, type PlaceFlags } from "./place/options.ts";

const DEFAULT_FILE = "scenarios/placement/evening.yaml";

const program = new Command("place")
  .description("Place training jobs in slots and data centres, exactly and by annealing and QAOA, and compare.")
  .argument("[file]", `a YAML or JSON file (default: ${DEFAULT_FILE})`)
  .option("--jobs <number>", "draw a problem with so many jobs")
  .option("--slots <number>", "draw a problem with so many slots")
  .option("--seed <number>", "what everything random is drawn from (default: 1)")
  .option("--json <file>", "write the figures as JSON")
  .option("--qasm <file>", "write the circuit of QAOA as OpenQASM 3")
  .option("--bqm <file>", "write the QUBO as JSON of D-Wave's dimod")
  .allowExcessArguments(false);

program.parse();
try {
  const { jobs, slots, seed, json, qasm, bqm } = parsePlaceFlags(program.opts<PlaceFlags>());
  const [file] = program.args;
  const drawn = jobs !== undefined || slots !== undefined;
  if (file !== undefined && drawn) throw fileAndDraw(file);
  const placement = drawn
    ? randomPlacement({ jobs: jobs ?? 4, slots: slots ?? 4, seed })
    : readPlacement(file ?? DEFAULT_FILE);
  const comparison = await comparePlacements(placement, { seed });
  const { qubo, qaoa, ...figures } = comparison;
  if (json !== undefined) await writeFile(json, `${JSON.stringify({ ...figures, placement }, undefined, 2)}\n`);
  if (bqm !== undefined) await writeFile(bqm, `${JSON.stringify(bqmDocument(qubo))}\n`);
  if (qasm !== undefined) {
    if (qaoa === undefined) throw withoutCircuit(comparison.variables);
    await writeFile(qasm, openQasm(qubo, qaoa.angles));
  }
  console.log(formatPlacement(comparison));
} catch (error) {
  console.error(formatForUser(error));
  process.exitCode = 1;
}

function fileAndDraw(file: string): JouleworkError {
  return new JouleworkError({
    code: "OPTION_INVALID",
    what: "A problem is either read or drawn",
    values: { file },
    hint: "Leave out the file, or --jobs and --slots.",
  });
}

function withoutCircuit(variables: number): JouleworkError {
  return new JouleworkError({
    code: "QUBITS_OUT_OF_RANGE",
    what: "There is no circuit to write: QAOA was left out",
    values: { variables },
    hint: "Use fewer jobs or slots, or write the QUBO with --bqm.",
  });
}
