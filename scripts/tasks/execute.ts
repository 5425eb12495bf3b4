import { task } from "hardhat/config";
import { AS_OWNER, DEPLOYMENT, PROPOSAL } from "./support/options.ts";

/** `npx hardhat joulework:execute 1234` */
export const executeTask = task("joulework:execute", "Execute a proposal whose delay is over")
  .addPositionalArgument(PROPOSAL)
  .addOption(AS_OWNER)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./executeAction.ts"))
  .build();
