import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { DEPLOYMENT } from "./support/options.ts";

/** `npx hardhat joulework:desk-prices 0.31 0.30 --network localhost` */
export const deskPricesTask = task(
  "joulework:desk-prices",
  "Decide what the desk sells and redeems a credit for (GOVERNOR)",
)
  .addPositionalArgument({
    name: "sell",
    description: "Payment tokens for a credit bought, such as 0.31",
    type: ArgumentType.STRING,
  })
  .addPositionalArgument({
    name: "redeem",
    description: "Payment tokens for a credit redeemed, not more than that",
    type: ArgumentType.STRING,
  })
  .addOption(DEPLOYMENT)
  .setAction(() => import("./deskPricesAction.ts"))
  .build();
