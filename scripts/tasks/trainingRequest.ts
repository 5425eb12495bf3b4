import { task } from "hardhat/config";
import { ACCOUNT, ONCE, POLL, STORE } from "./support/jobOptions.ts";
import { DEPLOYMENT, textOption } from "./support/options.ts";

/** `npx hardhat training:request --network localhost` */
export const trainingRequestTask = task("training:request", "Run the requester of the jobs in a journal")
  .addOption(textOption("journal", "The journal that the jobs were posted with", "training-requester.sqlite"))
  .addOption(STORE)
  .addOption(ACCOUNT)
  .addOption(POLL)
  .addFlag(ONCE)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./trainingRequestAction.ts"))
  .build();
