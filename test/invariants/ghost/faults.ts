import { accrue, bondPart, syncSite } from "./gridLeg.ts";
import type { Reading } from "./readings.ts";
import { addTo, least, must, refuse, RING, siteOf, slotAt, zoneOf, type Meter, type World } from "./world.ts";

/** Two readings that somebody signed for one slot. */
export function reportEquivocation(
  world: World,
  reporter: string,
  zone: number,
  slot: number,
  readings: readonly [Reading, Reading],
): void {
  const [a, b] = readings;
  requireYoung(world, slot);
  if (a.meter !== b.meter || (a.importWh === b.importWh && a.exportWh === b.exportWh)) refuse("NothingProven");
  const meter = liable(world, zone, a.meter);
  if (meter.retired && slot > meter.lastSlot) refuse("BadMeterStatus");
  punish(world, reporter, "equivocation", meter, slot);
}

/** A reading that rated power or a storage's physics rule out. */
export function reportImpossible(world: World, reporter: string, zone: number, slot: number, reading: Reading): void {
  requireYoung(world, slot);
  const meter = liable(world, zone, reading.meter);
  if (meter.retired) refuse("BadMeterStatus");
  if (slot <= meter.lastSlot) refuse("ReadingTooOld");
  const most = meter.limitWh * BigInt(slot - meter.lastSlot);
  const importWh = reading.importWh > meter.importWh ? reading.importWh : meter.importWh;
  const exportWh = reading.exportWh > meter.exportWh ? reading.exportWh : meter.exportWh;
  const taken = ((importWh - meter.firstImportWh) * meter.efficiencyPpm) / 1_000_000n;
  const emptied = meter.kind === "storage" && exportWh - meter.firstExportWh > taken + meter.allowanceWh;
  if (importWh - meter.importWh <= most && exportWh - meter.exportWh <= most && !emptied) refuse("NothingProven");
  punish(world, reporter, "impossible", meter, slot);
}

function requireYoung(world: World, slot: number): void {
  if (slot + RING <= slotAt(world.now)) refuse("SlotOutOfRange");
}

function liable(world: World, zone: number, address: string): Meter {
  const meter = world.meters.get(address) ?? refuse("UnknownMeter");
  if (meter.zone !== zone) refuse("WrongZone");
  return meter;
}

/** Half of the meter's part of the bond: a quarter of that for the reporter, the rest for the season. */
function punish(world: World, reporter: string, kind: string, meter: Meter, slot: number): void {
  const fault = `${kind} ${meter.address} ${slot}`;
  if (world.penalised.has(fault)) refuse("AlreadyPenalised");
  world.penalised.add(fault);
  const site = siteOf(world, meter);
  const cut = least(site.bond, bondPart(must(world.zones.get(site.zone)), meter) / 2n);
  site.bond -= cut;
  site.faults += 1;
  addTo(world.earned, reporter, cut / 4n);
  accrue(zoneOf(world, site.zone), { season: cut - cut / 4n });
  syncSite(world, site);
}
