import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { AS_OWNER, DEPLOYMENT, SITE, SLOT } from "./support/options.ts";

/** `npx hardhat joulework:claim-event 1 1945000 3 --network localhost` */
export const claimEventTask = task("joulework:claim-event", "Show what a site shed in a slot of an event")
  .addPositionalArgument({ name: "event", description: "Event number", type: ArgumentType.INT })
  .addPositionalArgument(SLOT)
  .addPositionalArgument(SITE)
  .addOption(AS_OWNER)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./claimEventAction.ts"))
  .build();
