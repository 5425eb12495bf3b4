import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { DEPLOYMENT, textOption, ZONE } from "./support/options.ts";

/** `npx hardhat joulework:call-event 1 1945000 4 --points 0.5 --network localhost` */
export const callEventTask = task("joulework:call-event", "Ask a zone to use less in some slots (GRID)")
  .addPositionalArgument(ZONE)
  .addPositionalArgument({ name: "firstSlot", description: "First slot, 8 to 95 ahead", type: ArgumentType.INT })
  .addPositionalArgument({ name: "slots", description: "How many slots, up to 32", type: ArgumentType.INT })
  .addOption(textOption("points", "Points per Wh shed, up to 1", "1"))
  .addOption(DEPLOYMENT)
  .setAction(() => import("./callEventAction.ts"))
  .build();
