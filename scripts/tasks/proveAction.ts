import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { PPM } from "../../src/units.ts";
import { accountField, parseInput, siteField } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { seasonsOf } from "./support/seasons.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({
  site: siteField,
  season: z.int().min(0).max(0xffff, "is no season"),
  as: accountField,
});

interface ProveArguments {
  readonly site: number;
  readonly season: number;
  readonly conclude: boolean;
  readonly as: string;
  readonly deployment: string;
}

export default function proveAction(input: ProveArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { site, season: asked, as } = parseInput(schema, input);
    const seasons = await seasonsOf(await openSession(hre, input.deployment), as);
    const season = asked === 0 ? Math.max(1, await seasons.current()) : asked;
    const count = await seasons.prove(season, [site]);
    if (input.conclude) await seasons.conclude(season, [site]);
    const { points, pointsPpm } = await seasons.contract.read("siteTally", [season, site]);
    const standing = input.conclude
      ? `concluded with ${String(points)} points`
      : `${(Number(pointsPpm) / PPM).toFixed(2)} points so far`;
    console.log(`Site ${String(site)}, season ${String(season)}: ${String(count)} readings proved, ${standing}.`);
  });
}
