import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { DEPLOYMENT } from "./support/options.ts";

/** `npx hardhat joulework:quest points 1000 "Sun chaser" --network localhost` */
export const questTask = task("joulework:quest", "Add a quest that earns a badge (GOVERNOR)")
  .addPositionalArgument({ name: "goal", description: "points, shed, tier or streak", type: ArgumentType.STRING })
  .addPositionalArgument({ name: "threshold", description: "Points, Wh, tier or seasons", type: ArgumentType.INT })
  .addPositionalArgument({ name: "title", description: "Letters, digits, spaces, hyphens", type: ArgumentType.STRING })
  .addOption(DEPLOYMENT)
  .setAction(() => import("./questAction.ts"))
  .build();
