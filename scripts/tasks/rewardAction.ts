import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { blockNumberCall } from "../../src/chain/calls.ts";
import { readLeaderboard } from "../../src/game/readLeaderboard.ts";
import { BASE_UNITS_PER_TICK, formatCredits } from "../../src/units.ts";
import { accountField, parseInput } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { seasonsOf } from "./support/seasons.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({ season: z.int().min(1).max(0xffff, "is no season"), as: accountField });

interface RewardArguments {
  readonly season: number;
  readonly as: string;
  readonly deployment: string;
}

export default function rewardAction(input: RewardArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { season, as } = parseInput(schema, input);
    const session = await openSession(hre, input.deployment);
    const seasons = await seasonsOf(session, as);
    const { rpc, deployment } = session.exchange;
    const toBlock = await rpc.call(blockNumberCall());
    const range = { rpc, contract: seasons.contract, fromBlock: deployment.deployBlock, toBlock };
    const sites = (await readLeaderboard({ ...range, season })).map(({ site }) => site);
    const paid = await seasons.payOut(season, sites);
    const { pool } = await seasons.contract.read("seasonTotals", [season]);
    const credits = (baseUnits: bigint) => formatCredits(baseUnits / BASE_UNITS_PER_TICK, 6);
    console.log(`Season ${String(season)}: ${credits(paid)} of a pool of ${credits(pool)} credits paid.`);
  });
}
