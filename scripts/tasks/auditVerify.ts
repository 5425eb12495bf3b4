import { task } from "hardhat/config";
import { textOption } from "./support/options.ts";

/** `npx hardhat audit:verify --network localhost`: whether the code on chain is what the recorded sources compile to. */
export const auditVerifyTask = task("audit:verify", "Compare the code on chain with the deployment's sources")
  .addOption(textOption("deploymentId", "Recorded deployment (default: the network's name)"))
  .addFlag({ name: "noRecompile", description: "Compare with the recorded artifacts, without compiling their sources" })
  .setAction(() => import("./auditVerifyAction.ts"))
  .build();
