import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { consentTypedData } from "./support/consents.ts";
import { nextSite } from "./support/nextSite.ts";
import { addressField, parseInput, siteField, zoneField } from "./support/parseInput.ts";
import { printJson } from "./support/printTable.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({ zone: zoneField, owner: addressField, site: z.literal(0).or(siteField) });

type SiteConsentArguments = z.input<typeof schema> & { readonly deployment: string };

export default function siteConsentAction(input: SiteConsentArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { zone, owner, site } = parseInput(schema, input);
    const session = await openSession(hre, input.deployment);
    const message = { site: site === 0 ? await nextSite(session) : site, owner, zone };
    printJson(consentTypedData(session, "SiteConsent", message));
  });
}
