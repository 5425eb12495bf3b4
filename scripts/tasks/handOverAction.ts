import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { accountField, parseInput } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({ as: accountField });

type HandOverArguments = Record<"as" | "deployment", string>;

export default function handOverAction(input: HandOverArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { as } = parseInput(schema, input);
    const { contract, send } = await openSession(hre, input.deployment);
    const handOver = contract("HandOver");
    await send(as, handOver.encode("complete", []), handOver.address);
    const timelock = await handOver.read("timelock", []);
    console.log(`Handed over: the timelock ${timelock} governs, by votes.`);
  });
}
