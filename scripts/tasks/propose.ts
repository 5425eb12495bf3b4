import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { AS_OWNER, DEPLOYMENT, textOption } from "./support/options.ts";

/** `npx hardhat joulework:propose "Dearer credits" --target CreditDesk --call setPrices --args "[320000,310000]"` */
export const proposeTask = task("joulework:propose", "Propose calls for a decision by votes")
  .addPositionalArgument({ name: "description", description: "What for, in a sentence", type: ArgumentType.STRING })
  .addOption(textOption("target", "Contract that is called", "EnergyExchange"))
  .addOption(textOption("call", "Its function"))
  .addOption(textOption("args", "The function's arguments, a JSON array; a struct by names", "[]"))
  .addOption(textOption("calls", "Instead: a JSON file with several calls, each {target, call, args}"))
  .addOption(AS_OWNER)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./proposeAction.ts"))
  .build();
