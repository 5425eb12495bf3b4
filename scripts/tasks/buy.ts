import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { DEPLOYMENT, HOLDER, textOption } from "./support/options.ts";

/** `npx hardhat joulework:buy 25 --network localhost` */
export const buyTask = task("joulework:buy", "Buy credits at the desk")
  .addPositionalArgument({ name: "amount", description: "Credits, such as 12.5", type: ArgumentType.STRING })
  .addOption(textOption("to", "Who gets the credits (default: the account that pays)"))
  .addOption(textOption("maxPayment", "Most payment tokens to pay (default: the price of the moment)"))
  .addOption(HOLDER)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./buyAction.ts"))
  .build();
