import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { openProvider } from "../../src/training/reproducible/jobs/openProvider.ts";
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
} from "./support/reproducibleParty.ts";
import { runTask } from "./support/runTask.ts";

export default function trainingDefendAction(input: ComputingArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const given = parseInput(computingSchema, input);
    const { job, once, poll } = given;
    const party = await openReproducibleParty(hre, input.deployment, given.account);
    const { chain } = party;
    const role = openProvider({ ...(await computingParty(chain, given)), mostBondTicks: given.bond });
    const isOver = async (): Promise<boolean> =>
      (await chain.job(job)).state > REPRODUCIBLE_STATE.training && (await chain.heldFor(chain.account)) === 0n;
    await runRole({ party, role, once, pollMs: poll, isOver });
    const { state, claimedRounds, settledRounds } = await chain.job(job);
    console.log(
      `Job ${job} is ${REPRODUCIBLE_STATE_NAMES[state] ?? "unknown"}: ${claimedRounds} rounds claimed, ${settledRounds} paid.`,
    );
    await printExplorerLink(`/reproducible/${String(job)}`, party.exchange.rpc);
  });
}
