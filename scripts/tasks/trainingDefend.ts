import { task } from "hardhat/config";
import { ACCOUNT, JOB, ONCE, POLL, STORE } from "./support/jobOptions.ts";
import { DEPLOYMENT, textOption, wholeOption } from "./support/options.ts";

/** `npx hardhat training:defend --job 1 --bond 50 --network localhost` */
export const trainingDefendTask = task(
  "training:defend",
  "Provide for a reproducible job: accept, train, claim, answer challenges, collect",
)
  .addOption({ ...JOB, defaultValue: 1 })
  .addOption(textOption("bond", "Most credits to put up as the provider's bond"))
  .addOption(textOption("corpus", "The text, where the store does not have it"))
  .addOption(
    textOption(
      "journal",
      "Roots of the provider's checkpoints; their states are beside it",
      "training-provider.sqlite",
    ),
  )
  .addOption(wholeOption("threads", "Threads of the kernels", 1))
  .addOption(STORE)
  .addOption(ACCOUNT)
  .addOption(POLL)
  .addFlag(ONCE)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./trainingDefendAction.ts"))
  .build();
