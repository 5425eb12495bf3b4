import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { AS_OWNER, DEPLOYMENT } from "./support/options.ts";

/** `npx hardhat joulework:delegate 0x... 0x... --network localhost` */
export const delegateTask = task("joulework:delegate", "Name who may sign and place orders for a meter of one's site")
  .addPositionalArgument({ name: "meter", description: "The meter", type: ArgumentType.STRING })
  .addPositionalArgument({
    name: "delegate",
    description: "Account that may order for it; the zero address for nobody",
    type: ArgumentType.STRING,
  })
  .addOption(AS_OWNER)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./delegateAction.ts"))
  .build();
