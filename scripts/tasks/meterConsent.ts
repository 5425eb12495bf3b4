import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { METER_ARGUMENTS } from "./support/meterInput.ts";
import { DEPLOYMENT } from "./support/options.ts";

/** `npx hardhat joulework:meter-consent 1 prosumer 8000 0x... --source solar --network localhost` */
export const meterConsentTask = task(
  "joulework:meter-consent",
  "Print the EIP-712 data that a meter's owner and its device sign",
)
  .addPositionalArgument(METER_ARGUMENTS.site)
  .addPositionalArgument(METER_ARGUMENTS.kind)
  .addPositionalArgument(METER_ARGUMENTS.ratedPower)
  .addPositionalArgument({ name: "meter", description: "Address of the device key", type: ArgumentType.STRING })
  .addOption(METER_ARGUMENTS.source)
  .addOption(METER_ARGUMENTS.storageCapacity)
  .addOption(METER_ARGUMENTS.efficiencyPpm)
  .addOption(METER_ARGUMENTS.importWh)
  .addOption(METER_ARGUMENTS.exportWh)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./meterConsentAction.ts"))
  .build();
