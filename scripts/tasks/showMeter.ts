import { task } from "hardhat/config";
import { DEPLOYMENT, METER } from "./support/options.ts";

/** `npx hardhat joulework:show-meter 0x... --network localhost` */
export const showMeterTask = task("joulework:show-meter", "Show a meter: registers, balance, positions, site")
  .addPositionalArgument(METER)
  .addFlag({ name: "json", description: "Print JSON" })
  .addOption(DEPLOYMENT)
  .setAction(() => import("./showMeterAction.ts"))
  .build();
