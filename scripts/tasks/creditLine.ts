import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { DEPLOYMENT } from "./support/options.ts";

/** `npx hardhat joulework:credit-line 50000 --network localhost` */
export const creditLineTask = task("joulework:credit-line", "State the credits that GRID honours beyond its pledge")
  .addPositionalArgument({ name: "credits", description: "Credits, such as 50000", type: ArgumentType.STRING })
  .addOption(DEPLOYMENT)
  .setAction(() => import("./creditLineAction.ts"))
  .build();
