import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { openProvider } from "../../src/training/reproducible/jobs/openProvider.ts";
import {
  REPRODUCIBLE_STATE,
  REPRODUCIBLE_STATE_NAMES,
} from "../../src/training/reproducible/jobs/reproducibleTypes.ts";
import { runComputing, type ComputingArguments } from "./support/reproducibleParty.ts";
import { runTask } from "./support/runTask.ts";

export default function trainingDefendAction(input: ComputingArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(() =>
    runComputing(input, hre, ({ party: { chain }, computing }) => ({
      role: openProvider(computing),
      isOver: async () =>
        (await chain.job(input.job)).state > REPRODUCIBLE_STATE.training && (await chain.heldFor(chain.account)) === 0n,
      async conclude() {
        const { state, claimedRounds, settledRounds } = await chain.job(input.job);
        console.log(
          `Job ${input.job} is ${REPRODUCIBLE_STATE_NAMES[state] ?? "unknown"}: ${claimedRounds} rounds claimed, ${settledRounds} paid.`,
        );
      },
    })),
  );
}
