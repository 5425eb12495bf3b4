import { PPM, SLOTS_PER_DAY } from "../units.ts";
import type { Batteries, Flexible, Training } from "./fleet.ts";

/** Half a day: what waits longer runs whatever the price. */
const MOST_WAITED_SLOTS = 48;
/** Share of what waits that a cheap slot takes up. */
const RELEASE_SHARE = 0.25;
/** Slots that waiting training keeps in hand for those in which its meter has no room for full power. */
const SPARE_SLOTS = 4;
/** How far a price has to be from the usual one before a battery trades on it; the loss of a cycle is about that. */
const CHEAP = 0.95;
const DEAR = 1.05;

/** What agents see when they decide how to use a slot. */
export interface Outlook {
  /** Import price of the slot in units of its mean over the day before: 1 is as usual. */
  readonly priceRatio: number;
  readonly scarcityPpm: number;
  /** Slot of the day, 0 to 95. */
  readonly slotOfDay: number;
  /** Whether prices move, so that it pays to look. */
  readonly priced: boolean;
}

/** A share of the loads waits in dear slots and runs in cheap ones. Changes `netWh`. */
export function shiftLoads(
  flexible: Flexible,
  from: number,
  to: number,
  netWh: Int32Array,
  limitWh: Int32Array,
  outlook: Outlook,
): void {
  if (!outlook.priced) return;
  for (let row = from; row < to; ++row) {
    const agent = flexible.agent[row] ?? 0;
    const net = netWh[agent] ?? 0;
    const waiting = flexible.waitingWh[row] ?? 0;
    const waited = flexible.waitedSlots[row] ?? 0;
    if (outlook.priceRatio > 1 && waited < MOST_WAITED_SLOTS) {
      const later = net > 0 ? Math.floor(net * (flexible.share[row] ?? 0)) : 0;
      netWh[agent] = net - later;
      flexible.waitingWh[row] = waiting + later;
      flexible.movedWh[row] = (flexible.movedWh[row] ?? 0) + later;
      flexible.waitedSlots[row] = waiting + later > 0 ? waited + 1 : 0;
    } else if (waiting > 0) {
      const wanted = waited >= MOST_WAITED_SLOTS ? waiting : Math.ceil(waiting * RELEASE_SHARE);
      const now = Math.min(wanted, waiting, Math.max(0, (limitWh[agent] ?? 0) - net));
      netWh[agent] = net + now;
      flexible.waitingWh[row] = waiting - now;
      flexible.waitedSlots[row] = waiting === now ? 0 : waited + 1;
    }
  }
}

/**
 * A day's training begins at midnight, should be done by the next one, and is carried over where the meter had no room for it. Without moving prices it runs at once; with them it waits for slots
 * whose published scarcity says that supply exceeds demand, or that are cheap, until full power is needed for what is left. Returns the energy used.
 */
export function train(
  training: Training,
  from: number,
  to: number,
  netWh: Int32Array,
  limitWh: Int32Array,
  outlook: Outlook,
): number {
  let used = 0;
  const slotsLeft = SLOTS_PER_DAY - outlook.slotOfDay;
  for (let row = from; row < to; ++row) {
    if (outlook.slotOfDay === 0) training.leftWh[row] = (training.leftWh[row] ?? 0) + (training.dailyWh[row] ?? 0);
    const left = training.leftWh[row] ?? 0;
    if (left === 0) continue;
    const limit = training.limitWh[row] ?? 0;
    const must = left - (slotsLeft - SPARE_SLOTS) * limit;
    const plenty = outlook.scarcityPpm <= 0 || outlook.priceRatio < CHEAP;
    if (outlook.priced && !plenty && must <= 0) continue;
    const agent = training.agent[row] ?? 0;
    const net = netWh[agent] ?? 0;
    const now = Math.min(left, limit, Math.max(0, (limitWh[agent] ?? 0) - net));
    netWh[agent] = net + now;
    training.leftWh[row] = left - now;
    used += now;
  }
  return used;
}

/**
 * A battery keeps its own meter's surplus for its deficit; with moving prices it also holds back in cheap slots and charges from the grid,
 * up to half, where energy is cheaper than a cycle's loss. Accounts are those of `storedEnergy`.
 */
export function store(batteries: Batteries, from: number, to: number, netWh: Int32Array, outlook: Outlook): void {
  const { agent: agents, capacityWh, limitWh, roundTripPpm, storedWh, remainder, takenWh, givenWh } = batteries;
  const cheap = outlook.priced && outlook.priceRatio < CHEAP;
  const dear = !outlook.priced || outlook.priceRatio > DEAR;
  for (let row = from; row < to; ++row) {
    const agent = agents[row] ?? 0;
    const net = netWh[agent] ?? 0;
    const stored = storedWh[row] ?? 0;
    const limit = limitWh[row] ?? 0;
    const capacity = capacityWh[row] ?? 0;
    const wanted = net < 0 ? -net : cheap && stored < capacity / 2 ? limit : 0;
    if (wanted > 0) {
      const efficiency = roundTripPpm[row] ?? PPM;
      const rest = remainder[row] ?? 0;
      const accepted = Math.floor(((capacity - stored + 1) * PPM - 1 - rest) / efficiency);
      const taken = Math.min(wanted, limit, accepted);
      const gained = taken * efficiency + rest;
      const whole = Math.floor(gained / PPM);
      storedWh[row] = stored + whole;
      remainder[row] = gained - whole * PPM;
      takenWh[row] = (takenWh[row] ?? 0) + taken;
      netWh[agent] = net + taken;
    } else if (net > 0 && stored > 0 && (dear || outlook.priceRatio >= 1)) {
      const given = Math.min(net, limit, stored);
      storedWh[row] = stored - given;
      givenWh[row] = (givenWh[row] ?? 0) + given;
      netWh[agent] = net - given;
    }
  }
}
