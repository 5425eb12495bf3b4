import { task } from "hardhat/config";
import { AS_OWNER, DEPLOYMENT, SITE, wholeOption } from "./support/options.ts";

/** `npx hardhat joulework:enrol 3 --network localhost` */
export const enrolTask = task("joulework:enrol", "Enrol a site in a season (its owner, or the owner's agent)")
  .addPositionalArgument(SITE)
  .addOption(wholeOption("season", "Season number (default: the one under way)", 0))
  .addOption(AS_OWNER)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./enrolAction.ts"))
  .build();
