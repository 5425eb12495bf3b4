import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { DEPLOYMENT, textOption, wholeOption } from "./support/options.ts";

/** `npx hardhat joulework:meter 1 prosumer 8000 --device 0 --network localhost` */
export const meterTask = task(
  "joulework:meter",
  "Register a meter (REGISTRAR) with its owner's and its device's consent",
)
  .addPositionalArgument({ name: "site", description: "Site number", type: ArgumentType.INT })
  .addPositionalArgument({
    name: "kind",
    description: "feeder, consumer, prosumer, producer or storage",
    type: ArgumentType.STRING,
  })
  .addPositionalArgument({ name: "ratedPower", description: "Rated power, W", type: ArgumentType.INT })
  .addOption(textOption("source", "none, solar, wind, hydro, geothermal, biomass or storage", "none"))
  .addOption(wholeOption("storageCapacity", "Storage meters: capacity, Wh", 0))
  .addOption(wholeOption("efficiencyPpm", "Storage meters: best round-trip efficiency, ppm", 0))
  .addOption(wholeOption("importWh", "Import register as it stands, Wh", 0))
  .addOption(wholeOption("exportWh", "Export register as it stands, Wh", 0))
  .addOption(wholeOption("device", "Local chain: public test device key N; otherwise JOULEWORK_DEVICE_KEY signs", -1))
  .addOption(DEPLOYMENT)
  .setAction(() => import("./meterAction.ts"))
  .build();
