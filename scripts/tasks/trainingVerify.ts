import { task } from "hardhat/config";
import { ACCOUNT, CORPUS, JOB, ONCE, POLL, STORE, THREADS } from "./support/jobOptions.ts";
import { DEPLOYMENT, textOption } from "./support/options.ts";

/** `npx hardhat training:verify --job 1 --bond 5 --network localhost` */
export const trainingVerifyTask = task(
  "training:verify",
  "Repeat a reproducible job, and challenge the first round that was claimed otherwise",
)
  .addOption({ ...JOB, defaultValue: 1 })
  .addOption(textOption("bond", "Most credits to put up for a challenge; none only compares"))
  .addOption(CORPUS)
  .addOption(
    textOption("journal", "Roots of the own checkpoints; their states are beside it", "training-verifier.sqlite"),
  )
  .addOption(THREADS)
  .addOption(STORE)
  .addOption(ACCOUNT)
  .addOption(POLL)
  .addFlag(ONCE)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./trainingVerifyAction.ts"))
  .build();
