import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { POLICY } from "./support/certificateOptions.ts";
import { AS_OWNER, DEPLOYMENT, METER, SLOT, wholeOption } from "./support/options.ts";

/** `npx hardhat joulework:claim-certificates 1 <meter> <slot> --network localhost` */
export const claimCertificatesTask = task(
  "joulework:claim-certificates",
  "Match a cancellation with what a meter of its beneficiary consumed",
)
  .addPositionalArgument({
    name: "cancellation",
    description: "Number of the cancellation",
    type: ArgumentType.INT,
  })
  .addPositionalArgument({ ...METER, description: "Address of the meter that consumed" })
  .addPositionalArgument({ ...SLOT, description: "Slot of the reading that proves it" })
  .addOption(wholeOption("amount", "Watt-hours (default: all that cancellation and reading still allow)", 0))
  .addOption(POLICY)
  .addOption(AS_OWNER)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./claimCertificatesAction.ts"))
  .build();
