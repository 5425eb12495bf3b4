import { task } from "hardhat/config";
import { DEPLOYMENT, textOption } from "./support/options.ts";

/** `npx hardhat joulework:certificates --holder 0x... --out bundles.json --network localhost` */
export const certificatesTask = task("joulework:certificates", "List certificates, or export them as bundles in JSON")
  .addOption(textOption("holder", "Address whose certificates are listed (default: everybody's)"))
  .addOption(textOption("out", "Write the bundles with the EnergyTag attributes to this file"))
  .addFlag({ name: "json", description: "Print the bundles as JSON" })
  .addOption(DEPLOYMENT)
  .setAction(() => import("./certificatesAction.ts"))
  .build();
