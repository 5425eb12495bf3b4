import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { itemErrorOf } from "../../src/market/itemErrors.ts";
import { encodeReadings } from "../../src/market/readings.ts";
import type { SignedReading } from "../../src/market/sign.ts";
import { parseInput } from "./support/parseInput.ts";
import { readReadings } from "./support/readReadings.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

// 500 readings of 14,500 gas stay well below what one transaction may use.
const schema = z.object({ file: z.string().min(1), batch: z.int().min(1).max(1_000) });

type ReadingsArguments = z.input<typeof schema> & { readonly deployment: string };

export default function readingsAction(input: ReadingsArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { file, batch } = parseInput(schema, input);
    const { exchange, domain, send, eventsOf } = await openSession(hre, input.deployment);
    const readings = await readReadings(file, domain);
    let settled = 0;
    let skipped = 0;
    for (const part of inBatches(readings, batch)) {
      const { zone, slot } = part[0];
      const receipt = await send("gateway", exchange.contract.encode("settle", [zone, slot, encodeReadings(part)]));
      for (const event of eventsOf(receipt)) {
        if (event.name === "ReadingSettled") ++settled;
        if (event.name !== "ReadingSkipped") continue;
        ++skipped;
        console.log(
          `skipped ${event.args.meter} in slot ${String(slot)}: ${itemErrorOf(event.args.reason) ?? event.args.reason}`,
        );
      }
    }
    console.log(`${String(settled)} readings settled, ${String(skipped)} skipped.`);
  });
}

/** By zone and slot, earlier slots first, because a reading is refused while an earlier one of its meter may still come. */
function inBatches(readings: readonly SignedReading[], most: number): [SignedReading, ...SignedReading[]][] {
  const sorted = [...readings].sort((a, b) => a.slot - b.slot || a.zone - b.zone);
  const batches: [SignedReading, ...SignedReading[]][] = [];
  for (const reading of sorted) {
    const last = batches.at(-1);
    const fits =
      last !== undefined && last.length < most && last[0].slot === reading.slot && last[0].zone === reading.zone;
    if (fits) last.push(reading);
    else batches.push([reading]);
  }
  return batches;
}
