import { task } from "hardhat/config";
import { AS_REQUESTER, DEPLOYMENT, textOption, wholeOption } from "./support/options.ts";

/** `npx hardhat joulework:lease --offer 1 --accelerators 4 --seconds 10000`, or `joulework:lease --start 1`. */
export const leaseTask = task("joulework:lease", "Ask for a lease of an offer, or take the next step with one")
  .addOption(wholeOption("offer", "Ask for a lease of the offer of this number", 0))
  .addOption(wholeOption("accelerators", "With --offer: how many", 1))
  .addOption(wholeOption("seconds", "With --offer: accelerator-seconds to pay for in advance", 0))
  .addOption(textOption("price", "With --offer: credits an accelerator-second (default: what the offer asks)"))
  .addOption(wholeOption("site", "With --offer: site of the account, whose reputation counts (0: none)", 0))
  .addOption(textOption("maxImportPrice", "With --offer: no slot dearer than this, credits a kWh (default: any)"))
  .addOption(wholeOption("maxScarcityPpm", "With --offer: no slot scarcer than this, ppm", 1_000_000))
  .addOption(wholeOption("minSurplusPpm", "With --offer: only slots with a surplus of at least this, ppm (0: any)", 0))
  .addOption(wholeOption("slots", "With --offer: how long it runs, slots", 96))
  .addOption(wholeOption("wait", "With --offer: how long it may wait, slots", 8))
  .addOption(wholeOption("start", "Start the first in order of what waits for the offer of this number", 0))
  .addOption(wholeOption("withdraw", "Take back the request of this number", 0))
  .addOption(wholeOption("topUp", "Add --amount to the escrow of this lease", 0))
  .addOption(textOption("amount", "With --top-up: credits, such as 12.5"))
  .addOption(wholeOption("pause", "Pause this lease, of which nothing was heard for two days", 0))
  .addOption(wholeOption("resume", "Go on with this paused lease", 0))
  .addOption(wholeOption("notice", "End this lease: now, or a day later where the provider ends it", 0))
  .addOption(wholeOption("close", "Close this lease once it is over", 0))
  .addOption(AS_REQUESTER)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./leaseAction.ts"))
  .build();
