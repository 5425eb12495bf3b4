import { writeFile } from "node:fs/promises";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { RpcError } from "../../src/chain/rpcErrors.ts";
import { readBadge } from "../../src/game/readBadge.ts";
import { accountField, parseInput, siteField } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({
  quest: z.int().min(1, "must be a quest number from 1 on").max(0xffff),
  season: z.int().min(1, "must be a season from 1 on").max(0xffff),
  site: siteField,
  out: z.string(),
  as: accountField,
});

interface BadgeArguments {
  readonly quest: number;
  readonly season: number;
  readonly site: number;
  readonly out: string;
  readonly as: string;
  readonly deployment: string;
}

export default function badgeAction(input: BadgeArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { quest, season, site, out, as } = parseInput(schema, input);
    const session = await openSession(hre, input.deployment);
    const badges = session.contract("Badges");
    const known = await readBadge(badges, { quest, season, site }).catch((error: unknown) => {
      if (error instanceof RpcError) return undefined;
      throw error;
    });
    if (known === undefined) await session.send(as, badges.encode("claimBadge", [quest, season, site]), badges.address);
    const { name, reached, svg } = known ?? (await readBadge(badges, { quest, season, site }));
    console.log(`${name}: ${reached}, site ${String(site)}, season ${String(season)}.`);
    if (out === "") return;
    await writeFile(out, svg);
    console.log(`Picture written to ${out}.`);
  });
}
