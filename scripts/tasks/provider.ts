import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { AS_OWNER, DEPLOYMENT, wholeOption } from "./support/options.ts";

/** `npx hardhat joulework:provider 0x... 0x... --accelerators 2 --network localhost` */
export const providerTask = task("joulework:provider", "Register a provider of compute for a meter of one's site")
  .addPositionalArgument({ name: "provider", description: "The provider's own account", type: ArgumentType.STRING })
  .addPositionalArgument({ name: "meter", description: "Meter that proves its energy", type: ArgumentType.STRING })
  .addOption(wholeOption("accelerators", "How many it has", 1))
  .addOption(AS_OWNER)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./providerAction.ts"))
  .build();
