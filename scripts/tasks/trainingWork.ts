import { task } from "hardhat/config";
import { ACCOUNT, JOB, ONCE, POLL, STORE, THREADS } from "./support/jobOptions.ts";
import { DEPLOYMENT, textOption } from "./support/options.ts";

/** `npx hardhat training:work --job 1 --shard my-text.txt --journal worker.sqlite --network localhost` */
export const trainingWorkTask = task("training:work", "Run a worker of a training job")
  .addOption({ ...JOB, defaultValue: 1 })
  .addOption(textOption("shard", "The worker's own text; it stays here"))
  .addOption(textOption("journal", "Holds what the worker committed to", "training-worker.sqlite"))
  .addOption(textOption("external", "Program that trains instead of the kernels here, with its arguments"))
  .addOption(THREADS)
  .addOption(STORE)
  .addOption(ACCOUNT)
  .addOption(POLL)
  .addFlag(ONCE)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./trainingWorkAction.ts"))
  .build();
