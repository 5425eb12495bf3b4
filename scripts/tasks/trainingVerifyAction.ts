import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { formatDispute, readDisputeReport } from "../../src/training/reproducible/jobs/disputeReport.ts";
import { connectReproducible } from "../../src/training/reproducible/jobs/reproducibleLink.ts";
import { openVerifier, type ClaimVerdict } from "../../src/training/reproducible/jobs/openVerifier.ts";
import {
  REPRODUCIBLE_STATE,
  REPRODUCIBLE_STATE_NAMES,
} from "../../src/training/reproducible/jobs/reproducibleTypes.ts";
import { printExplorerLink } from "../explorer/explorerLink.ts";
import { runRole } from "./support/jobParty.ts";
import { parseInput } from "./support/parseInput.ts";
import {
  computingParty,
  computingSchema,
  openReproducibleParty,
  type ComputingArguments,
  type ReproducibleParty,
} from "./support/reproducibleParty.ts";
import { runTask } from "./support/runTask.ts";

export default function trainingVerifyAction(input: ComputingArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const given = parseInput(computingSchema, input);
    const { job, once, poll } = given;
    const party = await openReproducibleParty(hre, input.deployment, given.account);
    const { chain } = party;
    const role = openVerifier({ ...(await computingParty(chain, given)), mostBondTicks: given.bond });
    await runRole({ party, role, once, pollMs: poll, isOver: () => Promise.resolve(role.verdict().over) });
    const { state } = await chain.job(job);
    console.log(outcome(job, state, role.verdict()));
    await printDisputes(party, job, role.verdict());
    await printExplorerLink(`/reproducible/${String(job)}`, party.exchange.rpc);
    // For programs: a wrong claim that stands is a failure.
    if (role.verdict().differentRound !== undefined && state !== REPRODUCIBLE_STATE.refuted) process.exitCode = 1;
  });
}

/** The disputes of this account about the job. */
async function printDisputes(
  { chain, exchange }: ReproducibleParty,
  job: number,
  { program }: ClaimVerdict,
): Promise<void> {
  if (program === undefined) return;
  const link = connectReproducible(exchange);
  for (const { dispute, challenger } of await chain.challenges(job)) {
    if (challenger !== chain.account) continue;
    console.log(formatDispute(await readDisputeReport(link, exchange.rpc, program, dispute)));
  }
}

function outcome(job: number, state: number, { equalRounds, differentRound }: ClaimVerdict): string {
  const compared = `${equalRounds} rounds equal`;
  const found = differentRound === undefined ? compared : `${compared}, round ${differentRound} different`;
  return `Job ${job} is ${REPRODUCIBLE_STATE_NAMES[state] ?? "unknown"}: ${found}.`;
}
