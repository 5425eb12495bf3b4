import { task } from "hardhat/config";
import { DEPLOYMENT } from "./support/options.ts";

/** `npx hardhat joulework:show-desk --network localhost` */
export const showDeskTask = task("joulework:show-desk", "The desk's prices, funds, backing and queue")
  .addFlag({ name: "json", description: "Print JSON, amounts in base units" })
  .addOption(DEPLOYMENT)
  .setAction(() => import("./showDeskAction.ts"))
  .build();
