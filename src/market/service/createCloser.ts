import { slotEnd, slotOf } from "../../units.ts";
import { READING_SLOTS, readingDeadline } from "../timeline.ts";
import { ContractRefusal } from "./exchangeLink.ts";
import type { CloserChain, SlotState } from "./types.ts";

export interface CloserParameters {
  readonly chain: CloserChain;
  readonly zones: readonly number[];
  /** Positions that one transaction settles. */
  readonly batchSize?: number;
  /** Untouched slots are passed over once there are this many, so that a silent zone costs little. */
  readonly passOverSlots?: number;
}

export interface CloserStep {
  /** Slots closed in this step. */
  readonly closed: readonly { readonly zone: number; readonly slot: number }[];
  /** Transactions sent. */
  readonly transactions: number;
  /** A transaction of this account waits for a block: nothing was sent. */
  readonly blocked: boolean;
}

export interface Closer {
  /** Closes every slot that is due at this chain time. It keeps nothing: the chain knows what is closed. */
  step(chainTime: number): Promise<CloserStep>;
}

const POSITIONS_A_TRANSACTION = 100;
const PASS_OVER_SLOTS = 8;
// A step ends in bounded time; what is left comes with the next one.
const SLOTS_A_STEP = 128;

const TOO_EARLY = "ClosingTooEarly";

/** Closes slots in order, so that positions without a reading settle and money matures. Anybody may; work is paid. */
export function createCloser({
  chain,
  zones,
  batchSize = POSITIONS_A_TRANSACTION,
  passOverSlots = PASS_OVER_SLOTS,
}: CloserParameters): Closer {
  // Zone to the slot whose early closing the contract refused: a meter that left the zone does not stand for an unread one.
  const waitsForDeadline = new Map<number, number>();

  interface Progress {
    readonly closed: { zone: number; slot: number }[];
    transactions: number;
  }

  async function closeZone(zone: number, chainTime: number, progress: Progress): Promise<void> {
    const { closedThrough, newestSlot, activeMeters } = await chain.zone(zone);
    const reach = closedThrough + SLOTS_A_STEP;
    let last = closedThrough;
    for (let slot = last + 1; slot <= Math.min(newestSlot, slotOf(chainTime), reach); ++slot) {
      if (slotEnd(slot) > chainTime) return;
      const state = await chain.slot(zone, slot);
      if (state === undefined) continue;
      const allRead = state.readCount >= activeMeters && state.feederRead;
      const early = chainTime < readingDeadline(slot);
      if (early && (!allRead || waitsForDeadline.get(zone) === slot)) return;
      try {
        if (!(await closeSlot(zone, slot, state, progress))) return;
      } catch (error) {
        if (early && error instanceof ContractRefusal && error.errorName === TOO_EARLY)
          waitsForDeadline.set(zone, slot);
        throw error;
      }
      last = slot;
    }
    // Nobody touched what lies between the last closed slot and the newest one, or the end of this step's reach.
    const untouched = newestSlot > last ? reach : last + SLOTS_A_STEP;
    const through = Math.min(slotOf(chainTime) - 1 - READING_SLOTS, untouched);
    if ((newestSlot > last && newestSlot <= reach) || through - last < passOverSlots) return;
    progress.transactions += 1;
    await chain.passOver(zone, through);
  }

  async function closeSlot(zone: number, slot: number, state: SlotState, progress: Progress): Promise<boolean> {
    const open = state.openPositions === 0 ? [] : await chain.openPositions(zone, slot);
    for (let from = 0; from === 0 || from < open.length; from += batchSize) {
      progress.transactions += 1;
      if (await chain.closeSlot(zone, slot, open.slice(from, from + batchSize))) {
        progress.closed.push({ zone, slot });
        return true;
      }
    }
    return false;
  }

  return {
    async step(chainTime) {
      const progress: Progress = { closed: [], transactions: 0 };
      if (await chain.hasWaiting()) return { ...progress, blocked: true };
      for (const zone of zones) {
        try {
          await closeZone(zone, chainTime, progress);
        } catch (error) {
          // Somebody else was faster, or the contract sees the time differently: the next step looks again.
          if (!(error instanceof ContractRefusal)) throw error;
        }
      }
      return { ...progress, blocked: false };
    },
  };
}
