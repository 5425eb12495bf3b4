import { globSync } from "node:fs";
import { resolve } from "node:path";

/** How much of the proofs is run. */
export type Slice = "full" | "ci";

interface Run {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Proof {
  readonly name: string;
  readonly claim: string;
  /** A folder beside the project that holds data which is not part of it; the proof is skipped where it is absent. */
  readonly needs?: string;
  readonly full?: Run;
  /** Short enough for every change. What the test suite runs anyway has none. */
  readonly ci?: Run;
}

const HOMES = "../shared/data/citylearn-2022";
const start = (...options: string[]): Run => ({
  command: ["npm", "start", "--", "--once", "--quiet", ...options],
});
const homes = (days: number): Run => ({
  command: [
    ...["node", "--import", "./scripts/quiet.mjs", "scripts/proof/homes.ts", "--profiles", HOMES],
    ...["--days", String(days), "--start", "2025-08-01", "--port", "8571"],
  ],
});
const twin = (scenario: string, day: number, agents: number): Run => ({
  command: [
    ...["npm", "run", "simulate", "--", scenario, "--twin", String(day)],
    ...["--agents", String(agents), "--port", "8573"],
  ],
});
const tests = (files: readonly string[], env: Readonly<Record<string, string>>): Run => ({
  command: ["npx", "hardhat", "test", ...files],
  env,
});

/** Every test that holds a contract to its twin, also those that come later. */
function differential(): string[] {
  return globSync("test/differential/*.test.ts", { cwd: resolve(import.meta.dirname, "../..") }).sort();
}

export const proofs: readonly Proof[] = [
  {
    name: "homes",
    claim: "nine measured homes trade below the physical ceiling and the audit finds no difference",
    needs: HOMES,
    full: homes(7),
    ci: homes(1),
  },
  {
    name: "sbba",
    claim: "a day under the strongly budget balanced rule passes the audit",
    full: start("--rule", "sbba", "--days", "3", "--port", "8572"),
    ci: start("--rule", "sbba", "--port", "8572"),
  },
  {
    name: "differential",
    claim: "contracts and their TypeScript twins agree on random books, settlements, words, trees and signatures",
    full: tests(differential(), { JOULEWORK_FUZZ_RUNS: "20000" }),
  },
  {
    name: "invariants",
    claim: "no sequence of honest and dishonest actions breaks an invariant",
    full: tests(["test/invariants/exchange.test.ts", "test/invariants/regressions.test.ts"], {
      JOULEWORK_INVARIANT_RUNS: "200",
    }),
  },
  {
    name: "desk",
    claim: "no sequence of sales, redemptions and pledges lets the desk owe more than it holds",
    full: tests(["test/credit/deskInvariants.test.ts"], { JOULEWORK_DESK_RUNS: "200" }),
  },
  {
    name: "jobs",
    claim:
      "no honest, silent or hostile parties of jobs create or lose a tick of escrow or stake, and time alone ends a job",
    full: tests(["test/compute/jobs/systemRandom.test.ts", "test/compute/jobs/random.test.ts"], {
      JOULEWORK_JOB_RUNS: "100",
      JOULEWORK_FUZZ_RUNS: "20000",
    }),
  },
  {
    name: "crashes",
    claim: "services and roles of jobs that are killed lose nothing and do nothing twice",
    full: tests(
      ["test/services/crash.test.ts", "test/training/jobs/crash.test.ts", "test/reproducible/crash.test.ts"],
      {
        JOULEWORK_CRASHES: "25",
      },
    ),
  },
  {
    name: "training",
    claim: "the trainer learns: from chance to below 2.5 nats a byte on text that it has not seen",
    full: tests(["test/training/learning.test.ts"], { JOULEWORK_TRAINING_STEPS: "400" }),
  },
  {
    name: "disputes",
    claim:
      "whoever repeated a round refutes a wrong bit wherever it is, and no honest party of a dispute loses its bond",
    full: tests(["test/reproducible/disputes.test.ts", "test/reproducible/randomDisputes.test.ts"], {
      JOULEWORK_DISPUTES: "1000",
    }),
    ci: tests(["test/reproducible/randomDisputes.test.ts"], { JOULEWORK_DISPUTES: "100" }),
  },
  {
    name: "softfloat",
    claim: "Solidity's single precision has WebAssembly's bits",
    full: tests(["test/reproducible/softFloat.test.ts"], { JOULEWORK_FLOAT_CASES: "100000" }),
  },
  {
    name: "equilibrium",
    claim:
      "under SBBA no trader of one unit gains by another price than its value, in any market, whatever it knows of the others",
    full: tests(["test/equilibrium/truthfulness.test.ts"], { JOULEWORK_GAIN_MARKETS: "4000" }),
  },
  {
    name: "homes-year",
    claim: "nine measured homes, simulated for a year, trade in no slot more than perfect netting allows",
    needs: HOMES,
    full: {
      command: ["node", "--import", "./scripts/quiet.mjs", "scripts/proof/homesYear.ts", "--profiles", HOMES],
    },
  },
  {
    name: "twin",
    claim: "a simulated day agrees with the contracts in every integer",
    full: twin("scenarios/suburb.yaml", 2, 40),
    ci: twin("scenarios/village.yaml", 1, 6),
  },
];
