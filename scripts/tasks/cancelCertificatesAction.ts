import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import type { LocalAccount } from "../../src/chain/localChain.ts";
import { connectCertificates } from "../../src/certificates/certificatesLink.ts";
import { readHoldings } from "../../src/certificates/holdings.ts";
import { unmatchedEnergy } from "../../src/certificates/jobConsumption.ts";
import { MATCH_POLICY_CODES, type MatchPolicy } from "../../src/certificates/matchPolicy.ts";
import { limitMatches, planMatches } from "../../src/certificates/planMatches.ts";
import { JouleworkError } from "../../src/errors.ts";
import { formatWh } from "../../src/units.ts";
import { certificateField, energyField, energyOrAllField, policyField } from "./support/certificateInput.ts";
import { accountField, addressField, parseInput } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession, type Session } from "./support/session.ts";

const MAX_JOBS = 2 ** 40;
const common = z.object({ job: z.int().min(0, "must be a job's number").max(MAX_JOBS), as: accountField });
const forJob = z.object({ amount: energyOrAllField, policy: policyField });
const forSomebody = z.object({
  certificate: certificateField,
  amount: energyField,
  beneficiary: addressField,
  purpose: z.string(),
});

interface CancelArguments {
  readonly certificate: string;
  readonly amount: number;
  readonly beneficiary: string;
  readonly purpose: string;
  readonly job: number;
  readonly policy: string;
  readonly as: string;
  readonly deployment: string;
}

export default function cancelCertificatesAction(
  input: CancelArguments,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  return runTask(async () => {
    const { job, as } = parseInput(common, input);
    if (job > 0) {
      const { amount, policy } = parseInput(forJob, input);
      await cancelForJob(await openSession(hre, input.deployment), { as, job, amount, policy });
      return;
    }
    const { certificate, amount, beneficiary, purpose } = parseInput(forSomebody, input);
    const session = await openSession(hre, input.deployment);
    const certificates = session.contract("EnergyCertificates");
    const holder = (await session.sender(as)).address;
    const data = certificates.encode("cancel", [holder, certificate, amount, beneficiary, purpose]);
    await session.send(as, data, certificates.address);
    const number = await certificates.read("cancellationCount", []);
    console.log(`Cancellation ${String(number)}: ${formatWh(amount)} for ${beneficiary}.`);
  });
}

async function cancelForJob(
  session: Session,
  {
    as,
    job,
    amount,
    policy,
  }: { readonly as: LocalAccount; readonly job: number; readonly amount: number; readonly policy: MatchPolicy },
): Promise<void> {
  const link = connectCertificates(session.exchange);
  const sender = await session.sender(as);
  const holdings = (await readHoldings(link)).get(sender.address) ?? [];
  const neighbours = new Set(
    (await link.events(["NeighbourSet"])).flatMap(({ args }) =>
      args.allowed ? [`${String(args.zone)}/${String(args.neighbour)}`] : [],
    ),
  );
  const planned = planMatches({
    holdings,
    consumption: await unmatchedEnergy(link, job),
    policy,
    isNeighbour: (zone, neighbour) => neighbours.has(`${String(zone)}/${String(neighbour)}`),
  });
  const matches = amount === 0 ? planned : limitMatches(planned, amount);
  if (matches.length === 0) {
    throw new JouleworkError({
      code: "NOTHING_MATCHES",
      what: "None of the account's certificates match energy of the job that is not matched yet",
      values: { job, account: sender.address, policy },
      hint: "Buy certificates of the job's zone and slots (training:receipt --json lists them), or take a wider --policy.",
    });
  }
  const calls = matches.map((match) =>
    link.contract.encode("cancelForJob", [
      sender.address,
      match.certificate,
      match.amountWh,
      job,
      match.slot,
      MATCH_POLICY_CODES[match.policy],
    ]),
  );
  await session.send(as, link.contract.encode("multicall", [calls]), link.contract.address);
  const totalWh = matches.reduce((sum, { amountWh }) => sum + amountWh, 0);
  console.log(`Job ${String(job)}: ${formatWh(totalWh)} matched by ${String(matches.length)} cancellations.`);
}
