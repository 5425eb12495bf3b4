import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { DEPLOYMENT, wholeOption } from "./support/options.ts";

/** `npx hardhat joulework:readings readings.csv --network localhost` */
export const readingsTask = task("joulework:readings", "Settle signed readings from a CSV file, in batches")
  .addPositionalArgument({
    name: "file",
    description: "CSV: zone,slot,meter,importWh,exportWh,signature",
    type: ArgumentType.STRING,
  })
  .addOption(wholeOption("batch", "Most readings in one transaction", 500))
  .addOption(DEPLOYMENT)
  .setAction(() => import("./readingsAction.ts"))
  .build();
