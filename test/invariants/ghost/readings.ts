import { accrue, NOTHING, payWork, settleDue, settleUnread, undelivered, type Line } from "./gridLeg.ts";
import {
  activeMeters,
  deadlineOf,
  isOffGrid,
  must,
  openSlot,
  pricesAt,
  recordOf,
  refuse,
  siteOf,
  SLOT,
  zoneOf,
  type Meter,
  type SlotState,
  type World,
  type Zone,
} from "./world.ts";

/** Registers that somebody signed; `meter` is whoever did. */
export interface Reading {
  meter: string;
  importWh: bigint;
  exportWh: bigint;
}

export interface Leaf {
  meter: string;
  zone: number;
  slot: number;
  importWh: bigint;
  exportWh: bigint;
  gap: boolean;
}

export interface Settled {
  skipped: { meter: string; reason: string }[];
  leaves: Leaf[];
  lines: Line[];
}

/** Settle a batch of readings of one zone and slot, each alone. */
export function settle(
  world: World,
  worker: string,
  zoneId: number,
  slot: number,
  readings: readonly Reading[],
  single = false,
): Settled {
  const zone = zoneOf(world, zoneId);
  const closed = slot <= zone.closedThrough;
  const early = world.now < (slot + 1) * SLOT;
  // A slot that is closed or has not ended is not touched.
  const record = closed || early ? undefined : openSlot(world, zone, slot);
  const result: Settled = { skipped: [], leaves: [], lines: [] };
  let lanes = 0n;
  for (const reading of readings) {
    const meter = world.meters.get(reading.meter);
    const reason = problemOf(world, zone, slot, early, reading, meter);
    if (reason !== null || meter === undefined) {
      if (single) refuse(reason ?? "UnknownMeter");
      result.skipped.push({ meter: reading.meter, reason: reason ?? "UnknownMeter" });
      continue;
    }
    const importedWh = reading.importWh - meter.importWh;
    const exportedWh = reading.exportWh - meter.exportWh;
    const gap = closed || world.now >= deadlineOf(slot) || slot !== meter.lastSlot + 1;
    if (gap) result.lines.push(...settleGap(world, zone, slot, worker, meter, importedWh, exportedWh));
    else {
      const own = must(record);
      if (meter.lanes.has(slot)) ++lanes;
      const line = settleSlot(world, zone, own, meter, importedWh, exportedWh);
      if (line) result.lines.push(line);
    }
    meter.importWh = reading.importWh;
    meter.exportWh = reading.exportWh;
    meter.lastSlot = slot;
    result.leaves.push({ meter: meter.address, zone: zoneId, slot, importWh: importedWh, exportWh: exportedWh, gap });
  }
  if (record) payWork(world, record, worker, lanes);
  return result;
}

function problemOf(
  world: World,
  zone: Zone,
  slot: number,
  early: boolean,
  reading: Reading,
  meter: Meter | undefined,
): string | null {
  if (meter === undefined || meter.retired) return "UnknownMeter";
  if (meter.zone !== zone.id) return "WrongZone";
  if (meter.suspended) return "MeterSuspended";
  if (slot <= meter.lastSlot) return "ReadingTooOld";
  if (early) return "ReadingTooEarly";
  // The meter's earlier slots are read, or past their deadline.
  if (slot !== meter.lastSlot + 1 && world.now < deadlineOf(slot - 1)) return "EarlierSlotOpen";
  if (reading.importWh < meter.importWh || reading.exportWh < meter.exportWh) return "RegisterDecreased";
  const most = meter.limitWh * BigInt(slot - meter.lastSlot);
  if (reading.importWh - meter.importWh > most || reading.exportWh - meter.exportWh > most) {
    return "EnergyBeyondRatedPower";
  }
  if (meter.kind === "storage") {
    const taken = ((reading.importWh - meter.firstImportWh) * meter.efficiencyPpm) / 1_000_000n;
    if (reading.exportWh - meter.firstExportWh > taken + meter.allowanceWh) return "StorageBeyondCapacity";
  }
  return null;
}

/** A reading in time: traded energy at the clearing price, the imbalance at the backstop, charges on what was imported. */
function settleSlot(
  world: World,
  zone: Zone,
  record: SlotState,
  meter: Meter,
  importedWh: bigint,
  exportedWh: bigint,
): Line | null {
  ++record.readCount;
  if (meter.kind === "feeder") {
    record.feederRead = true;
    record.feederWh = importedWh - exportedWh;
    return null;
  }
  record.importWh += importedWh;
  record.exportWh += exportedWh;
  record.readRatedWh += meter.limitWh;

  const lane = meter.lanes.get(record.slot);
  meter.lanes.delete(record.slot);
  const soldWh = lane?.side === "offer" ? lane.energyWh : 0n;
  const boughtWh = lane?.side === "bid" ? lane.energyWh : 0n;
  // An export beyond what was sold is paid only where a bond stands behind it.
  const most = importedWh + soldWh;
  const countedWh = meter.bonded || exportedWh < most ? exportedWh : most;
  const imbalanceWh = importedWh - countedWh - (boughtWh - soldWh);
  const localWh = boughtWh < importedWh ? boughtWh : importedWh;
  const { prices } = record;
  const line = settleDue(world, meter, {
    proceeds: soldWh * record.clearingPrice,
    long: imbalanceWh < 0n ? -imbalanceWh * prices.exportPrice : 0n,
    short: (imbalanceWh > 0n ? imbalanceWh * prices.importPrice : 0n) + undelivered(prices, soldWh - exportedWh),
    network: localWh * prices.networkLocalPrice + (importedWh - localWh) * prices.networkGridPrice,
    levy: importedWh * prices.levyPrice,
  });
  accrue(zone, { network: line.network, levy: line.levy });
  return line;
}

