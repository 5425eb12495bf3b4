import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { consentTypedData } from "./support/consents.ts";
import { METER_FIELDS, meterRegistration, type MeterInput } from "./support/meterInput.ts";
import { addressField, parseInput } from "./support/parseInput.ts";
import { printJson } from "./support/printTable.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({ ...METER_FIELDS, meter: addressField });

export default function meterConsentAction(
  input: MeterInput & { readonly meter: string },
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  return runTask(async () => {
    const { meter, ...facts } = parseInput(schema, input);
    const session = await openSession(hre, input.deployment);
    printJson(consentTypedData(session, "MeterConsent", meterRegistration(meter, facts)));
  });
}
