import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { DEPLOYMENT } from "./support/options.ts";

/** `npx hardhat joulework:show-meter 0x... --network localhost` */
export const showMeterTask = task("joulework:show-meter", "Show a meter: registers, balance, positions, site")
  .addPositionalArgument({ name: "meter", description: "Address of the meter", type: ArgumentType.STRING })
  .addFlag({ name: "json", description: "Print JSON" })
  .addOption(DEPLOYMENT)
  .setAction(() => import("./showMeterAction.ts"))
  .build();
