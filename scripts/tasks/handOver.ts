import { task } from "hardhat/config";
import { AS_OWNER, DEPLOYMENT } from "./support/options.ts";

/** `npx hardhat joulework:hand-over` */
export const handOverTask = task(
  "joulework:hand-over",
  "End the founding council's rule for good, once enough sites vote",
)
  .addOption(AS_OWNER)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./handOverAction.ts"))
  .build();
