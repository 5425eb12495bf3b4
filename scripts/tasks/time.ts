import { task } from "hardhat/config";
import { wholeOption } from "./support/options.ts";

/** `npx hardhat joulework:time --network localhost`, or `joulework:time --slot 1944980 --seconds 310` on a local node. */
export const timeTask = task("joulework:time", "Show the chain's time and slot; set a local node's clock forward")
  .addOption(wholeOption("slot", "Local node: move its clock to this slot", 0))
  .addOption(wholeOption("seconds", "With --slot: this long after the slot's start", 0))
  .setAction(() => import("./timeAction.ts"))
  .build();
