import { task } from "hardhat/config";
import { ACCOUNT, ONCE, POLL } from "./support/jobOptions.ts";
import { DEPLOYMENT } from "./support/options.ts";

/** `npx hardhat training:settle --network localhost` */
export const trainingSettleTask = task(
  "training:settle",
  "Do what anybody may for every training job whose time has come",
)
  .addFlag({ name: "mine", description: "Make a block of the local chain where a draw waits for one" })
  .addOption(ACCOUNT)
  .addOption(POLL)
  .addFlag(ONCE)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./trainingSettleAction.ts"))
  .build();
