import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { DEPLOYMENT } from "./support/options.ts";

/** `npx hardhat joulework:pledge 1000 --network localhost` */
export const pledgeTask = task("joulework:pledge", "Pledge payment tokens (GRID) to what backs credits")
  .addPositionalArgument({
    name: "payment",
    description: "Payment tokens, such as 1250.5",
    type: ArgumentType.STRING,
  })
  .addOption(DEPLOYMENT)
  .setAction(() => import("./pledgeAction.ts"))
  .build();
