import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { formatSlot } from "../../src/units.ts";
import { parseInput, slotField, zoneField } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({ zone: zoneField, slot: slotField, reason: z.string().min(1, "must say what was found") });

interface EndInspectionArguments {
  readonly zone: number;
  readonly slot: number;
  readonly reason: string;
  readonly deployment: string;
}

export default function endInspectionAction(
  input: EndInspectionArguments,
  hre: HardhatRuntimeEnvironment,
): Promise<void> {
  return runTask(async () => {
    const { zone, slot, reason } = parseInput(schema, input);
    const session = await openSession(hre, input.deployment);
    await session.send("inspector", session.contract("EnergyExchange").encode("endInspection", [zone, slot, reason]));
    console.log(`The flag of zone ${String(zone)}, slot ${formatSlot(slot)}, is lifted: ${reason}.`);
  });
}
