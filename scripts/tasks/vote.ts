import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { AS_OWNER, DEPLOYMENT, PROPOSAL } from "./support/options.ts";

/** `npx hardhat joulework:vote 1234 for` */
export const voteTask = task("joulework:vote", "Vote on a proposal: for, against or abstain")
  .addPositionalArgument(PROPOSAL)
  .addPositionalArgument({ name: "choice", description: "for, against or abstain", type: ArgumentType.STRING })
  .addOption(AS_OWNER)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./voteAction.ts"))
  .build();
