import { encodeReadings } from "../../../src/market/readings.ts";
import { signReading } from "../../../src/market/sign.ts";
import { reportEquivocation, reportImpossible } from "../ghost/faults.ts";
import type { Reading } from "../ghost/readings.ts";
import { must, slotAt, type Meter } from "../ghost/world.ts";
import type { Run } from "../harness/run.ts";
import { pick, type Handler } from "./handler.ts";

interface Choice {
  readonly meter: Meter;
  readonly zone: number;
  readonly slot: number;
}

/** A meter, mostly in its own zone, and a slot around its last read one, or long ago. */
function choose(run: Run, which: number, back: number, foreign: boolean): Choice {
  const meter = pick([...run.world.meters.values()], which);
  const slot = back % 8 === 7 ? slotAt(run.world.now) - 126 - (back % 4) : meter.lastSlot + 2 - (back % 4);
  return { meter, zone: foreign ? 3 - meter.zone : meter.zone, slot };
}

function signed(run: Run, { meter, zone, slot }: Choice, { importWh, exportWh }: Omit<Reading, "meter">): string {
  const registers = { zone, slot, importWh: Number(importWh), exportWh: Number(exportWh) };
  const { signature } = signReading(run.arena.market.domain, must(run.keys.get(meter.address)), registers);
  return encodeReadings([{ ...registers, signature }]);
}

async function equivocate(run: Run, choice: Choice, honest: boolean): Promise<void> {
  const { address, importWh, exportWh } = choice.meter;
  const a: Reading = { meter: address, importWh, exportWh };
  const b: Reading = honest ? a : { ...a, exportWh: exportWh + 1n };
  const args = [choice.zone, choice.slot, signed(run, choice, a), signed(run, choice, b)];
  const from = run.arena.stranger;
  await run.attempt({ from, method: "reportEquivocation", args }, (world) => {
    reportEquivocation(world, from, choice.zone, choice.slot, [a, b]);
    return undefined;
  });
}

async function exaggerate(run: Run, choice: Choice, how: number): Promise<void> {
  const { address, importWh, exportWh, limitWh, lastSlot } = choice.meter;
  const most = limitWh * BigInt(Math.max(1, choice.slot - lastSlot));
  const reading: Reading = { meter: address, importWh, exportWh: exportWh + pick([most + 1n, most, 1n], how) };
  const from = run.arena.stranger;
  const args = [choice.zone, choice.slot, signed(run, choice, reading)];
  await run.attempt({ from, method: "reportImpossible", args }, (world) => {
    reportImpossible(world, from, choice.zone, choice.slot, reading);
    return undefined;
  });
}

export const faultHandlers: Record<string, Handler> = {
  reportEquivocation: {
    weight: 1,
    act: (run, [which, back, honest, foreign]) =>
      equivocate(run, choose(run, which, back, foreign % 8 === 7), honest % 8 === 7),
  },
  reportImpossible: {
    weight: 1,
    act: (run, [which, back, how, foreign]) => exaggerate(run, choose(run, which, back, foreign % 8 === 7), how),
  },
};
