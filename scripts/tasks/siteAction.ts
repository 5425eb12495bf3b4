import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { signConsent } from "../../src/market/sign.ts";
import { requireConsent } from "./support/consents.ts";
import { nextSite } from "./support/nextSite.ts";
import { addressField, consentField, parseInput, zoneField } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z
  .object({
    zone: zoneField,
    owner: z.literal("").or(addressField),
    ownerSignature: z.literal("").or(consentField),
  })
  .refine(
    ({ owner, ownerSignature }) => (owner === "") === (ownerSignature === ""),
    "give --owner and --owner-signature together, or neither",
  );

type SiteArguments = z.input<typeof schema> & { readonly deployment: string };

export default function siteAction(input: SiteArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { zone, owner: given, ownerSignature } = parseInput(schema, input);
    const session = await openSession(hre, input.deployment);
    const { exchange, domain, key, send } = session;
    // The owner consents to a number: the next one.
    const site = await nextSite(session);
    const ownerKey = given === "" ? await key("owner") : undefined;
    const owner = ownerKey?.address ?? given;
    const message = { site, owner, zone };
    const signature = ownerKey === undefined ? ownerSignature : signConsent(domain, ownerKey, "SiteConsent", message);
    await requireConsent(session, { name: "SiteConsent", message, signer: owner, signature });
    await send("registrar", exchange.contract.encode("registerSite", [zone, owner, signature]));
    console.log(`Site ${String(site)} registered in zone ${String(zone)} for owner ${owner}.`);
  });
}
