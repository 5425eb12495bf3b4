import { task } from "hardhat/config";
import { DEPLOYMENT, PROPOSAL } from "./support/options.ts";

/** `npx hardhat joulework:show-proposal 1234` */
export const showProposalTask = task("joulework:show-proposal", "Show a proposal: its calls, votes and state")
  .addPositionalArgument(PROPOSAL)
  .addFlag({ name: "json", description: "Print JSON" })
  .addOption(DEPLOYMENT)
  .setAction(() => import("./showProposalAction.ts"))
  .build();
