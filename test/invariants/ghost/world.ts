/**
 * The ghost: what the exchange should be, as plain data. It is written by the words of the design, not by the contract:
 * one map instead of packed words, sets of slots instead of bit maps, one path for money instead of a hot and a cold one.
 * Money is in ticks, energy in watt-hours, both bigint; slots are numbers.
 */
import { priceAt, touchPrice, type GhostTariff } from "./tariff.ts";

export type Side = "bid" | "offer";
export type Kind = "feeder" | "consumer" | "prosumer" | "producer" | "storage";

export interface Lane {
  side: Side;
  energyWh: bigint;
}

export interface Meter {
  address: string;
  site: number;
  zone: number;
  kind: Kind;
  limitWh: bigint;
  importWh: bigint;
  exportWh: bigint;
  lastSlot: number;
  /** Open positions by slot. */
  lanes: Map<number, Lane>;
  balance: bigint;
  suspended: boolean;
  /** What the meter's own flags say; they may lag behind its site. */
  indebted: boolean;
  bonded: boolean;
  retired: boolean;
  claim: bigint;
  delegate: string | null;
  capacityWh: bigint;
  /** What a storage may give beyond what it took since the first registers. */
  allowanceWh: bigint;
  efficiencyPpm: bigint;
  firstImportWh: bigint;
  firstExportWh: bigint;
}

export interface Site {
  id: number;
  owner: string;
  zone: number;
  bond: bigint;
  debt: bigint;
  unbonding: bigint;
  unbondingSlot: number;
  nonce: number;
  /** Proven faults of its meters. */
  faults: number;
  meters: string[];
}

export interface Prices {
  importPrice: bigint;
  exportPrice: bigint;
  feePpm: bigint;
  networkLocalPrice: bigint;
  networkGridPrice: bigint;
  levyPrice: bigint;
}

export interface Placed {
  meter: string;
  side: Side;
  /** Zero: a cancellation. */
  energyWh: bigint;
  limitPrice: bigint;
}

export interface SlotState {
  slot: number;
  prices: Prices;
  cleared: boolean;
  committed: boolean;
  bookCleared: boolean;
  feederRead: boolean;
  closed: boolean;
  punished: boolean;
  clearingPrice: bigint;
  openPositions: bigint;
  readCount: number;
  placed: Placed[];
  importWh: bigint;
  exportWh: bigint;
  readRatedWh: bigint;
  feederWh: bigint;
  work: bigint;
  matcher: string | null;
  bookHash: string | null;
  bookOrders: number;
  matchedWh: bigint;
}

export interface Accruals {
  network: bigint;
  levy: bigint;
  fee: bigint;
  season: bigint;
}

export interface Zone {
  id: number;
  rule: "midpoint" | "sbba";
  matcher: string;
  createdSlot: number;
  closedThrough: number;
  newestSlot: number;
  prices: Prices;
  tariff: GhostTariff;
  floorPrice: bigint;
  capPrice: bigint;
  exportCapPrice: bigint;
  lossPpm: bigint;
  toleranceWh: bigint;
  accruals: Accruals;
  accounts: { network: string; levy: string; fee: string; season: string };
  feeder: string | null;
  /** Slots that were touched, by place in the ring. */
  ring: Map<number, SlotState>;
  /** All slots that were ever touched. */
  touched: Map<number, SlotState>;
  flagged: Set<number>;
  /** Slot in which a meter was last taken out of the zone, for a time or for good. */
  leftSlot: number;
}

export interface Withdrawal {
  id: number;
  to: string;
  amount: bigint;
  maturitySlot: number;
  site: number;
  meter: string;
}

export interface World {
  /** Time of the next block. */
  now: number;
  exchange: string;
  paused: boolean;
  zones: Map<number, Zone>;
  sites: Map<number, Site>;
  meters: Map<string, Meter>;
  withdrawals: Map<number, Withdrawal>;
  withdrawalCount: number;
  earned: Map<string, bigint>;
  matcherBonds: Map<string, { ticks: bigint; unlockSlot: number }>;
  penalised: Set<string>;
  /** Credits by holder, ticks; the exchange is one of them. */
  credits: Map<string, bigint>;
  /** Tokens that somebody sent to the exchange for nothing. */
  donated: bigint;
  /** Credits that pledge and credit line back, base units. */
  fundsBacking: bigint;
  creditLine: bigint;
  totals: Totals;
}

/** What the grid leg has done since the start, for the sums over a meter's or a site's whole life. */
export interface Totals {
  /** By site: value of long imbalances and gap exports; of short imbalances, undelivered sales and gap imports. */
  longTicks: Map<number, bigint>;
  shortTicks: Map<number, bigint>;
  writtenOffTicks: Map<number, bigint>;
}

/** The exchange refuses the whole call with this error. */
export class Refusal extends Error {}

