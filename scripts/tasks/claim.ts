import { task } from "hardhat/config";
import { AS_PROVIDER, DEPLOYMENT, textOption, wholeOption } from "./support/options.ts";

/** `npx hardhat joulework:claim --lease 1 --network localhost` */
export const claimTask = task(
  "joulework:claim",
  "Make a lease's pay that nobody can object to any more the provider's, and collect what the account earned",
)
  .addOption(wholeOption("lease", "Lease whose pay is claimed (0: only collect)", 0))
  .addOption(wholeOption("most", "Most uses to claim at once", 96))
  .addOption(textOption("to", "Who is paid (default: the account itself)"))
  .addOption(AS_PROVIDER)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./claimAction.ts"))
  .build();
