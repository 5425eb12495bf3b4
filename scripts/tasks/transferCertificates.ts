import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { AMOUNT_WH, CERTIFICATE } from "./support/certificateOptions.ts";
import { AS_OWNER, DEPLOYMENT } from "./support/options.ts";

/** `npx hardhat joulework:transfer-certificates 2138445... 500 0x... --network localhost` */
export const transferCertificatesTask = task("joulework:transfer-certificates", "Give certificates to somebody")
  .addPositionalArgument(CERTIFICATE)
  .addPositionalArgument(AMOUNT_WH)
  .addPositionalArgument({ name: "to", description: "Address that gets them", type: ArgumentType.STRING })
  .addOption(AS_OWNER)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./transferCertificatesAction.ts"))
  .build();
