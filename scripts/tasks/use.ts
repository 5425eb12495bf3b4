import { task } from "hardhat/config";
import { DEPLOYMENT, LEASE, textOption, wholeOption } from "./support/options.ts";

/** `npx hardhat joulework:use 1 --slot 1944962 --seconds 3600`, or `joulework:use 1 --accept`. */
export const useTask = task(
  "joulework:use",
  "Report a slot's use of a lease with the reading that proves its energy, or accept or refuse what was reported",
)
  .addPositionalArgument(LEASE)
  .addOption(wholeOption("slot", "Slot whose use is reported", 0))
  .addOption(wholeOption("seconds", "With --slot: accelerator-seconds used", 0))
  .addOption(wholeOption("energy", "With --slot: energy that it took, Wh (default: by the offer's power)", 0))
  .addFlag({ name: "accept", description: "Accept all uses reported so far, so that they are paid at once" })
  .addOption(wholeOption("refuse", "Object to the uses from this number on, which count from 0", -1))
  .addOption(textOption("as", "Account that sends it (default: provider, or requester to accept and to refuse)"))
  .addOption(DEPLOYMENT)
  .setAction(() => import("./useAction.ts"))
  .build();
