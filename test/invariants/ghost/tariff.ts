import { refuse, slotAt, zoneOf, type World, type Zone } from "./world.ts";

/** The base of a zone's prices from a slot on. */
export interface Base {
  fromSlot: number;
  importPrice: bigint;
  exportPrice: bigint;
  slopePpm: bigint;
}

/** Prices as the design tells them, slot after slot: nothing is skipped, nothing forgotten. */
export interface GhostTariff {
  through: number;
  reference: bigint;
  /** Every price that was ever fixed. */
  prices: Map<number, { importPrice: bigint; exportPrice: bigint }>;
  /** All bases that were set, the first one from the zone's beginning. */
  bases: Base[];
}

const abs = (value: bigint): bigint => (value < 0n ? -value : value);
/** Rounded toward zero, as everywhere in the tariff. */
const share = (part: bigint, whole: bigint): bigint => (part < 0n ? -(abs(part) / whole) : part / whole);
const between = (value: bigint, low: bigint, high: bigint): bigint => (value < low ? low : value > high ? high : value);

/** In hundreds of ppm. */
function scarcityOf(zone: Zone, slot: number): bigint | undefined {
  const record = zone.touched.get(slot);
  if (record === undefined || record.readCount === 0) return undefined;
  const flow = record.importWh + record.exportWh;
  return flow === 0n ? 0n : share((record.importWh - record.exportWh) * 10_000n, flow);
}

export function baseAt(zone: Zone, slot: number): Base {
  const holding = zone.tariff.bases.filter(({ fromSlot }) => fromSlot <= slot).at(-1);
  if (holding === undefined) throw new Error(`ghost: no terms hold for slot ${slot}`);
  return holding;
}

function next(zone: Zone, slot: number, before: bigint): bigint {
  const { importPrice, exportPrice, slopePpm } = baseAt(zone, slot);
  const below = (importPrice - exportPrice) / 2n;
  const above = importPrice - exportPrice - below;
  const yesterday = scarcityOf(zone, slot - 96);
  let reference = before;
  if (yesterday !== undefined || slopePpm === 0n) {
    const [now, then] = [scarcityOf(zone, slot - 14), scarcityOf(zone, slot - 110)];
    const change = now === undefined || then === undefined ? 0n : share(now - then, 2n);
    const expected = between((yesterday ?? 0n) + change, -10_000n, 10_000n);
    const target = (((importPrice + exportPrice) / 2n) * (10n ** 10n + slopePpm * expected)) / 10n ** 10n;
    const upward = before / 8n === 0n ? 1n : before / 8n;
    reference = between(target, (before * 7n) / 8n, before + upward);
  }
  const highest = [zone.exportCapPrice + below, zone.capPrice - above].reduce((a, b) => (a < b ? a : b));
  const lowest = zone.floorPrice + below;
  return between(reference, lowest === 0n && above === 0n ? 1n : lowest, highest);
}

function around(zone: Zone, slot: number, reference: bigint): { importPrice: bigint; exportPrice: bigint } {
  const { importPrice, exportPrice } = baseAt(zone, slot);
  const spread = importPrice - exportPrice;
  return { importPrice: reference - spread / 2n + spread, exportPrice: reference - spread / 2n };
}

/** Fix every price up to a slot. */
export function fixThrough(zone: Zone, through: number): void {
  const { tariff } = zone;
  for (let slot = tariff.through + 1; slot <= through; ++slot) {
    tariff.reference = next(zone, slot, tariff.reference);
    tariff.prices.set(slot, around(zone, slot, tariff.reference));
    tariff.through = slot;
  }
}

/** The price of a slot, fixed or as it would be fixed now. */
export function priceAt(zone: Zone, slot: number): { importPrice: bigint; exportPrice: bigint } {
  const { tariff } = zone;
  const known = tariff.prices.get(slot);
  if (known !== undefined) return known;
  let { reference } = tariff;
  for (let at = tariff.through + 1; at <= slot; ++at) reference = next(zone, at, reference);
  return around(zone, Math.max(slot, tariff.through), reference);
}

/** What a record takes over: nothing where the price left its ring before anybody touched the slot. */
export function touchPrice(world: World, zone: Zone, slot: number): { importPrice: bigint; exportPrice: bigint } {
  const newest = slotAt(world.now) + 8;
  if (slot > newest) refuse("SlotOutOfRange");
  fixThrough(zone, slot);
  return slot <= newest - 128 ? { importPrice: 0n, exportPrice: 0n } : priceAt(zone, slot);
}

export function fixTariffs(world: World, zoneId: number, through: number): void {
  const zone = zoneOf(world, zoneId);
  if (through > zone.tariff.through && through > slotAt(world.now) + 8) refuse("SlotOutOfRange");
  fixThrough(zone, through);
}

export function setTerms(world: World, zoneId: number, base: Base): void {
  const zone = zoneOf(world, zoneId);
  const first = slotAt(world.now) + 9;
  if (base.fromSlot < first) refuse("SlotOutOfRange");
  if (base.importPrice === 0n || base.importPrice > zone.capPrice) refuse("BadParameter");
  const fits = base.exportPrice >= zone.floorPrice && base.exportPrice <= zone.exportCapPrice;
  if (!fits || base.exportPrice > base.importPrice || base.slopePpm > 1_000_000n) refuse("BadParameter");
  const { bases } = zone.tariff;
  const pending = bases.length > 1 ? bases.at(-1) : undefined;
  const stands = pending !== undefined && pending.fromSlot < first;
  if (stands && pending.fromSlot + 128 > slotAt(world.now)) refuse("SlotOutOfRange");
  fixThrough(zone, first - 1);
  // One that has not begun is replaced.
  if (pending !== undefined && !stands) bases.pop();
  bases.push(base);
}
