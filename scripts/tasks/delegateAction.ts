import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { accountField, addressField, parseInput } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({ meter: addressField, delegate: addressField, as: accountField });

type DelegateArguments = z.input<typeof schema> & { readonly deployment: string };

export default function delegateAction(input: DelegateArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { meter, delegate, as } = parseInput(schema, input);
    const { exchange, send } = await openSession(hre, input.deployment);
    await send(as, exchange.contract.encode("setDelegate", [meter, delegate]));
    console.log(`${delegate} may order for meter ${meter}.`);
  });
}
