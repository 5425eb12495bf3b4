import { task } from "hardhat/config";
import { ACCOUNT, STORE } from "./support/jobOptions.ts";
import { DEPLOYMENT, textOption, wholeOption, ZONE } from "./support/options.ts";

/** `npx hardhat training:post --spec job.json --validation held-out.txt --rounds 4 --zone 1 --network localhost` */
export const trainingPostTask = task("training:post", "Post a federated training job and escrow its budget")
  .addOption(textOption("spec", "JSON specification of the job; without `kernels` it gets those installed"))
  .addOption(textOption("validation", "Text that updates are scored on, a slice a round"))
  .addOption(wholeOption("rounds", "Rounds of the job", 1))
  .addOption({ ...ZONE, defaultValue: 1 })
  .addOption(textOption("journal", "Holds the slices until they are revealed", "training-requester.sqlite"))
  .addOption(textOption("pool", "Credits for the updates of a round", "10"))
  .addOption(textOption("fee", "Credits for the evaluators of a round", "2"))
  .addOption(textOption("workerBond", "Credits that a worker puts up", "5"))
  .addOption(textOption("evaluatorBond", "Credits that an evaluator puts up", "20"))
  .addOption(textOption("maxPrice", "Most credits per kWh of the slot that a round opens in", "16.777215"))
  .addOption(wholeOption("energy", "Watt-hours that a worker is expected to take for a round", 500))
  .addOption(wholeOption("minWorkers", "Workers that a round needs", 2))
  .addOption(wholeOption("maxWorkers", "Places of workers", 8))
  .addOption(wholeOption("evaluators", "Evaluators that score a round, an odd number", 1))
  .addOption(
    textOption(
      "windows",
      "Seconds to commit, reveal, validate, commit scores, reveal scores, challenge",
      "3600,900,900,3600,900,1800",
    ),
  )
  .addOption(STORE)
  .addOption(ACCOUNT)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./trainingPostAction.ts"))
  .build();
