import { task } from "hardhat/config";
import { DEPLOYMENT, wholeOption } from "./support/options.ts";

/** `npx hardhat joulework:pay-queue --network localhost`: anybody may. */
export const payQueueTask = task("joulework:pay-queue", "Pay the desk's queued redemptions in order while funds last")
  .addOption(wholeOption("max", "Most numbers to look at in this transaction", 50))
  .addOption(DEPLOYMENT)
  .setAction(() => import("./payQueueAction.ts"))
  .build();