export function refuse(error: string): never {
  throw new Refusal(error);
}

export const SLOT = 900;
export const RING = 128;
export const BALANCE_CEILING = 2n ** 58n - 1n - 2n ** 52n;
export const PLACEMENT_FEE = 1_000_000n;

export const slotAt = (now: number): number => Math.floor(now / SLOT);
export const deadlineOf = (slot: number): number => (slot + 5) * SLOT;
export const inspectionEnd = (slot: number): number => (slot + 101) * SLOT;
export const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
export const mayExport = (kind: Kind): boolean => kind === "prosumer" || kind === "producer" || kind === "storage";
export const isOffGrid = (meter: Meter | undefined): boolean => meter === undefined || meter.retired;

export function must<T>(value: T | undefined | null, what = "the ghost knows it"): T {
  if (value === undefined || value === null) throw new Error(`ghost: ${what}`);
  return value;
}

export function zoneOf(world: World, zone: number): Zone {
  return world.zones.get(zone) ?? refuse("BadZone");
}

export function siteOf(world: World, meter: Meter): Site {
  return must(world.sites.get(meter.site));
}

export function activeMeters(world: World, zone: number): Meter[] {
  return [...world.meters.values()].filter((meter) => meter.zone === zone && !meter.retired && !meter.suspended);
}

/** Prices of a slot: the zone's charges and the slot's own tariff. */
export function pricesAt(zone: Zone, slot: number): Prices {
  return { ...zone.prices, ...priceAt(zone, slot) };
}

/** The record of a slot if it was touched and not reused. */
export function recordOf(zone: Zone, slot: number): SlotState | undefined {
  const record = zone.ring.get(slot % RING);
  return record?.slot === slot ? record : undefined;
}

/** Touch a slot: its first touch freezes its prices and takes over a ring record whose slot is closed and unflagged. */
export function openSlot(world: World, zone: Zone, slot: number): SlotState {
  const known = recordOf(zone, slot);
  if (known) return known;
  if (slot <= zone.closedThrough) return refuse("SlotOutOfRange");
  const held = zone.ring.get(slot % RING)?.slot ?? 0;
  if (held > zone.closedThrough || isFlagged(world, zone, held)) return refuse("RecordInUse");
  const record: SlotState = {
    slot,
    prices: { ...zone.prices, ...touchPrice(world, zone, slot) },
    cleared: false,
    committed: false,
    bookCleared: false,
    feederRead: false,
    closed: false,
    punished: false,
    clearingPrice: 0n,
    openPositions: 0n,
    readCount: 0,
    placed: [],
    importWh: 0n,
    exportWh: 0n,
    readRatedWh: 0n,
    feederWh: 0n,
    work: 0n,
    matcher: null,
    bookHash: null,
    bookOrders: 0,
    matchedWh: 0n,
  };
  zone.ring.set(slot % RING, record);
  zone.touched.set(slot, record);
  zone.newestSlot = Math.max(zone.newestSlot, slot);
  return record;
}

export function isFlagged(world: World, zone: Zone, slot: number): boolean {
  return zone.flagged.has(slot) && world.now < inspectionEnd(slot);
}

/** Money from slots up to `slot` may leave once they are closed and no flag on one of them still counts. */
export function requireMature(world: World, zone: Zone, slot: number): void {
  if (slot > zone.closedThrough) refuse("NotMature");
  for (const flagged of zone.flagged) {
    if (flagged <= slot && isFlagged(world, zone, flagged)) refuse("SlotUnderInspection");
  }
}

export function addTo<K>(map: Map<K, bigint>, key: K, amount: bigint): void {
  map.set(key, (map.get(key) ?? 0n) + amount);
}

/** Move credits between holders. */
export function pay(world: World, from: string, to: string, amount: bigint): void {
  if ((world.credits.get(from) ?? 0n) < amount) refuse("ERC20InsufficientBalance");
  addTo(world.credits, from, -amount);
  addTo(world.credits, to, amount);
}

export const pull = (world: World, from: string, amount: bigint): void => pay(world, from, world.exchange, amount);
export const push = (world: World, to: string, amount: bigint): void => pay(world, world.exchange, to, amount);
export const mint = (world: World, amount: bigint): void => addTo(world.credits, world.exchange, amount);
export const burn = (world: World, amount: bigint): void => addTo(world.credits, world.exchange, -amount);

export function supplyOf(world: World): bigint {
  return [...world.credits.values()].reduce((sum, ticks) => sum + ticks, 0n);
}

/** What the grid leg may still mint: pledge and credit line less the credits in circulation. */
export function headroomOf(world: World): bigint {
  const room = world.fundsBacking + world.creditLine - supplyOf(world) * 1_000_000_000n;
  return room > 0n ? room / 1_000_000_000n : 0n;
}
