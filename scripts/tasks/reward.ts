import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { AS_OWNER, DEPLOYMENT } from "./support/options.ts";

/** `npx hardhat joulework:reward 1 --network localhost` */
export const rewardTask = task("joulework:reward", "Finish a season whose claims are over, and pay its sites")
  .addPositionalArgument({ name: "season", description: "Season number", type: ArgumentType.INT })
  .addOption(AS_OWNER)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./rewardAction.ts"))
  .build();
