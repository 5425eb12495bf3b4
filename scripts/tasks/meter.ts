import { task } from "hardhat/config";
import { METER_ARGUMENTS } from "./support/meterInput.ts";
import { DEPLOYMENT, textOption, wholeOption } from "./support/options.ts";

/** `npx hardhat joulework:meter 1 prosumer 8000 --device 0 --network localhost` */
export const meterTask = task(
  "joulework:meter",
  "Register a meter (REGISTRAR) with its owner's and its device's consent",
)
  .addPositionalArgument(METER_ARGUMENTS.site)
  .addPositionalArgument(METER_ARGUMENTS.kind)
  .addPositionalArgument(METER_ARGUMENTS.ratedPower)
  .addOption(METER_ARGUMENTS.source)
  .addOption(METER_ARGUMENTS.storageCapacity)
  .addOption(METER_ARGUMENTS.efficiencyPpm)
  .addOption(METER_ARGUMENTS.importWh)
  .addOption(METER_ARGUMENTS.exportWh)
  .addOption(wholeOption("device", "Local chain: public test device key N; otherwise JOULEWORK_DEVICE_KEY signs", -1))
  .addOption(textOption("meter", "Device that signed elsewhere: its address"))
  .addOption(textOption("deviceSignature", "With --meter: its signature of what joulework:meter-consent prints"))
  .addOption(textOption("ownerSignature", "The owner's signature of it (default: signed here with the owner's key)"))
  .addOption(DEPLOYMENT)
  .setAction(() => import("./meterAction.ts"))
  .build();
