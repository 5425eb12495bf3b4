import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { DEPLOYMENT, textOption } from "./support/options.ts";

/** `npx hardhat joulework:withdraw-pledge 250 --network localhost` */
export const withdrawPledgeTask = task(
  "joulework:withdraw-pledge",
  "Take back payment tokens (GRID) that neither credits nor queued redemptions need",
)
  .addPositionalArgument({
    name: "payment",
    description: "Payment tokens, such as 1250.5",
    type: ArgumentType.STRING,
  })
  .addOption(textOption("to", "Who gets them (default: GRID's account)"))
  .addOption(DEPLOYMENT)
  .setAction(() => import("./withdrawPledgeAction.ts"))
  .build();
