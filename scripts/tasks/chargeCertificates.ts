import { task } from "hardhat/config";
import { CERTIFICATE, POLICY } from "./support/certificateOptions.ts";
import { AS_OWNER, DEPLOYMENT, METER, SLOT, wholeOption } from "./support/options.ts";

/** `npx hardhat joulework:charge-certificates <certificate> <meter> <slot> --network localhost` */
export const chargeCertificatesTask = task(
  "joulework:charge-certificates",
  "Cancel certificates because their energy went into a storage device",
)
  .addPositionalArgument(CERTIFICATE)
  .addPositionalArgument({ ...METER, description: "Address of the storage device's meter" })
  .addPositionalArgument({ ...SLOT, description: "Slot of the reading that took the energy in" })
  .addOption(wholeOption("amount", "Watt-hours (default: as many as the account has and the reading proves)", 0))
  .addOption(POLICY)
  .addOption(AS_OWNER)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./chargeCertificatesAction.ts"))
  .build();
