// The nine measured homes trade a whole year in the simulator; every slot is held against perfect netting by the files themselves.
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { formatForUser, JouleworkError } from "../../src/errors.ts";
import { readProfiles } from "../../src/meters/profiles/readProfiles.ts";
import { measuresOf, parseScenario, readScenario, simulate, type Scenario } from "../../src/simulation/index.ts";

const SCENARIO = fileURLToPath(new URL("../../scenarios/real-homes.yaml", import.meta.url));

const program = new Command("homes-year")
  .description("Measured homes trade for a year in the simulator, and in no slot more than perfect netting allows.")
  .requiredOption("--profiles <dir>", "the homes' measurements")
  .allowExcessArguments(false);

program.parse();
try {
  const { profiles } = program.opts<{ profiles: string }>();
  const given = readScenario(SCENARIO);
  const agents = given.agents.map((group) => ({ ...group, profiles }));
  requireBelowCeilings(parseScenario({ ...given, agents }, SCENARIO), profiles);
} catch (error) {
  console.error(formatForUser(error));
  process.exitCode = 1;
}

function requireBelowCeilings(scenario: Scenario, folder: string): void {
  const ceilings = measuredCeilings(scenario, folder);
  const run = simulate(scenario, "trading");
  const slotsAbove = ceilings.filter((ceilingWh, slot) => (run.matchedWh[slot] ?? 0) > ceilingWh).length;
  const { matchedWh, nettingWh } = measuresOf(run);
  const measuredWh = ceilings.reduce((sum, wh) => sum + wh, 0);
  const figures = { slots: run.slots, matchedWh, nettingWh, measuredWh, slotsAbove };
  if (slotsAbove > 0 || matchedWh === 0 || nettingWh !== measuredWh || run.slots !== ceilings.length) {
    throw new JouleworkError({
      code: "CEILING_BROKEN",
      what: "The simulated homes do not stay below what they could give each other",
      values: figures,
      hint: "The auction, the reading of the files or the measure of the ceiling is wrong.",
    });
  }
  const share = `${((100 * matchedWh) / measuredWh).toFixed(1)} %`;
  console.log(
    `In ${String(run.slots)} slots, of at most ${String(measuredWh)} Wh that the homes could exchange, ${String(matchedWh)} Wh were traded, ${share}.`,
  );
}

/** Of each slot the smaller of what all homes had too much and too little, without the simulator. */
function measuredCeilings({ start, days }: Scenario, folder: string): number[] {
  const { community, profiles, slots } = readProfiles(folder, { start: new Date(start), days });
  const homes = community.sites.flatMap(({ meters }) => meters.map(({ name }) => profiles.get(name)));
  return Array.from({ length: slots }, (_, slot) => {
    const nets = homes.map((home) => (home?.importWh[slot] ?? 0) - (home?.exportWh[slot] ?? 0));
    const sum = (sign: number): number => nets.reduce((total, net) => total + Math.max(0, sign * net), 0);
    return Math.min(sum(1), sum(-1));
  });
}
