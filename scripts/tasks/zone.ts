import { task } from "hardhat/config";
import { DEPLOYMENT, textOption, wholeOption, ZONE } from "./support/options.ts";

/** `npx hardhat joulework:zone 1 --network localhost`: a new zone, or a decision about one that is there. */
export const zoneTask = task("joulework:zone", "Create a zone (REGISTRAR), or name its matcher (GOVERNOR)")
  .addPositionalArgument(ZONE)
  .addOption(textOption("rule", "Clearing rule: midpoint or sbba", "midpoint"))
  .addOption(textOption("importPrice", "Base of the retail price, credits a kWh", "0.30"))
  .addOption(textOption("exportPrice", "Base of the feed-in price, credits a kWh", "0.08"))
  .addOption(wholeOption("feePpm", "Trading fee, ppm of traded value", 10_000))
  .addOption(textOption("networkLocalPrice", "Network charge of energy traded in the zone, credits a kWh", "0.02"))
  .addOption(textOption("networkGridPrice", "Network charge of other energy, credits a kWh", "0.06"))
  .addOption(textOption("levyPrice", "Levy, credits a kWh", "0.01"))
  .addOption(
    wholeOption("slopePpm", "How far a scarcity of 1 moves the prices from their base, ppm (0: constant)", 500_000),
  )
  .addOption(textOption("floorPrice", "Least export price ever, credits a kWh", "0.04"))
  .addOption(textOption("capPrice", "Highest import price ever, credits a kWh", "0.60"))
  .addOption(textOption("exportCapPrice", "Highest export price ever, credits a kWh", "0.15"))
  .addOption(wholeOption("lossPpm", "Technical losses that the feeder check allows, ppm", 60_000))
  .addOption(wholeOption("toleranceWh", "Tolerance of the feeder check, Wh", 20))
  .addOption(textOption("networkAccount", "Account of the network charge (default on a local chain: test account 15)"))
  .addOption(textOption("levyAccount", "Account of the levy (default on a local chain: test account 16)"))
  .addOption(textOption("feeAccount", "Account of the fee (default on a local chain: test account 17)"))
  .addOption(textOption("seasonAccount", "Account of the season pool (default: Seasons)"))
  .addOption(textOption("matcher", "Name this matcher for an existing zone instead of creating one"))
  .addOption(wholeOption("fromSlot", "With --matcher: first slot it clears", 0))
  .addOption(DEPLOYMENT)
  .setAction(() => import("./zoneAction.ts"))
  .build();
