import { slotLimitWh } from "./powerClass.ts";
import { sideCode, sideOf, type Side } from "./side.ts";
import { bitsOf, requireBigBits, requireBits, wordOf } from "./whole.ts";

/** An open position of one slot. */
export interface Lane {
  readonly side: Side;
  readonly energyWh: number;
}

export interface MeterFlags {
  readonly suspended: boolean;
  readonly indebted: boolean;
  readonly bonded: boolean;
  readonly storage: boolean;
  readonly feeder: boolean;
}

/** The one storage word that every trade and every reading of a meter reads and writes, unpacked. */
export interface MeterWord {
  readonly importWh: number;
  readonly exportWh: number;
  /** Newest slot whose reading is settled. */
  readonly lastSlot: number;
  /** Position of the even one of lastSlot + 1 and lastSlot + 2; null = none. */
  readonly laneEven: Lane | null;
  readonly laneOdd: Lane | null;
  readonly balanceTicks: bigint;
  readonly reliability: number;
  readonly tier: number;
  readonly flags: MeterFlags;
  readonly powerClass: number;
  /** 0 = no such meter, or retired. */
  readonly zone: number;
}

export const MAX_REGISTER_WH = 2 ** 40 - 1;
export const MAX_BALANCE_TICKS = 2n ** 58n - 1n;
/** Nothing credits a balance beyond this, so that what placed orders have locked always fits when it comes back. */
export const BALANCE_CEILING_TICKS = MAX_BALANCE_TICKS - 2n ** 52n;
export const MAX_RELIABILITY = 0xfff;
/** Reliability of a meter that has not traded since it was registered or last given a tier. */
export const NEUTRAL_RELIABILITY = 0x800;
/** Share of the way to the newest trade that one full trade moves reliability, as a divisor. */
const RELIABILITY_PACE = 32;
/** Energy below this part of a slot at rated power weighs less than it is, as a divisor. */
const LIGHT_TRADE = 16;
/** Highest reputation tier. */
export const MAX_TIER = 7;
export const NO_FLAGS: MeterFlags = { suspended: false, indebted: false, bonded: false, storage: false, feeder: false };

const LAST_SLOT = 80;
const LANE_EVEN = 104;
const LANE_ODD = 131;
const LANE_WIDTH = 27;
const LANE_ENERGY_WIDTH = 25;
const BALANCE = 158;
const RELIABILITY = 216;
const TIER = 228;
const FLAGS = 231;
const POWER_CLASS = 236;
const ZONE = 244;

/** Unpacks a meter's word as events and storage carry it. */
export function decodeMeterWord(packed: bigint | string): MeterWord {
  const word = wordOf(packed);
  const flags = bitsOf(word, FLAGS, 5);
  return {
    importWh: bitsOf(word, 0, 40),
    exportWh: bitsOf(word, 40, 40),
    lastSlot: bitsOf(word, LAST_SLOT, 24),
    laneEven: decodeLane(bitsOf(word, LANE_EVEN, LANE_WIDTH)),
    laneOdd: decodeLane(bitsOf(word, LANE_ODD, LANE_WIDTH)),
    balanceTicks: BigInt.asUintN(58, word >> BigInt(BALANCE)),
    reliability: bitsOf(word, RELIABILITY, 12),
    tier: bitsOf(word, TIER, 3),
    flags: {
      suspended: (flags & 1) !== 0,
      indebted: (flags & 2) !== 0,
      bonded: (flags & 4) !== 0,
      storage: (flags & 8) !== 0,
      feeder: (flags & 16) !== 0,
    },
    powerClass: bitsOf(word, POWER_CLASS, 8),
    zone: bitsOf(word, ZONE, 12),
  };
}

/** Packs a meter's word. */
export function encodeMeterWord(meter: MeterWord): bigint {
  const { suspended, indebted, bonded, storage, feeder } = meter.flags;
  const flags =
    Number(suspended) + 2 * Number(indebted) + 4 * Number(bonded) + 8 * Number(storage) + 16 * Number(feeder);
  return (
    field("importWh", meter.importWh, 40, 0) |
    field("exportWh", meter.exportWh, 40, 40) |
    field("lastSlot", meter.lastSlot, 24, LAST_SLOT) |
    field("laneEven", encodeLane(meter.laneEven), LANE_WIDTH, LANE_EVEN) |
    field("laneOdd", encodeLane(meter.laneOdd), LANE_WIDTH, LANE_ODD) |
    (requireBigBits("balanceTicks", meter.balanceTicks, 58) << BigInt(BALANCE)) |
    field("reliability", meter.reliability, 12, RELIABILITY) |
    field("tier", meter.tier, 3, TIER) |
    field("flags", flags, 5, FLAGS) |
    field("powerClass", meter.powerClass, 8, POWER_CLASS) |
    field("zone", meter.zone, 12, ZONE)
  );
}

/** The lane that holds positions of slots with the parity of `slot`. */
export function laneOf(meter: MeterWord, slot: number): Lane | null {
  return slot % 2 === 0 ? meter.laneEven : meter.laneOdd;
}

/** The word with another lane for the slots with the parity of `slot`. */
export function withLane(meter: MeterWord, slot: number, lane: Lane | null): MeterWord {
  return slot % 2 === 0 ? { ...meter, laneEven: lane } : { ...meter, laneOdd: lane };
}

/**
 * The word after a trade of `positionWh` of which `meteredWh` flowed in the traded direction. Reliability is the decaying
 * mean of delivered against traded, in which a trade weighs its share of the metered energy: `R += w * (d - R) / 32` with
 * `d = min(position, metered) / position` and `w = position / max(position, metered, slot limit / 16)`, truncated toward
 * zero.
 */
export function withDelivery(meter: MeterWord, positionWh: number, meteredWh: number): MeterWord {
  const lightWh = Math.floor(meterSlotLimitWh(meter) / LIGHT_TRADE);
  const pull = Math.min(positionWh, meteredWh) * MAX_RELIABILITY - positionWh * meter.reliability;
  const change = Math.trunc(pull / (Math.max(positionWh, meteredWh, lightWh) * RELIABILITY_PACE));
  return { ...meter, reliability: meter.reliability + change };
}

/** Whether a word belongs to a registered meter that is not retired. */
export function isMeter(meter: MeterWord): boolean {
  return meter.zone !== 0;
}

/** Most energy the meter can carry in one slot, in one direction. */
export function meterSlotLimitWh(meter: MeterWord): number {
  return slotLimitWh(meter.powerClass);
}

function decodeLane(lane: number): Lane | null {
  if (lane === 0) return null;
  return { side: sideOf(lane >>> LANE_ENERGY_WIDTH), energyWh: lane % 2 ** LANE_ENERGY_WIDTH };
}

function encodeLane(lane: Lane | null): number {
  if (lane === null) return 0;
  return sideCode(lane.side) * 2 ** LANE_ENERGY_WIDTH + requireBits("energyWh", lane.energyWh, LANE_ENERGY_WIDTH);
}

function field(name: string, value: number, width: number, shift: number): bigint {
  return BigInt(requireBits(name, value, width)) << BigInt(shift);
}
