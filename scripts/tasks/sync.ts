import { task } from "hardhat/config";
import { AS_OWNER, DEPLOYMENT, wholeOption } from "./support/options.ts";

/** `npx hardhat joulework:sync`: every site, or one with `--site 3`. */
export const syncTask = task("joulework:sync", "Bring sites' reputation, tiers and votes up to date, once a day")
  .addOption(wholeOption("site", "One site (default: all)", 0))
  .addOption(AS_OWNER)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./syncAction.ts"))
  .build();
