import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { DEPLOYMENT, HOLDER } from "./support/options.ts";

/** `npx hardhat joulework:stake 0x... 40 --network localhost` */
export const stakeTask = task("joulework:stake", "Add credits to the stake of a provider of compute")
  .addPositionalArgument({ name: "provider", description: "The provider's account", type: ArgumentType.STRING })
  .addPositionalArgument({ name: "amount", description: "Credits, such as 12.5", type: ArgumentType.STRING })
  .addOption(HOLDER)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./stakeAction.ts"))
  .build();
