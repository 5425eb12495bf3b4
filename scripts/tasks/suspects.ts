import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { DEPLOYMENT, textOption, ZONE } from "./support/options.ts";

/** `npx hardhat joulework:suspects 1 1944960 1945631 --network localhost` */
export const suspectsTask = task("joulework:suspects", "Rank the meters of a zone by what its feeder says of them")
  .addPositionalArgument(ZONE)
  .addPositionalArgument({ name: "fromSlot", description: "First slot", type: ArgumentType.INT })
  .addPositionalArgument({ name: "toSlot", description: "Last slot, included", type: ArgumentType.INT })
  .addOption(textOption("place", "LATITUDE,LONGITUDE in degrees: hold solar meters to a cloudless sky there"))
  .addFlag({ name: "json", description: "Print JSON" })
  .addOption(DEPLOYMENT)
  .setAction(() => import("./suspectsAction.ts"))
  .build();
