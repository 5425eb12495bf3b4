import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";

/** `npx hardhat audit --network localhost`: the audit of the deployment that is recorded under the network's name. */
export const auditTask = task("audit", "Rebuild and recompute everything from the chain alone")
  .addOption({
    name: "deployment",
    description: "Recorded deployment (default: the network's name)",
    type: ArgumentType.STRING,
    defaultValue: "",
  })
  .addOption({
    name: "toBlock",
    description: "Last block to look at (default: the newest)",
    type: ArgumentType.STRING,
    defaultValue: "",
  })
  .addFlag({ name: "json", description: "Print the whole report as JSON" })
  .addFlag({ name: "energy", description: "Also print the energy and exergy balance of the community" })
  .setAction(() => import("./auditAction.ts"))
  .build();
