import { overrideTask } from "hardhat/config";

/** `npx hardhat node --explorer`: Hardhat's own node with the explorer beside it, once something is deployed to it. */
export const nodeTask = overrideTask("node")
  .addFlag({ name: "explorer", description: "Serve the explorer beside the node, once the system is deployed to it" })
  .setAction(() => import("./nodeAction.ts"))
  .build();
