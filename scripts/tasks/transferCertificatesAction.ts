import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { formatWh } from "../../src/units.ts";
import { certificateField, energyField } from "./support/certificateInput.ts";
import { accountField, addressField, parseInput } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({ certificate: certificateField, amount: energyField, to: addressField, as: accountField });

type TransferArguments = z.input<typeof schema> & { readonly deployment: string };

export default function transferCertificatesAction(
  input: TransferArguments,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  return runTask(async () => {
    const { certificate, amount, to, as } = parseInput(schema, input);
    const session = await openSession(hre, input.deployment);
    const certificates = session.contract("EnergyCertificates");
    await session.send(as, certificates.encode("transfer", [to, certificate, amount]), certificates.address);
    console.log(`${formatWh(amount)} of certificates ${String(certificate)} are ${to}'s.`);
  });
}
