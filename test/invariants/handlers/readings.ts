import { id } from "ethers";
import { encodeReadings } from "../../../src/market/readings.ts";
import { signReading } from "../../../src/market/sign.ts";
import { signingKey } from "../../../src/market/signer.ts";
import { close, passOver, settle, type Reading } from "../ghost/readings.ts";
import { must, SLOT, slotAt, type Meter, type Zone } from "../ghost/world.ts";
import type { Run } from "../harness/run.ts";
import { mix, pick, type Handler } from "./handler.ts";

export const STRANGER = signingKey(id("a device that nobody registered"));

/** What flows through a meter in a slot: as traded, a little less, a little more, or anything. */
function flowOf(meter: Meter, slot: number, seed: number): { imported: bigint; exported: bigint } {
  const lane = meter.lanes.get(slot);
  const any = BigInt(mix(seed, slot, 1500));
  const traded = lane?.energyWh ?? any;
  const amount = [traded, traded / 2n, traded + any / 4n, any][mix(seed, slot + 1, 4)] ?? 0n;
  const most = meter.limitWh;
  const capped = amount > most ? most : amount;
  const exports = lane
    ? lane.side === "offer"
    : meter.kind === "producer" || (meter.kind !== "consumer" && mix(seed, slot + 2, 2) === 0);
  const both = mix(seed, slot + 3, 6) === 0 ? any / 3n : 0n;
  return exports
    ? { imported: both, exported: capped }
    : { imported: capped, exported: meter.kind === "consumer" ? 0n : both };
}

/** Registers of `meters` at the end of `slot`; the feeder measures their sum, or lies. */
function draw(zone: number, slot: number, meters: readonly Meter[], seed: number, lie: boolean): Reading[] {
  let netWh = 0n;
  const readings: Reading[] = [];
  for (const [index, meter] of meters.entries()) {
    if (meter.kind === "feeder") continue;
    const { imported, exported } = flowOf(meter, slot, seed + index * 31);
    netWh += imported - exported;
    readings.push({ meter: meter.address, importWh: meter.importWh + imported, exportWh: meter.exportWh + exported });
  }
  const feeder = meters.find(({ kind, zone: at }) => kind === "feeder" && at === zone);
  if (feeder) {
    // A zone at rated power may well carry less than what the lie takes.
    const seen = lie ? netWh / 2n + 700n : netWh;
    const importWh = feeder.importWh + (seen > 0n ? seen : 0n);
    const exportWh = feeder.exportWh + (seen < 0n ? -seen : 0n);
    readings.push({ meter: feeder.address, importWh, exportWh });
  }
  return readings;
}

/** Send the registers of `readings`, each signed by its meter's key. */
export async function sendReadings(
  run: Run,
  zone: number,
  slot: number,
  readings: readonly Reading[],
  single = false,
): Promise<void> {
  if (readings.length === 0) return;
  const { domain, worker } = run.arena.market;
  const data = encodeReadings(
    readings.map(({ meter, importWh, exportWh }) => {
      const registers = { zone, slot, importWh: Number(importWh), exportWh: Number(exportWh) };
      const key = meter === STRANGER.address ? STRANGER : must(run.keys.get(meter));
      return { ...registers, signature: signReading(domain, key, registers).signature };
    }),
  );
  const from = worker.address;
  const method = single ? "settleReading" : "settle";
  await run.attempt({ from, method, args: [zone, slot, data] }, (world) =>
    settle(world, from, zone, slot, readings, single),
  );
  run.lastBatch = { zone, slot, readings: [...readings] };
}

/** Read every meter of a zone whose next slot has ended, slot by slot, as a gateway that is never late would. */
export async function catchUp(run: Run, zone: number, seed: number): Promise<void> {
  const now = slotAt(run.world.now);
  const behind = (slot: number): Meter[] =>
    [...run.world.meters.values()].filter(
      (meter) => meter.zone === zone && !meter.retired && !meter.suspended && meter.lastSlot === slot - 1,
    );
  // Whoever is further behind needs a gap reading once the slots between are past their deadline.
  const stuck = [...run.world.meters.values()].filter(
    (meter) => meter.zone === zone && !meter.retired && !meter.suspended && meter.lastSlot < now - 6,
  );
  if (stuck.length > 0) await sendReadings(run, zone, now - 5, draw(zone, now - 5, stuck, seed, false));
  for (let slot = now - 5; slot < now; ++slot) {
    // Mostly the feeder is read and honest.
    const meters = behind(slot).filter(({ kind }) => kind !== "feeder" || mix(seed, slot + 4, 8) > 0);
    await sendReadings(run, zone, slot, draw(zone, slot, meters, seed + slot, mix(seed, slot + 5, 8) === 0));
  }
}

/** Spoil one reading of a batch. */
function spoil(run: Run, readings: Reading[], mood: number, which: number): Reading[] {
  const at = which % Math.max(1, readings.length);
  const chosen = readings[at];
  if (chosen === undefined) return readings;
  const meter = must(run.world.meters.get(chosen.meter));
  const bad: Reading | undefined = [
    { ...chosen, importWh: meter.importWh > 0n ? meter.importWh - 1n : meter.importWh },
    { ...chosen, exportWh: meter.exportWh + meter.limitWh * 400n },
    { ...chosen, meter: STRANGER.address },
    { ...chosen, meter: pick([...run.world.meters.keys()], which) },
    { ...chosen, exportWh: meter.exportWh + 2560n },
  ][mood];
  if (bad) return readings.map((reading, index) => (index === at ? bad : reading));
  return mood === 5 ? [...readings, chosen] : mood === 6 ? readings.reverse() : readings;
}

