import { task } from "hardhat/config";
import { DEPLOYMENT, textOption, wholeOption } from "./support/options.ts";

/** `npx hardhat joulework:withdraw --meter 0x... --amount 5`, and later `joulework:withdraw --collect 1`. */
export const withdrawTask = task("joulework:withdraw", "Ask for balance back (owner), or collect what is mature")
  .addOption(textOption("meter", "Meter whose balance is asked back"))
  .addOption(textOption("amount", "Credits, such as 12.5"))
  .addOption(textOption("to", "Who gets the credits (default: the owner)"))
  .addOption(wholeOption("collect", "Collect the withdrawal of this number instead", 0))
  .addOption(DEPLOYMENT)
  .setAction(() => import("./withdrawAction.ts"))
  .build();
