import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { DEPLOYMENT } from "./support/options.ts";

/** `npx hardhat joulework:clear book.json --network localhost` */
export const clearTask = task("joulework:clear", "Clear a slot: its committed book and the orders placed on chain")
  .addPositionalArgument({
    name: "book",
    description: "JSON: zone, slot, orders (none where only placed orders clear)",
    type: ArgumentType.STRING,
  })
  .addOption(DEPLOYMENT)
  .setAction(() => import("./clearAction.ts"))
  .build();
