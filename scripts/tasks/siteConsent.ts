import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { DEPLOYMENT, wholeOption, ZONE } from "./support/options.ts";

/** `npx hardhat joulework:site-consent 1 0x... --network localhost` */
export const siteConsentTask = task("joulework:site-consent", "Print the EIP-712 data that a site's owner signs")
  .addPositionalArgument(ZONE)
  .addPositionalArgument({ name: "owner", description: "Account or contract", type: ArgumentType.STRING })
  .addOption(wholeOption("site", "Site number (default: the next one)", 0))
  .addOption(DEPLOYMENT)
  .setAction(() => import("./siteConsentAction.ts"))
  .build();