/** A gap: positions first, as closing would; then the whole difference gross, import at the cap, export at the floor. */
function settleGap(
  world: World,
  zone: Zone,
  slot: number,
  worker: string,
  meter: Meter,
  importedWh: bigint,
  exportedWh: bigint,
): Line[] {
  if (meter.kind === "feeder") return [];
  const prices = recordOf(zone, slot)?.prices ?? pricesAt(zone, slot);
  const bonded = meter.bonded;
  const lines: Line[] = [];
  for (const open of [...meter.lanes.keys()].sort((a, b) => a - b)) {
    if (open > slot) continue;
    const record = must(recordOf(zone, open));
    lines.push(settleUnread(world, meter, record));
    payWork(world, record, worker, 1n);
  }
  const line = settleDue(world, meter, {
    ...NOTHING,
    long: bonded ? exportedWh * zone.floorPrice : 0n,
    short: importedWh * zone.capPrice,
    network: importedWh * prices.networkGridPrice,
    levy: importedWh * prices.levyPrice,
  });
  accrue(zone, { network: line.network, levy: line.levy });
  return [...lines, line];
}

/** Close the next slot of a zone, or settle some of its unread positions. */
export function close(
  world: World,
  worker: string,
  zoneId: number,
  slot: number,
  meters: readonly string[],
): { closed: boolean; skipped: string[]; lines: Line[] } {
  const zone = zoneOf(world, zoneId);
  requireNext(zone, slot);
  const record = openSlot(world, zone, slot);
  // A meter that was read and left since must not stand for one that is still to be read.
  const allRead = record.feederRead && record.readCount >= activeMeters(world, zoneId).length && slot >= zone.leftSlot;
  if (world.now < (slot + 1) * SLOT || (world.now < deadlineOf(slot) && !allRead)) refuse("ClosingTooEarly");
  const skipped: string[] = [];
  const lines: Line[] = [];
  let lanes = 0n;
  for (const address of meters) {
    const meter = world.meters.get(address);
    if (meter === undefined || isOffGrid(meter) || meter.zone !== zoneId || !meter.lanes.has(slot)) {
      skipped.push(address);
      continue;
    }
    lines.push(settleUnread(world, meter, record));
    ++lanes;
  }
  payWork(world, record, worker, lanes);
  if (record.openPositions > 0n) return { closed: false, skipped, lines };
  // Orders that were placed but never cleared get back all that they locked.
  if (!record.cleared) {
    for (const order of record.placed) must(world.meters.get(order.meter)).balance += lockOf(record, order);
  }
  record.closed = true;
  zone.closedThrough = slot;
  if (!feederBalanced(world, zone, record)) zone.flagged.add(slot);
  return { closed: true, skipped, lines };
}

/** Everything that a live placed order has locked. */
export function lockOf(record: SlotState, order: SlotState["placed"][number]): bigint {
  if (order.energyWh === 0n) return 0n;
  if (order.side === "offer") return 1_000_000n;
  const cost = order.energyWh * order.limitPrice;
  return 1_000_000n + cost + feeOf(cost, record.prices.feePpm);
}

/** The trading fee, rounded up. */
export function feeOf(value: bigint, feePpm: bigint): bigint {
  const exact = value * feePpm;
  return exact / 1_000_000n + (exact % 1_000_000n === 0n ? 0n : 1n);
}

/** Pass over slots that nobody touched. */
export function passOver(world: World, zoneId: number, through: number): void {
  const zone = zoneOf(world, zoneId);
  if (world.now < deadlineOf(through)) refuse("ClosingTooEarly");
  if (through <= zone.closedThrough) refuse("SlotOutOfRange");
  requireUntouched(zone, through);
  zone.closedThrough = through;
}

function requireNext(zone: Zone, slot: number): void {
  if (slot <= zone.closedThrough) refuse("ClosingOutOfOrder");
  requireUntouched(zone, slot - 1);
}

function requireUntouched(zone: Zone, through: number): void {
  for (const record of zone.ring.values()) {
    if (record.slot > zone.closedThrough && record.slot <= through) refuse("ClosingOutOfOrder");
  }
}

/** Whether the feeder's own reading is the sum of its meters, give or take losses, tolerance and what was not read. */
function feederBalanced(world: World, zone: Zone, record: SlotState): boolean {
  if (!record.feederRead) return false;
  const ratedWh = activeMeters(world, zone.id)
    .filter((meter) => meter.kind !== "feeder")
    .reduce((sum, meter) => sum + meter.limitWh, 0n);
  const unreadWh = ratedWh > record.readRatedWh ? ratedWh - record.readRatedWh : 0n;
  const slackWh = zone.toleranceWh + unreadWh;
  const lossWh = ((record.importWh + record.exportWh) * zone.lossPpm) / 1_000_000n;
  const unexplainedWh = record.feederWh - (record.importWh - record.exportWh);
  return unexplainedWh >= -slackWh && unexplainedWh <= slackWh + lossWh;
}

/** The site's owner, for callers that must know who may act. */
export function ownerOf(world: World, meter: Meter): string {
  return siteOf(world, meter).owner;
}
