import { task } from "hardhat/config";
import { DEPLOYMENT, LEASE } from "./support/options.ts";

/** `npx hardhat joulework:show-lease 1 --network localhost` */
export const showLeaseTask = task("joulework:show-lease", "Show a lease and its uses")
  .addPositionalArgument(LEASE)
  .addFlag({ name: "json", description: "Print JSON" })
  .addOption(DEPLOYMENT)
  .setAction(() => import("./showLeaseAction.ts"))
  .build();
