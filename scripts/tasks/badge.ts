import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { AS_OWNER, DEPLOYMENT, SITE, textOption } from "./support/options.ts";

/** `npx hardhat joulework:badge 1 1 3 --out badge.svg --network localhost` */
export const badgeTask = task("joulework:badge", "Claim a quest's badge for a site, or show the one it has")
  .addPositionalArgument({ name: "quest", description: "Quest number", type: ArgumentType.INT })
  .addPositionalArgument({ name: "season", description: "Season number", type: ArgumentType.INT })
  .addPositionalArgument(SITE)
  .addOption(textOption("out", "Write the badge's picture to this file"))
  .addOption(AS_OWNER)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./badgeAction.ts"))
  .build();
