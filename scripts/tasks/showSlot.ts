import { task } from "hardhat/config";
import { DEPLOYMENT, SLOT, ZONE } from "./support/options.ts";

/** `npx hardhat joulework:show-slot 1 1944961 --network localhost` */
export const showSlotTask = task("joulework:show-slot", "Show a slot of a zone: prices, auction, readings, phase")
  .addPositionalArgument(ZONE)
  .addPositionalArgument(SLOT)
  .addFlag({ name: "json", description: "Print JSON" })
  .addOption(DEPLOYMENT)
  .setAction(() => import("./showSlotAction.ts"))
  .build();
