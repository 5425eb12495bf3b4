import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { MATCH_POLICY_CODES } from "../../src/certificates/matchPolicy.ts";
import { formatWh } from "../../src/units.ts";
import { energyOrAllField, policyField } from "./support/certificateInput.ts";
import { matchableWh } from "./support/matchableWh.ts";
import { readEvidence } from "./support/evidence.ts";
import { accountField, addressField, numberField, parseInput, slotField } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({
  cancellation: numberField.min(1, "must be a cancellation from 1 on"),
  meter: addressField,
  slot: slotField,
  amount: energyOrAllField,
  policy: policyField,
  as: accountField,
});

interface ClaimArguments {
  readonly cancellation: number;
  readonly meter: string;
  readonly slot: number;
  readonly amount: number;
  readonly policy: string;
  readonly as: string;
  readonly deployment: string;
}

export default function claimCertificatesAction(input: ClaimArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { cancellation, meter, slot, amount, policy, as } = parseInput(schema, input);
    const session = await openSession(hre, input.deployment);
    const certificates = session.contract("EnergyCertificates");
    const evidence = await readEvidence(session, meter, slot);
    const cancelled = await certificates.read("cancellationInfo", [BigInt(cancellation)]);
    const leftWh = cancelled.amountWh - cancelled.claimedWh;
    const amountWh = amount === 0 ? matchableWh(evidence, leftWh, { cancellation }) : amount;
    const { leaf, root, proof } = evidence.reading;
    const code = MATCH_POLICY_CODES[policy];
    const data = certificates.encode("claim", [BigInt(cancellation), leaf, root, proof, amountWh, code]);
    await session.send(as, data, certificates.address);
    console.log(
      `Cancellation ${String(cancellation)}: ${formatWh(amountWh)} matched with meter ${meter} in slot ${String(slot)}, ` +
        `${formatWh(leftWh - amountWh)} left.`,
    );
  });
}
