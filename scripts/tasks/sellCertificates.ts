import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { AMOUNT_WH, CERTIFICATE } from "./support/certificateOptions.ts";
import { AS_OWNER, DEPLOYMENT, textOption, wholeOption } from "./support/options.ts";

/** `npx hardhat joulework:sell-certificates 2138445... 500 0.02 --out offer.json --network localhost` */
export const sellCertificatesTask = task("joulework:sell-certificates", "Sign an offer of certificates")
  .addPositionalArgument(CERTIFICATE)
  .addPositionalArgument(AMOUNT_WH)
  .addPositionalArgument({ name: "price", description: "Credits a kWh", type: ArgumentType.STRING })
  .addOption(textOption("out", "File for the signed offer", "offer.json"))
  .addOption(textOption("buyer", "Only this address may take it"))
  .addFlag({ name: "bundled", description: "Only for who took energy in the same zone and slot" })
  .addOption(wholeOption("hours", "How long it stands", 24))
  .addOption(AS_OWNER)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./sellCertificatesAction.ts"))
  .build();
