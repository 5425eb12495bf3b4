import { task } from "hardhat/config";
import { ACCOUNT, CORPUS, JOB, ONCE, POLL, STORE, THREADS } from "./support/jobOptions.ts";
import { DEPLOYMENT, textOption } from "./support/options.ts";

/** `npx hardhat training:defend --job 1 --bond 50 --network localhost` */
export const trainingDefendTask = task(
  "training:defend",
  "Provide for a reproducible job: accept, train, claim, answer challenges, collect",
)
  .addOption({ ...JOB, defaultValue: 1 })
  .addOption(textOption("bond", "Most credits to put up as the provider's bond"))
  .addOption(CORPUS)
  .addOption(
    textOption(
      "journal",
      "Roots of the provider's checkpoints; their states are beside it",
      "training-provider.sqlite",
    ),
  )
  .addOption(THREADS)
  .addOption(STORE)
  .addOption(ACCOUNT)
  .addOption(POLL)
  .addFlag(ONCE)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./trainingDefendAction.ts"))
  .build();
