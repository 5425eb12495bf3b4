import { task } from "hardhat/config";
import { ACCOUNT, JOB, ONCE, POLL, STORE, THREADS } from "./support/jobOptions.ts";
import { DEPLOYMENT, textOption } from "./support/options.ts";

/** `npx hardhat training:evaluate --job 1 --journal evaluator.sqlite --network localhost` */
export const trainingEvaluateTask = task("training:evaluate", "Run an evaluator of a training job")
  .addOption({ ...JOB, defaultValue: 1 })
  .addOption(textOption("journal", "Holds the scores that the evaluator committed to", "training-evaluator.sqlite"))
  .addOption(THREADS)
  .addFlag({ name: "noAudit", description: "Never check or challenge a standing result" })
  .addOption(STORE)
  .addOption(ACCOUNT)
  .addOption(POLL)
  .addFlag(ONCE)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./trainingEvaluateAction.ts"))
  .build();
