import { task } from "hardhat/config";
import { DEPLOYMENT, wholeOption } from "./support/options.ts";

/** `npx hardhat joulework:offers --accelerators 4 --network localhost` */
export const offersTask = task("joulework:offers", "List open offers of compute, the best for a request made now first")
  .addOption(wholeOption("accelerators", "How many are wanted", 1))
  .addFlag({ name: "json", description: "Print JSON" })
  .addOption(DEPLOYMENT)
  .setAction(() => import("./offersAction.ts"))
  .build();
