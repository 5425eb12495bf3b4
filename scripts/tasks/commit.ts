import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { DEPLOYMENT } from "./support/options.ts";

/** `npx hardhat joulework:commit book.json --network localhost` */
export const commitTask = task("joulework:commit", "Commit to a book of signed orders, as the zone's matcher")
  .addPositionalArgument({ name: "book", description: "JSON: zone, slot, orders", type: ArgumentType.STRING })
  .addOption(DEPLOYMENT)
  .setAction(() => import("./commitAction.ts"))
  .build();
