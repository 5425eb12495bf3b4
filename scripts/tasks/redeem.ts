import { task } from "hardhat/config";
import { DEPLOYMENT, HOLDER, textOption, wholeOption } from "./support/options.ts";

/** `npx hardhat joulework:redeem --amount 5`, or `joulework:redeem --cancel 1`. */
export const redeemTask = task(
  "joulework:redeem",
  "Redeem credits at the desk, now or in its queue; cancel or collect a queued redemption",
)
  .addOption(textOption("amount", "Credits, such as 12.5"))
  .addOption(textOption("to", "Who is paid (default: the account that redeems)"))
  .addOption(textOption("minPayment", "Least payment tokens to accept (default: the price of the moment)"))
  .addFlag({ name: "now", description: "Refuse to wait: redeem at once or not at all" })
  .addOption(wholeOption("cancel", "Cancel the queued redemption of this number instead", 0))
  .addOption(wholeOption("collect", "Collect the payment that was set aside for this number instead", 0))
  .addOption(HOLDER)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./redeemAction.ts"))
  .build();
