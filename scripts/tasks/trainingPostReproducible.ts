import { task } from "hardhat/config";
import { ACCOUNT, STORE } from "./support/jobOptions.ts";
import { DEPLOYMENT, textOption, wholeOption } from "./support/options.ts";

/** `npx hardhat training:post-reproducible --spec job.json --corpus text.txt --rounds 4 --network localhost` */
export const trainingPostReproducibleTask = task(
  "training:post-reproducible",
  "Post a training job on public text whose result anybody can repeat and challenge",
)
  .addOption(textOption("spec", "JSON of model, seed, batch and optimizer; the rest is filled in"))
  .addOption(textOption("corpus", "The text; it goes to the store with the specification"))
  .addOption(wholeOption("rounds", "Rounds of the job", 1))
  .addOption(wholeOption("checkpoints", "Checkpoints of a round", 4))
  .addOption(wholeOption("stride", "Steps from one checkpoint to the next", 50))
  .addOption(textOption("pay", "Credits for a round", "10"))
  .addOption(textOption("bond", "Credits that the provider puts up", "50"))
  .addOption(textOption("challengeBond", "Credits that a challenger puts up", "5"))
  .addOption(
    textOption(
      "windows",
      "Seconds from claim to claim, to challenge, on a party's clock, given back by a move",
      "86400,86400,14400,900",
    ),
  )
  .addOption(STORE)
  .addOption(ACCOUNT)
  .addOption(DEPLOYMENT)
  .setAction(() => import("./trainingPostReproducibleAction.ts"))
  .build();
