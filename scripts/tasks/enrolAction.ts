import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { accountField, parseInput, siteField } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { seasonsOf } from "./support/seasons.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({
  site: siteField,
  season: z.int().min(0).max(0xffff, "is no season"),
  as: accountField,
});

interface EnrolArguments {
  readonly site: number;
  readonly season: number;
  readonly as: string;
  readonly deployment: string;
}

export default function enrolAction(input: EnrolArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { site, season: asked, as } = parseInput(schema, input);
    const seasons = await seasonsOf(await openSession(hre, input.deployment), as);
    const season = asked === 0 ? Math.max(1, await seasons.current()) : asked;
    await seasons.enrol(season, [site]);
    console.log(`Site ${String(site)} takes part in season ${String(season)}.`);
  });
}
