import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { formatFinding, hashFile, inspectionsOf } from "./support/findings.ts";
import { addressField, parseInput, slotField, zoneField } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z.object({
  zone: zoneField,
  slot: slotField,
  meter: addressField,
  evidence: z.string().min(1, "must be a file"),
});

interface InspectArguments {
  readonly zone: number;
  readonly slot: number;
  readonly meter: string;
  readonly evidence: string;
  readonly deployment: string;
}

export default function inspectAction(input: InspectArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { zone, slot, meter, evidence } = parseInput(schema, input);
    const hash = await hashFile(evidence);
    const session = await openSession(hre, input.deployment);
    const inspections = inspectionsOf(session);
    await session.send("inspector", inspections.encode("report", [zone, slot, meter, hash]), inspections.address);
    console.log(await formatFinding(inspections, await inspections.read("findingOf", [meter, slot])));
  });
}
