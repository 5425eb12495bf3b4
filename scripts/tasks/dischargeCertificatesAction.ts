import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { encodeCertificateId } from "../../src/certificates/certificateId.ts";
import { formatWh } from "../../src/units.ts";
import { readEvidence } from "./support/evidence.ts";
import { accountField, addressField, parseInput, slotField } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({ meter: addressField, slot: slotField, as: accountField });

type DischargeArguments = z.input<typeof schema> & { readonly deployment: string };

export default function dischargeCertificatesAction(
  input: DischargeArguments,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  return runTask(async () => {
    const { meter, slot, as } = parseInput(schema, input);
    const session = await openSession(hre, input.deployment);
    const certificates = session.contract("EnergyCertificates");
    const { reading } = await readEvidence(session, meter, slot);
    const { leaf, root, proof } = reading;
    const before = await certificates.read("storedIn", [meter]);
    await session.send(as, certificates.encode("discharge", [leaf, root, proof]), certificates.address);
    const after = await certificates.read("storedIn", [meter]);
    const id = encodeCertificateId({ zone: leaf.zone, slot, source: "storage" });
    console.log(
      `${formatWh(after.issuedWh - before.issuedWh)} certified from storage ${meter} as ${String(id)}: ` +
        `${formatWh(after.issuedWh)} of ${formatWh(after.chargedWh)} so far.`,
    );
  });
}
