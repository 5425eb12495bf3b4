import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { formatCredits, ticksToBaseUnits } from "../../src/units.ts";
import { creditsOrNoneField, parseInput } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

interface CreditLineArguments {
  readonly credits: string;
  readonly deployment: string;
}

export default function creditLineAction(input: CreditLineArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { credits } = parseInput(z.object({ credits: creditsOrNoneField }), { credits: input.credits });
    const session = await openSession(hre, input.deployment);
    const desk = session.contract("CreditDesk");
    await session.send("grid", desk.encode("setCreditLine", [ticksToBaseUnits(credits)]), desk.address);
    const headroom = await desk.read("headroomTicks", []);
    console.log(`Credit line of ${formatCredits(credits)} credits; ${formatCredits(headroom)} may still be minted.`);
  });
}
