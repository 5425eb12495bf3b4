import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { DEPLOYMENT, METER, SLOT, ZONE } from "./support/options.ts";

/** `npx hardhat joulework:inspect 1 1945000 0xMeter report.pdf --network localhost` */
export const inspectTask = task("joulework:inspect", "Report a meter for a flagged slot (INSPECTOR)")
  .addPositionalArgument(ZONE)
  .addPositionalArgument(SLOT)
  .addPositionalArgument(METER)
  .addPositionalArgument({
    name: "evidence",
    description: "File of the inspector's report; its hash goes on chain",
    type: ArgumentType.STRING,
  })
  .addOption(DEPLOYMENT)
  .setAction(() => import("./inspectAction.ts"))
  .build();
