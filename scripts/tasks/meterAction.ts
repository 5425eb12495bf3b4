import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { signConsent } from "../../src/market/sign.ts";
import { requireConsent } from "./support/consents.ts";
import { deviceKey } from "./support/keys.ts";
import { METER_FIELDS, meterRegistration, type MeterInput } from "./support/meterInput.ts";
import { addressField, consentField, deviceField, parseInput } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z
  .object({
    ...METER_FIELDS,
    device: deviceField,
    meter: z.literal("").or(addressField),
    deviceSignature: z.literal("").or(consentField),
    ownerSignature: z.literal("").or(consentField),
  })
  .refine(
    ({ meter, deviceSignature }) => (meter === "") === (deviceSignature === ""),
    "give --meter and --device-signature together, or neither",
  );

type MeterArguments = MeterInput &
  Record<"meter" | "deviceSignature" | "ownerSignature", string> & { readonly device: number };

export default function meterAction(input: MeterArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { device, meter: given, deviceSignature, ownerSignature, ...facts } = parseInput(schema, input);
    const session = await openSession(hre, input.deployment);
    const { exchange, domain, chainId, key, send } = session;
    const meterKey = given === "" ? deviceKey(device, chainId) : undefined;
    const meter = meterKey?.address ?? given;
    const message = meterRegistration(meter, facts);
    const sign = (by: NonNullable<typeof meterKey>): string => signConsent(domain, by, "MeterConsent", message);
    const byDevice = meterKey === undefined ? deviceSignature : sign(meterKey);
    const byOwner = ownerSignature === "" ? sign(await key("owner")) : ownerSignature;
    const { owner } = await exchange.contract.read("siteInfo", [facts.site]);
    await requireConsent(session, { name: "MeterConsent", message, signer: meter, signature: byDevice });
    await requireConsent(session, { name: "MeterConsent", message, signer: owner, signature: byOwner });
    await send("registrar", exchange.contract.encode("registerMeter", [message, byOwner, byDevice]));
    console.log(`Meter ${meter} (${facts.kind}) registered on site ${String(facts.site)}.`);
  });
}
