import { task } from "hardhat/config";
import { DEPLOYMENT, SITE } from "./support/options.ts";

/** `npx hardhat joulework:show-reputation 3` */
export const showReputationTask = task("joulework:show-reputation", "Show a site's score, tier and votes")
  .addPositionalArgument(SITE)
  .addFlag({ name: "json", description: "Print JSON" })
  .addOption(DEPLOYMENT)
  .setAction(() => import("./showReputationAction.ts"))
  .build();
