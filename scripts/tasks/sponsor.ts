import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { ACCOUNT } from "./support/jobOptions.ts";
import { DEPLOYMENT } from "./support/options.ts";

/** `npx hardhat joulework:sponsor 0x... --account 12 --network localhost` */
export const sponsorTask = task(
  "joulework:sponsor",
  "Let the owner of a site register this account as a provider of compute",
)
  .addPositionalArgument({ name: "owner", description: "Owner of the site", type: ArgumentType.STRING })
  .addOption(ACCOUNT)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./sponsorAction.ts"))
  .build();
