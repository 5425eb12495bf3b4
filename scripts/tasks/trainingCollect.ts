import { task } from "hardhat/config";
import { ACCOUNT, JOB } from "./support/jobOptions.ts";
import { DEPLOYMENT } from "./support/options.ts";

/** `npx hardhat training:collect --job 1 --network localhost` */
export const trainingCollectTask = task(
  "training:collect",
  "Cancel a reproducible job that no provider took, and take what is held for the account",
)
  .addOption({ ...JOB, description: "Job to cancel if it still waits for a provider; 0 for none", defaultValue: 0 })
  .addOption(ACCOUNT)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./trainingCollectAction.ts"))
  .build();
