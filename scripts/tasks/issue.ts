import { task } from "hardhat/config";
import { AS_OWNER, DEPLOYMENT, SITE, wholeOption } from "./support/options.ts";

/** `npx hardhat joulework:issue 3 --network localhost` */
export const issueTask = task("joulework:issue", "Issue certificates for what a site's producers exported")
  .addPositionalArgument(SITE)
  .addOption(wholeOption("fromSlot", "First slot (default: two days before the last)", 0))
  .addOption(wholeOption("toSlot", "Last slot (default: the present one)", 0))
  .addOption(AS_OWNER)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./issueAction.ts"))
  .build();
