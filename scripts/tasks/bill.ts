import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { DEPLOYMENT, textOption } from "./support/options.ts";

/** `npx hardhat joulework:bill 1 1944960 1945055 --network localhost` */
export const billTask = task("joulework:bill", "A site's statement for a run of slots, from events alone")
  .addPositionalArgument({ name: "site", description: "Site number", type: ArgumentType.INT })
  .addPositionalArgument({ name: "fromSlot", description: "First slot", type: ArgumentType.INT })
  .addPositionalArgument({ name: "toSlot", description: "Last slot, included", type: ArgumentType.INT })
  .addOption(textOption("format", "table, csv or json", "table"))
  .addOption(textOption("out", "Write to this file instead of printing"))
  .addOption(DEPLOYMENT)
  .setAction(() => import("./billAction.ts"))
  .build();
