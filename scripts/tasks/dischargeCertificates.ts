import { task } from "hardhat/config";
import { AS_OWNER, DEPLOYMENT, METER, SLOT } from "./support/options.ts";

/** `npx hardhat joulework:discharge-certificates <meter> <slot> --network localhost` */
export const dischargeCertificatesTask = task(
  "joulework:discharge-certificates",
  "Issue certificates for what a charged storage device gave back, less its losses",
)
  .addPositionalArgument({ ...METER, description: "Address of the storage device's meter" })
  .addPositionalArgument({ ...SLOT, description: "Slot of the reading that gave the energy back" })
  .addOption(AS_OWNER)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./dischargeCertificatesAction.ts"))
  .build();
