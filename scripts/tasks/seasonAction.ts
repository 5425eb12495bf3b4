import Table from "cli-table3";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { blockNumberCall } from "../../src/chain/calls.ts";
import { readLeaderboard } from "../../src/game/readLeaderboard.ts";
import { connectSeasons } from "../../src/game/seasonsLink.ts";
import { seasonAt, seasonBounds } from "../../src/game/seasonClock.ts";
import { BASE_UNITS_PER_TICK, formatCredits, formatSlot, formatWh } from "../../src/units.ts";
import { parseInput } from "./support/parseInput.ts";
import { printFacts, printJson } from "./support/printTable.ts";
import { runTask } from "./support/runTask.ts";
import { slotNow } from "./support/seasons.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({ season: z.int().min(0).max(0xffff, "is no season") });

interface SeasonArguments {
  readonly season: number;
  readonly json: boolean;
  readonly deployment: string;
}

export default function seasonAction(input: SeasonArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { season: asked } = parseInput(schema, input);
    const session = await openSession(hre, input.deployment);
    const { rpc, deployment } = session.exchange;
    const { contract, clock } = await connectSeasons(rpc, deployment);
    const season = asked === 0 ? Math.max(1, seasonAt(clock, await slotNow(session))) : asked;
    const bounds = seasonBounds(clock, season);
    const totals = await contract.read("seasonTotals", [season]);
    const credit = session.contract("EnergyCredit");
    const held = totals.finished ? totals.pool : await credit.read("balanceOf", [contract.address]);
    const toBlock = await rpc.call(blockNumberCall());
    const sites = await readLeaderboard({ rpc, contract, season, fromBlock: deployment.deployBlock, toBlock });
    if (input.json) {
      printJson({ season, ...bounds, finished: totals.finished, poolBaseUnits: held, sites });
      return;
    }
    printFacts({
      season,
      "first slot": `${String(bounds.firstSlot)} (${formatSlot(bounds.firstSlot)})`,
      "last slot": `${String(bounds.lastSlot)} (${formatSlot(bounds.lastSlot)})`,
      "claims until the end of slot": `${String(bounds.claimsLastSlot)} (${formatSlot(bounds.claimsLastSlot)})`,
      pool: `${formatCredits(held / BASE_UNITS_PER_TICK, 6)} credits${totals.finished ? "" : " so far"}`,
      "sites concluded": totals.sites,
    });
    if (sites.length === 0) return;
    const table = new Table({ head: ["rank", "site", "points", "shed", "tier", ""], style: { head: [], border: [] } });
    for (const { rank, site, points, shedWh, tier, concluded } of sites) {
      table.push([rank, site, String(points), formatWh(shedWh), tier, concluded ? "concluded" : "so far"]);
    }
    console.log(table.toString());
  });
}
