import { sync, syncSite } from "./gridLeg.ts";
import { ownerOf } from "./readings.ts";
import { mayExport, must, refuse, siteOf, slotAt, zoneOf, type Kind, type Meter, type World } from "./world.ts";

export interface Registration {
  address: string;
  site: number;
  kind: Kind;
  limitWh: bigint;
  importWh: bigint;
  exportWh: bigint;
  capacityWh: bigint;
  efficiencyPpm: bigint;
}

export function registerMeter(world: World, registration: Registration): void {
  if (world.paused) refuse("EnforcedPause");
  const site = world.sites.get(registration.site) ?? refuse("UnknownSite");
  if (world.meters.has(registration.address)) refuse("MeterAlreadyRegistered");
  const zone = zoneOf(world, site.zone);
  if (registration.kind === "feeder") {
    if (zone.feeder !== null) refuse("TooManyMeters");
    zone.feeder = registration.address;
  }
  const meter: Meter = {
    ...registration,
    zone: site.zone,
    lastSlot: slotAt(world.now) - 1,
    lanes: new Map(),
    balance: 0n,
    suspended: false,
    indebted: false,
    bonded: false,
    retired: false,
    claim: 0n,
    delegate: null,
    firstImportWh: registration.importWh,
    firstExportWh: registration.exportWh,
    allowanceWh: registration.capacityWh,
  };
  site.meters.push(meter.address);
  world.meters.set(meter.address, meter);
  sync(world, meter);
  if (mayExport(meter.kind)) syncSite(world, site);
}

function active(world: World, address: string): Meter {
  const meter = world.meters.get(address);
  if (meter === undefined || meter.retired || meter.suspended) return refuse("BadMeterStatus");
  return meter;
}

export function suspend(world: World, address: string): void {
  const meter = active(world, address);
  meter.suspended = true;
  zoneOf(world, meter.zone).leftSlot = slotAt(world.now);
}

export function reinstate(world: World, address: string): void {
  const meter = world.meters.get(address);
  if (meter === undefined || meter.retired || !meter.suspended) return refuse("BadMeterStatus");
  meter.suspended = false;
}

export function retire(world: World, address: string): void {
  const meter = active(world, address);
  if (meter.lanes.size > 0) refuse("OpenPosition");
  if (meter.balance > 0n || meter.claim > 0n) refuse("AmountTooLarge");
  meter.retired = true;
  const site = siteOf(world, meter);
  const zone = zoneOf(world, site.zone);
  zone.leftSlot = slotAt(world.now);
  if (zone.feeder === address) zone.feeder = null;
  // The last meter takes the place of the one that leaves.
  const last = must(site.meters.at(-1));
  site.meters = site.meters.map((other) => (other === address ? last : other)).slice(0, -1);
}

/** A new device in place of an old one: everything but the registers is carried over. */
export function replace(
  world: World,
  oldAddress: string,
  newAddress: string,
  registers: { finalImportWh: bigint; finalExportWh: bigint; importWh: bigint; exportWh: bigint },
): void {
  const old = active(world, oldAddress);
  if (old.lanes.size > 0) refuse("OpenPosition");
  if (world.meters.has(newAddress)) refuse("MeterAlreadyRegistered");
  if (registers.finalImportWh !== old.importWh || registers.finalExportWh !== old.exportWh) refuse("BadParameter");
  const site = siteOf(world, old);
  const zone = zoneOf(world, site.zone);
  const taken = ((old.importWh - old.firstImportWh) * old.efficiencyPpm) / 1_000_000n;
  world.meters.set(newAddress, {
    ...old,
    address: newAddress,
    importWh: registers.importWh,
    exportWh: registers.exportWh,
    firstImportWh: registers.importWh,
    firstExportWh: registers.exportWh,
    // What may still be given: the new device's registers start their own count.
    allowanceWh: old.kind === "storage" ? taken + old.allowanceWh - (old.exportWh - old.firstExportWh) : 0n,
    lanes: new Map(),
  });
  site.meters = site.meters.map((address) => (address === oldAddress ? newAddress : address));
  ++site.nonce;
  if (zone.feeder === oldAddress) zone.feeder = newAddress;
  old.balance = 0n;
  old.claim = 0n;
  old.retired = true;
}

export function setDelegate(world: World, caller: string, address: string, delegate: string | null): void {
  const meter = world.meters.get(address);
  if (meter === undefined || ownerOf(world, meter) !== caller) return refuse("NotEntitled");
  meter.delegate = delegate;
}

export function pause(world: World): void {
  if (world.paused) refuse("EnforcedPause");
  world.paused = true;
}

export function unpause(world: World): void {
  if (!world.paused) refuse("ExpectedPause");
  world.paused = false;
}

export function refuseConsent(): never {
  return refuse("InvalidConsent");
}

/** For calls that nobody but one may make. */
export function refuseAs(error: string): never {
  return refuse(error);
}
