import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { DEPLOYMENT, textOption, wholeOption } from "./support/options.ts";

/** `npx hardhat joulework:deposit 25 --meter 0x... --buy --network localhost` */
export const depositTask = task("joulework:deposit", "Prepay a meter, or post the bond of a site or a matcher")
  .addPositionalArgument({ name: "amount", description: "Credits, such as 12.5", type: ArgumentType.STRING })
  .addOption(textOption("meter", "Meter whose balance it prepays"))
  .addOption(wholeOption("site", "Site whose bond it raises", 0))
  .addOption(textOption("matcher", "Matcher whose bond it raises"))
  .addFlag({ name: "buy", description: "Buy the credits at the desk first" })
  .addOption(DEPLOYMENT)
  .setAction(() => import("./depositAction.ts"))
  .build();
