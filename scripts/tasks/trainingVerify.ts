import { task } from "hardhat/config";
import { ACCOUNT, JOB, ONCE, POLL, STORE } from "./support/jobOptions.ts";
import { DEPLOYMENT, textOption, wholeOption } from "./support/options.ts";

/** `npx hardhat training:verify --job 1 --bond 5 --network localhost` */
export const trainingVerifyTask = task(
  "training:verify",
  "Repeat a reproducible job, and challenge the first round that was claimed otherwise",
)
  .addOption({ ...JOB, defaultValue: 1 })
  .addOption(textOption("bond", "Most credits to put up for a challenge; none only compares"))
  .addOption(textOption("corpus", "The text, where the store does not have it"))
  .addOption(
    textOption("journal", "Roots of the own checkpoints; their states are beside it", "training-verifier.sqlite"),
  )
  .addOption(wholeOption("threads", "Threads of the kernels", 1))
  .addOption(STORE)
  .addOption(ACCOUNT)
  .addOption(POLL)
  .addFlag(ONCE)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./trainingVerifyAction.ts"))
  .build();
