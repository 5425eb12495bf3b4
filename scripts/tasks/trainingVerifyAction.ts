import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { formatDispute, readDisputeReport } from "../../src/training/reproducible/jobs/disputeReport.ts";
import { connectReproducible } from "../../src/training/reproducible/jobs/reproducibleLink.ts";
import { openVerifier, type ClaimVerdict } from "../../src/training/reproducible/jobs/openVerifier.ts";
import {
  REPRODUCIBLE_STATE,
  REPRODUCIBLE_STATE_NAMES,
} from "../../src/training/reproducible/jobs/reproducibleTypes.ts";
import { runComputing, type ComputingArguments, type ReproducibleParty } from "./support/reproducibleParty.ts";
import { runTask } from "./support/runTask.ts";

export default function trainingVerifyAction(input: ComputingArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(() =>
    runComputing(input, hre, ({ party, computing }) => {
      const role = openVerifier(computing);
      return {
        role,
        isOver: () => Promise.resolve(role.verdict().over),
        async conclude() {
          const { job } = input;
          const { state } = await party.chain.job(job);
          const verdict = role.verdict();
          console.log(outcome(job, state, verdict));
          await printDisputes(party, job, verdict);
          // For programs: a wrong claim that stands is a failure.
          if (verdict.differentRound !== undefined && state !== REPRODUCIBLE_STATE.refuted) process.exitCode = 1;
        },
      };
    }),
  );
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
