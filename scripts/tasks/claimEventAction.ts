import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { formatWh } from "../../src/units.ts";
import { accountField, parseInput, siteField, slotField } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { seasonsOf } from "./support/seasons.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({
  event: z.int().min(1, "must be an event number from 1 on"),
  slot: slotField,
  site: siteField,
  as: accountField,
});

interface ClaimEventArguments {
  readonly event: number;
  readonly slot: number;
  readonly site: number;
  readonly as: string;
  readonly deployment: string;
}

export default function claimEventAction(input: ClaimEventArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { event, slot, site, as } = parseInput(schema, input);
    const seasons = await seasonsOf(await openSession(hre, input.deployment), as);
    await seasons.claimEvent(event, slot, site);
    const { season } = await seasons.contract.read("demandEvent", [BigInt(event)]);
    const { shedWh } = await seasons.contract.read("siteTally", [season, site]);
    console.log(`Site ${String(site)} has shed ${formatWh(shedWh)} in events of season ${String(season)}.`);
  });
}
