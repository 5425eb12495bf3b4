import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { formatSlot, PPM } from "../../src/units.ts";
import { parseInput, slotField, zoneField } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({
  zone: zoneField,
  firstSlot: slotField,
  slots: z.int().min(1, "must be at least one slot").max(32, "must be at most 32 slots"),
  points: z
    .string()
    .regex(/^(0?\.\d{1,6}|0|1(\.0{1,6})?)$/, "must be points per Wh up to 1, such as 0.5")
    .transform((text) => Math.round(Number(text) * PPM)),
});

interface CallEventArguments {
  readonly zone: number;
  readonly firstSlot: number;
  readonly slots: number;
  readonly points: string;
  readonly deployment: string;
}

export default function callEventAction(input: CallEventArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { zone, firstSlot, slots, points } = parseInput(schema, input);
    const session = await openSession(hre, input.deployment);
    const seasons = session.contract("Seasons");
    const receipt = await session.send(
      "grid",
      seasons.encode("callEvent", [zone, firstSlot, slots, points]),
      seasons.address,
    );
    // The event's number is the first topic after the event's own.
    const number = BigInt(receipt.logs[0]?.topics[1] ?? "0x0");
    console.log(`Event ${String(number)}: zone ${String(zone)}, ${String(slots)} slots from ${formatSlot(firstSlot)}.`);
  });
}
