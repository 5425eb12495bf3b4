import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { DEPLOYMENT, textOption } from "./support/options.ts";

/** `npx hardhat joulework:deploy --network localhost`: the whole system, with Ignition and its journal. */
export const deployTask = task("joulework:deploy", "Deploy the system; an interrupted deployment resumes")
  .addOption(textOption("paymentToken", "ERC-20 that credits are sold for (default on a local chain: a test token)"))
  .addOption({
    name: "parameters",
    description:
      "JSON file of module parameters: governor, registrar, grid, guardian, inspector, governorDelay, prices",
    type: ArgumentType.STRING,
    defaultValue: "",
  })
  .addOption(DEPLOYMENT)
  .setAction(() => import("./deployAction.ts"))
  .build();
