import { AbiCoder, keccak256 } from "ethers";
import type { RegisteredKind } from "./codes.ts";
import { bondPartTicks } from "./gridLeg.ts";
import type { RegisterReading } from "./messages.ts";
import { laneOf, meterSlotLimitWh, type MeterWord } from "./meterWord.ts";
import { isBeyondStorage, type StorageFacts } from "./storagePhysics.ts";
import type { ZoneLimits } from "./tariff.ts";
import { RECORD_RING_SLOTS } from "./timeline.ts";

/** The numbers of a fault's kind in the contracts. */
export const FAULT_CODES = { equivocation: 1, impossible: 2 } as const;
export type FaultName = keyof typeof FAULT_CODES;

export interface Cut {
  /** What leaves the site's bond. */
  readonly cutTicks: bigint;
  /** The reporter's part of it. */
  readonly rewardTicks: bigint;
  /** The rest, for the zone's season. */
  readonly seasonTicks: bigint;
}

/** What a proven fault of a meter costs its site: half of the meter's part of the bond, or what is left of the bond. */
export function faultCut(
  limits: Pick<ZoneLimits, "capPrice" | "exportCapPrice">,
  meter: { readonly kind: RegisteredKind; readonly powerClass: number },
  bondTicks: bigint,
): Cut {
  const half = bondPartTicks(limits, meter) / 2n;
  const cutTicks = half < bondTicks ? half : bondTicks;
  const rewardTicks = cutTicks / 4n;
  return { cutTicks, rewardTicks, seasonTicks: cutTicks - rewardTicks };
}

/** Identity of a fault, by which it is punished once. */
export function faultHash(fault: FaultName, meter: string, slot: number): string {
  const fields = ["uint8", "address", "uint256"];
  return keccak256(AbiCoder.defaultAbiCoder().encode(fields, [FAULT_CODES[fault], meter, slot]));
}

/** Whether proofs about a slot are still taken at this slot. */
export function isPunishable(slot: number, slotNow: number): boolean {
  return slot + RECORD_RING_SLOTS > slotNow;
}

/**
 * Whether a signed reading of a slot after the meter's newest settled one is beyond what rated power, or the physics of a
 * storage, allow. A register that went down is none: a device that was reset does that.
 */
export function isImpossible(word: MeterWord, reading: RegisterReading, storage?: StorageFacts): boolean {
  if (reading.slot <= word.lastSlot) return false;
  const limitWh = meterSlotLimitWh(word) * (reading.slot - word.lastSlot);
  const importWh = Math.max(reading.importWh, word.importWh);
  const exportWh = Math.max(reading.exportWh, word.exportWh);
  if (importWh - word.importWh > limitWh || exportWh - word.exportWh > limitWh) return true;
  return storage !== undefined && isBeyondStorage(storage, importWh, exportWh);
}

/** Whether two meters hold positions of a slot on opposite sides. */
export function tradeWithEachOther(a: MeterWord, b: MeterWord, slot: number): boolean {
  const [laneA, laneB] = [openLane(a, slot), openLane(b, slot)];
  return laneA !== null && laneB !== null && laneA.side !== laneB.side;
}

function openLane(word: MeterWord, slot: number): ReturnType<typeof laneOf> {
  const own = word.zone !== 0 && word.lastSlot < slot && slot <= word.lastSlot + 2;
  return own ? laneOf(word, slot) : null;
}
