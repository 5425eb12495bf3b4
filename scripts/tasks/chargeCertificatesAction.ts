import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { MATCH_POLICY_CODES } from "../../src/certificates/matchPolicy.ts";
import { formatWh } from "../../src/units.ts";
import { certificateField, energyOrAllField, policyField } from "./support/certificateInput.ts";
import { matchableWh } from "./support/matchableWh.ts";
import { readEvidence } from "./support/evidence.ts";
import { accountField, addressField, parseInput, slotField } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({
  certificate: certificateField,
  meter: addressField,
  slot: slotField,
  amount: energyOrAllField,
  policy: policyField,
  as: accountField,
});

interface ChargeArguments {
  readonly certificate: string;
  readonly meter: string;
  readonly slot: number;
  readonly amount: number;
  readonly policy: string;
  readonly as: string;
  readonly deployment: string;
}

export default function chargeCertificatesAction(
  input: ChargeArguments,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  return runTask(async () => {
    const { certificate, meter, slot, amount, policy, as } = parseInput(schema, input);
    const session = await openSession(hre, input.deployment);
    const certificates = session.contract("EnergyCertificates");
    const holder = (await session.sender(as)).address;
    const evidence = await readEvidence(session, meter, slot);
    const amountWh =
      amount === 0
        ? matchableWh(evidence, Number(await certificates.read("balanceOf", [holder, certificate])), {
            certificate,
            holder,
          })
        : amount;
    const { leaf, root, proof } = evidence.reading;
    const code = MATCH_POLICY_CODES[policy];
    const data = certificates.encode("charge", [leaf, root, proof, certificate, amountWh, code]);
    await session.send(as, data, certificates.address);
    const { chargedWh } = await certificates.read("storedIn", [meter]);
    console.log(`${formatWh(amountWh)} of certificates went into storage ${meter}: ${formatWh(chargedWh)} so far.`);
  });
}
