import { task } from "hardhat/config";
import { DEPLOYMENT, SLOT, wholeOption, ZONE } from "./support/options.ts";

/** `npx hardhat joulework:close 1 1944961 --network localhost` */
export const closeTask = task("joulework:close", "Close a zone's slots in order, up to this one")
  .addPositionalArgument(ZONE)
  .addPositionalArgument(SLOT)
  .addOption(wholeOption("batch", "Most positions settled in one transaction", 200))
  .addOption(DEPLOYMENT)
  .setAction(() => import("./closeAction.ts"))
  .build();
