import { task } from "hardhat/config";
import { DEPLOYMENT, wholeOption } from "./support/options.ts";

/** `npx hardhat joulework:season --network localhost` */
export const seasonTask = task("joulework:season", "Show a season: its slots, its pool, its sites ranked by points")
  .addOption(wholeOption("season", "Season number (default: the one under way)", 0))
  .addFlag({ name: "json", description: "Print JSON" })
  .addOption(DEPLOYMENT)
  .setAction(() => import("./seasonAction.ts"))
  .build();
