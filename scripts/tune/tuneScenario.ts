import { splitHomes } from "../../src/simulation/homes.ts";
import { readScenario, zoneTerms, type Scenario } from "../../src/simulation/scenario.ts";
import { tuningProposal } from "../../src/tuning/index.ts";
import { writeWhole } from "../simulate/report/writeWhole.ts";
import type { ScenarioOptions } from "./options.ts";
import { search } from "./search.ts";

/** Tunes a scenario's file, and writes the calls where they are asked for. False where it was interrupted. */
export async function tuneScenario(options: ScenarioOptions): Promise<boolean> {
  const { scenario: file, days, json, proposal, fromSlot, heldOut } = options;
  const given = readScenario(file);
  const scenario = days === undefined ? given : { ...given, days };
  const homes = splitHomes(scenario);
  if (homes !== undefined) {
    const [seen, others] = [measuredHomes(homes.kept), measuredHomes(homes.heldOut)];
    console.log(`${String(seen)} measured homes are searched on; ${String(others)} others judge what is found.`);
  }
  const searched = await search(homes?.kept ?? scenario, options, homes?.heldOut);
  if (searched === undefined) return false;
  const { tuning, ...more } = searched;
  if (json !== undefined) await writeWhole(json, `${JSON.stringify({ ...tuning, ...more }, undefined, 2)}\n`);
  if (proposal === undefined || fromSlot === undefined) return true;
  const { present, chosen } = tuning;
  if (chosen === undefined) {
    console.log("No proposal is written.");
    return true;
  }
  const terms = new Map(Array.from({ length: scenario.zones }, (_, index) => [index + 1, zoneTerms(scenario)]));
  const found = { scenario, present, chosen, terms, fromSlot, heldOutSeeds: heldOut };
  const { calls, description } = tuningProposal(found);
  await writeWhole(proposal, `${JSON.stringify(calls, undefined, 2)}\n`);
  console.log(
    `${description}\nnpx hardhat joulework:propose ${JSON.stringify(description)} --calls ${proposal} --network localhost`,
  );
  return true;
}

function measuredHomes({ agents }: Scenario): number {
  return agents.reduce((homes, { kind, count }) => homes + (kind === "measured" ? count : 0), 0);
}
