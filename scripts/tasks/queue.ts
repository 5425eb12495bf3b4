import { task } from "hardhat/config";
import { AS_OWNER, DEPLOYMENT, PROPOSAL } from "./support/options.ts";

/** `npx hardhat joulework:queue 1234` */
export const queueTask = task("joulework:queue", "Queue a proposal that succeeded: its delay begins")
  .addPositionalArgument(PROPOSAL)
  .addOption(AS_OWNER)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./queueAction.ts"))
  .build();
