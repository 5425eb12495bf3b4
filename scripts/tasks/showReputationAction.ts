import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { formatPpm } from "../../src/units.ts";
import { formatVotes } from "./support/formatVotes.ts";
import { parseInput, siteField } from "./support/parseInput.ts";
import { printFacts, printJson } from "./support/printTable.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({ site: siteField });

interface ShowReputationArguments {
  readonly site: number;
  readonly json: boolean;
  readonly deployment: string;
}

export default function showReputationAction(
  input: ShowReputationArguments,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  return runTask(async () => {
    const { site } = parseInput(schema, input);
    const { contract } = await openSession(hre, input.deployment);
    const reputation = contract("Reputation");
    const held = await reputation.read("reputationOf", [site]);
    if (input.json) {
      printJson({ site, ...held });
      return;
    }
    printFacts({
      site,
      reliability: formatPpm(held.reliabilityPpm),
      efficiency: formatPpm(held.efficiencyPpm),
      contribution: formatPpm(held.contributionPpm),
      score: formatPpm(held.scorePpm),
      tier: held.tier,
      votes: formatVotes(BigInt(held.votes)),
      "votes held by": held.owner,
      faults: held.faults,
      "last sync": held.day === 0 ? "never" : new Date(held.day * 86_400_000).toISOString().slice(0, 10),
    });
  });
}
