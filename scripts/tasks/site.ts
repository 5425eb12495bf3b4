import { task } from "hardhat/config";
import { DEPLOYMENT, textOption, ZONE } from "./support/options.ts";

/** `npx hardhat joulework:site 1 --network localhost`: a grid connection point of the owner whose key is at hand. */
export const siteTask = task("joulework:site", "Register a site (REGISTRAR) with its owner's signed consent")
  .addPositionalArgument(ZONE)
  .addOption(textOption("owner", "Owner who signed elsewhere (default: the account whose key signs here)"))
  .addOption(textOption("ownerSignature", "With --owner: its signature of what joulework:site-consent prints"))
  .addOption(DEPLOYMENT)
  .setAction(() => import("./siteAction.ts"))
  .build();
