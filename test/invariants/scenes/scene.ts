import { sendReadings } from "../handlers/readings.ts";
import type { Reading } from "../ghost/readings.ts";
import { must, type Meter, type World } from "../ghost/world.ts";
import type { Call, Run } from "../harness/run.ts";

/** A scripted sequence: it takes a fresh run to places that random sequences seldom reach. */
export interface Scene {
  readonly name: string;
  readonly play: (run: Run) => Promise<void>;
}

/** Watt-hours that flow through a meter in a slot, by the meter's place in the arena: import, export. */
export type Flows = Readonly<Record<number, readonly [number, number]>>;

/** A meter by its place in the arena, which also registers it in this order. */
export function meterAt(run: Run, place: number): Meter {
  return must([...run.world.meters.values()][place]);
}

export function ownerAt(run: Run, place: number): string {
  return must(run.world.sites.get(meterAt(run, place).site)).owner;
}

/** A call whose ghost returns nothing of interest. */
export async function call(run: Run, what: Call, predict: (world: World) => unknown): Promise<void> {
  await run.attempt(what, (world) => {
    predict(world);
    return undefined;
  });
}

/** Read some meters of a zone for a slot; the feeder, if asked for, says what they and the others sum up to. */
export async function readFlows(
  run: Run,
  zone: number,
  slot: number,
  flows: Flows,
  feeder: "read" | "unread" = "read",
): Promise<void> {
  let netWh = 0;
  const readings: Reading[] = Object.entries(flows).map(([place, [importedWh, exportedWh]]) => {
    const { address, importWh, exportWh } = meterAt(run, Number(place));
    netWh += importedWh - exportedWh;
    return { meter: address, importWh: importWh + BigInt(importedWh), exportWh: exportWh + BigInt(exportedWh) };
  });
  const address = must(run.world.zones.get(zone)).feeder;
  if (feeder === "read" && address !== null) {
    const { importWh, exportWh } = must(run.world.meters.get(address));
    const into = BigInt(Math.max(netWh, 0));
    readings.push({ meter: address, importWh: importWh + into, exportWh: exportWh + into - BigInt(netWh) });
  }
  await sendReadings(run, zone, slot, readings);
}
