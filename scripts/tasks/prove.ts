import { task } from "hardhat/config";
import { AS_OWNER, DEPLOYMENT, SITE, wholeOption } from "./support/options.ts";

/** `npx hardhat joulework:prove 3 --conclude --network localhost` */
export const proveTask = task("joulework:prove", "Prove a site's readings of a season, and conclude it once it is over")
  .addPositionalArgument(SITE)
  .addOption(wholeOption("season", "Season number (default: the one under way)", 0))
  .addFlag({ name: "conclude", description: "Conclude the site's season: no reading can be proved any more" })
  .addOption(AS_OWNER)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./proveAction.ts"))
  .build();
