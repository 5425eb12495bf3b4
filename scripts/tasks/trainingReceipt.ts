import { task } from "hardhat/config";
import { JOB } from "./support/jobOptions.ts";
import { DEPLOYMENT, textOption } from "./support/options.ts";

/** `npx hardhat training:receipt --job 1 --network localhost` */
export const trainingReceiptTask = task("training:receipt", "Show what a training job has bought")
  .addOption({ ...JOB, defaultValue: 1 })
  .addFlag({ name: "json", description: "Print JSON" })
  .addOption(textOption("intensity", "CSV of carbon intensities: timestamp,g_per_kwh"))
  .addOption(textOption("store", "Store to measure the rounds' losses from; none is measured without"))
  .addOption(DEPLOYMENT)
  .setAction(() => import("./trainingReceiptAction.ts"))
  .build();
