import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { signConsent } from "../../src/market/sign.ts";
import { parseInput, zoneField } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

interface SiteArguments {
  readonly zone: number;
  readonly deployment: string;
}

export default function siteAction(input: SiteArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { zone } = parseInput(z.object({ zone: zoneField }), input);
    const { exchange, domain, key, send } = await openSession(hre, input.deployment);
    const owner = await key("owner");
    // The owner consents to a number: the next one.
    const site = (await exchange.events({ names: ["SiteRegistered"] })).length + 1;
    const consent = signConsent(domain, owner, "SiteConsent", { site, owner: owner.address, zone });
    await send("registrar", exchange.contract.encode("registerSite", [zone, owner.address, consent]));
    console.log(`Site ${String(site)} registered in zone ${String(zone)} for owner ${owner.address}.`);
  });
}
