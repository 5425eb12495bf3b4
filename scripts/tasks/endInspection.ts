import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { DEPLOYMENT, SLOT, ZONE } from "./support/options.ts";

/** `npx hardhat joulework:end-inspection 1 1945000 "feeder meter repaired" --network localhost` */
export const endInspectionTask = task("joulework:end-inspection", "Lift the flag of a slot (INSPECTOR)")
  .addPositionalArgument(ZONE)
  .addPositionalArgument(SLOT)
  .addPositionalArgument({ name: "reason", description: "What was found, for everybody", type: ArgumentType.STRING })
  .addOption(DEPLOYMENT)
  .setAction(() => import("./endInspectionAction.ts"))
  .build();
