import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { formatCredits } from "../../src/units.ts";
import { accountNumberField } from "./support/jobParty.ts";
import { numberField, parseInput } from "./support/parseInput.ts";
import { openReproducibleParty } from "./support/reproducibleParty.ts";
import { runTask } from "./support/runTask.ts";

const schema = z.object({ job: numberField, account: accountNumberField });

type CollectArguments = z.input<typeof schema> & { readonly deployment: string };

export default function trainingCollectAction(input: CollectArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { job, account } = parseInput(schema, input);
    const { chain } = await openReproducibleParty(hre, input.deployment, account);
    if (job > 0) {
      await chain.send({ verb: "cancel", args: [job] });
      console.log(`Job ${job} is cancelled.`);
    }
    const held = await chain.heldFor(chain.account);
    if (held > 0n) await chain.send({ verb: "collect", args: [chain.account] });
    console.log(`${formatCredits(held)} credits collected.`);
  });
}
