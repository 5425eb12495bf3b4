import { task } from "hardhat/config";
import { CERTIFICATE } from "./support/certificateOptions.ts";
import { DEPLOYMENT, wholeOption } from "./support/options.ts";

/** `npx hardhat joulework:suspend-certificates <certificate> --network localhost` */
export const suspendCertificatesTask = task(
  "joulework:suspend-certificates",
  "Suspend certificates for nine days, once (INSPECTOR), or through a slot (GOVERNOR)",
)
  .addPositionalArgument(CERTIFICATE)
  .addOption(wholeOption("through", "Governance: last slot of the suspension; one that is over ends it", 0))
  .addOption(DEPLOYMENT)
  .setAction(() => import("./suspendCertificatesAction.ts"))
  .build();
