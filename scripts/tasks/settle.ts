import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { DEPLOYMENT, SLOT, textOption, wholeOption, ZONE } from "./support/options.ts";

/** `npx hardhat joulework:settle 1 1944961 1200 0 --device 0 --network localhost` */
export const settleTask = task("joulework:settle", "Settle one reading, or say why the exchange refuses it")
  .addPositionalArgument(ZONE)
  .addPositionalArgument(SLOT)
  .addPositionalArgument({
    name: "importWh",
    description: "Import register at the slot's end, Wh",
    type: ArgumentType.INT,
  })
  .addPositionalArgument({
    name: "exportWh",
    description: "Export register at the slot's end, Wh",
    type: ArgumentType.INT,
  })
  .addOption(textOption("signature", "The meter's signature; signed here with a device key where absent"))
  .addOption(wholeOption("device", "Local chain: public test device key N; otherwise JOULEWORK_DEVICE_KEY signs", -1))
  .addOption(DEPLOYMENT)
  .setAction(() => import("./settleAction.ts"))
  .build();
