import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { AS_OWNER, DEPLOYMENT, textOption } from "./support/options.ts";

/** `npx hardhat joulework:finding 1 --appeal statement.txt --network localhost` */
export const findingTask = task("joulework:finding", "Show an inspector's finding, or take the next step with it")
  .addPositionalArgument({ name: "finding", description: "Number of the finding", type: ArgumentType.INT })
  .addOption(textOption("appeal", "File of the owner's statement; its hash goes on chain"))
  .addOption(textOption("decide", "Governance's decision on an appeal: upheld or dismissed"))
  .addFlag({ name: "withdraw", description: "Take it back (INSPECTOR)" })
  .addFlag({ name: "conclude", description: "Make it final after its window" })
  .addOption(AS_OWNER)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./findingAction.ts"))
  .build();
