import { task } from "hardhat/config";
import { AS_PROVIDER, DEPLOYMENT, textOption, wholeOption } from "./support/options.ts";

/** `npx hardhat joulework:offer --price 0.0001 --accelerators 8 --power 700 --network localhost` */
export const offerTask = task("joulework:offer", "Offer accelerators for lease, or withdraw an offer")
  .addOption(textOption("price", "Least that an accelerator-second costs, credits"))
  .addOption(wholeOption("accelerators", "How many of them", 1))
  .addOption(wholeOption("power", "What an accelerator takes, W", 0))
  .addOption(textOption("stake", "Credits of stake behind each lease", "1"))
  .addOption(wholeOption("minSeconds", "Least accelerator-seconds that a lease pays for in advance", 900))
  .addOption(wholeOption("maxSeconds", "Most of them", 1_000_000))
  .addOption(wholeOption("withdraw", "Withdraw the offer of this number instead", 0))
  .addOption(AS_PROVIDER)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./offerAction.ts"))
  .build();