/** The slot that closes next, if any was touched. */
function nextTouched(zone: Zone): number {
  const touched = [...zone.ring.values()].map(({ slot }) => slot).filter((slot) => slot > zone.closedThrough);
  return touched.length > 0 ? Math.min(...touched) : zone.closedThrough + 1;
}

export async function closeSlot(run: Run, zoneId: number, slot: number, meters: readonly string[]): Promise<boolean> {
  const from = run.arena.market.worker.address;
  const { value } = await run.attempt({ from, method: "close", args: [zoneId, slot, meters] }, (world) =>
    close(world, from, zoneId, slot, meters),
  );
  return value?.closed === true;
}

async function pass(run: Run, zone: number, through: number): Promise<void> {
  await run.attempt({ from: run.arena.stranger, method: "passOver", args: [zone, through] }, (world) => {
    passOver(world, zone, through);
    return undefined;
  });
}

/** Close whatever is overdue in a zone, and pass over what nobody touched. */
export async function closeOverdue(run: Run, zoneId: number, most = 200): Promise<void> {
  for (let count = 0; count < most; ++count) {
    const zone = must(run.world.zones.get(zoneId));
    const slot = nextTouched(zone);
    const overdue = Math.floor(run.world.now / SLOT) - 5;
    if (slot > overdue || slot > zone.newestSlot) {
      if (overdue > zone.closedThrough) await pass(run, zoneId, overdue);
      return;
    }
    const open = [...run.world.meters.values()].filter(({ lanes, zone: at }) => at === zoneId && lanes.has(slot));
    await closeSlot(
      run,
      zoneId,
      slot,
      open.map(({ address }) => address),
    );
  }
}

export const readingHandlers: Record<string, Handler> = {
  catchUp: { weight: 4, act: (run, [zone, seed]) => catchUp(run, 1 + (zone % 2), seed) },
  settle: {
    weight: 6,
    act: async (run, [zoneChoice, back, mask, mood, seed]) => {
      const zone = 1 + (zoneChoice % 2);
      const slot = slotAt(run.world.now) - 1 - (back % 8 === 7 ? -1 : back % 7);
      const meters = [...run.world.meters.values()].filter(
        (meter, index) => meter.zone === zone && !meter.retired && mix(mask, index, 3) > 0,
      );
      const readings = draw(zone, slot, meters, seed, mask % 5 === 4);
      await sendReadings(run, zone, slot, spoil(run, readings, mood % 14, seed));
    },
  },
  settleReading: {
    weight: 2,
    act: async (run, [which, back, mood, seed]) => {
      const meter = pick([...run.world.meters.values()], which);
      const slot = back % 3 === 2 ? slotAt(run.world.now) - 1 - (back % 6) : meter.lastSlot + 1;
      await sendReadings(
        run,
        meter.zone,
        slot,
        spoil(run, draw(meter.zone, slot, [meter], seed, false), mood % 20, seed).slice(0, 1),
        true,
      );
    },
  },
  replay: {
    weight: 1,
    act: async (run) => {
      if (run.lastBatch) await sendReadings(run, run.lastBatch.zone, run.lastBatch.slot, run.lastBatch.readings);
    },
  },
  close: {
    weight: 3,
    act: async (run, [zoneChoice, ahead, batch]) => {
      const zoneId = 1 + (zoneChoice % 2);
      const slot = nextTouched(must(run.world.zones.get(zoneId))) + (ahead % 8 === 7 ? 1 : ahead % 8 === 6 ? -1 : 0);
      const open = [...run.world.meters.values()].filter(({ lanes }) => lanes.has(slot)).map(({ address }) => address);
      const some = batch % 3 === 2 ? open.slice(0, 1) : batch % 3 === 1 ? [...open, run.arena.stranger] : open;
      await closeSlot(run, zoneId, slot, some);
    },
  },
  closeOverdue: { weight: 2, act: (run, [zone]) => closeOverdue(run, 1 + (zone % 2), 6) },
  passOver: {
    weight: 1,
    act: async (run, [zone, back]) => pass(run, 1 + (zone % 2), Math.floor(run.world.now / SLOT) - 3 - (back % 6)),
  },
  wait: {
    weight: 3,
    act: (run, [by]) => {
      const { now } = run.world;
      const moments = [0, 310, 430, 610, 790]
        .map((second) => slotAt(now) * SLOT + second)
        .filter((moment) => moment > now);
      run.waitUntil(moments[0] ?? (slotAt(now) + 1) * SLOT + (by % 2));
      return Promise.resolve();
    },
  },
  waitSlots: {
    weight: 2,
    act: (run, [by]) => {
      const slots = [1, 2, 3, 4, 6][by % 5] ?? 1;
      run.waitUntil((slotAt(run.world.now) + slots) * SLOT + 5);
      return Promise.resolve();
    },
  },
  waitLong: {
    weight: 1,
    act: async (run, [by]) => {
      const slots = [102, 129, 140, 260, 20][by % 5] ?? 129;
      run.waitUntil((slotAt(run.world.now) + slots) * SLOT + 5);
      for (const zone of [1, 2]) if (by % 2 === 0) await closeOverdue(run, zone, 40);
    },
  },
};
