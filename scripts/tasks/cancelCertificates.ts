import { task } from "hardhat/config";
import { POLICY } from "./support/certificateOptions.ts";
import { AS_OWNER, DEPLOYMENT, textOption, wholeOption } from "./support/options.ts";

/** `npx hardhat joulework:cancel-certificates --job 1 --network localhost` */
export const cancelCertificatesTask = task(
  "joulework:cancel-certificates",
  "Cancel certificates for a beneficiary, or against a training job's energy",
)
  .addOption(textOption("certificate", "Token id of the certificates to cancel"))
  .addOption(wholeOption("amount", "Watt-hours (default with --job: as many as match)", 0))
  .addOption(textOption("beneficiary", "Address they are cancelled for"))
  .addOption(textOption("purpose", "What for; at most 256 bytes, anybody can read it"))
  .addOption(wholeOption("job", "Number of a training job to match instead", 0))
  .addOption(POLICY)
  .addOption(AS_OWNER)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./cancelCertificatesAction.ts"))
  .build();
