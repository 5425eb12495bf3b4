import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { AS_OWNER, DEPLOYMENT, textOption, wholeOption } from "./support/options.ts";

/** `npx hardhat joulework:buy-certificates offer.json --amount 200 --network localhost` */
export const buyCertificatesTask = task("joulework:buy-certificates", "Take a signed offer of certificates")
  .addPositionalArgument({ name: "offer", description: "File of the signed offer", type: ArgumentType.STRING })
  .addOption(wholeOption("amount", "Watt-hours (default: all that is left)", 0))
  .addOption(textOption("meter", "For a bundled offer: the meter that took the energy"))
  .addOption(AS_OWNER)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./buyCertificatesAction.ts"))
  .build();
