import { SLOTS_PER_DAY } from "../units.ts";
import { PLACEMENTS, type Flexible, type Training } from "./fleet.ts";
import { pricesFor, ratioFor, type Outlook } from "./prices.ts";
import { giveOut, takeIn, type Batteries } from "./storage.ts";

/** Half a day: what waits longer runs whatever the price. */
const MOST_WAITED_SLOTS = 48;
/** Share of what waits that a cheap slot takes up. */
const RELEASE_SHARE = 0.25;
/** Slots that waiting training keeps in hand for those in which its meter has no room for full power. */
const SPARE_SLOTS = 4;
/** Below this share of the usual price it pays to store: the loss of a cycle is about the rest. */
export const CHEAP = 0.95;

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
  const { priceRatio, rewards } = outlook;
  const playing = rewards?.playing;
  const rewardedRatio = rewards?.prices.ratio ?? priceRatio;
  for (let row = from; row < to; ++row) {
    const agent = flexible.agent[row] ?? 0;
    const ratio = playing?.[agent] === 1 ? rewardedRatio : priceRatio;
    const net = netWh[agent] ?? 0;
    const waiting = flexible.waitingWh[row] ?? 0;
    const waited = flexible.waitedSlots[row] ?? 0;
    if (ratio > 1 && waited < MOST_WAITED_SLOTS) {
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
 * A day's training begins at midnight, should be done by the next one, and is carried over where the meter had no room for it. Without moving prices it runs at once; with them it waits, by its
 * placement, until full power is needed for what is left. By price it takes the slots that are forecast to be the cheapest of the rest of the day, as many as it needs, and without a forecast those below the
 * usual price. By green share it takes every slot whose published scarcity says that supply exceeds demand, and of the others those of the lowest scarcity forecast. Either is such a slot of plenty, or
 * one below the usual price. Returns the energy used.
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
    training.nowWh[row] = 0;
    if (outlook.slotOfDay === 0) training.leftWh[row] = (training.leftWh[row] ?? 0) + (training.dailyWh[row] ?? 0);
    const left = training.leftWh[row] ?? 0;
    if (left === 0) continue;
    const limit = training.limitWh[row] ?? 0;
    const must = left - (slotsLeft - SPARE_SLOTS) * limit > 0;
    const agent = training.agent[row] ?? 0;
    if (outlook.priced && !must && !isGoodSlot(training, row, slotsLeft, outlook)) continue;
    const net = netWh[agent] ?? 0;
    const now = Math.min(left, limit, Math.max(0, (limitWh[agent] ?? 0) - net));
    netWh[agent] = net + now;
    training.leftWh[row] = left - now;
    training.nowWh[row] = now;
    training.usedWh[row] = (training.usedWh[row] ?? 0) + now;
    used += now;
  }
  return used;
}

function isGoodSlot(training: Training, row: number, slotsLeft: number, outlook: Outlook): boolean {
  const placement = training.placement[row];
  const plenty = outlook.scarcityPpm <= 0;
  if (plenty && placement !== PLACEMENTS.price) return true;
  const agent = training.agent[row] ?? 0;
  if (placement === PLACEMENTS.either) return ratioFor(outlook, agent) < CHEAP;
  const better = placement === PLACEMENTS.green ? outlook.scarcity : pricesFor(outlook, agent);
  const ahead = better?.cheaperWithin(slotsLeft - 1);
  if (ahead === undefined) return placement === PLACEMENTS.price && ratioFor(outlook, agent) < CHEAP;
  return ahead < Math.ceil((training.leftWh[row] ?? 0) / Math.max(1, training.limitWh[row] ?? 0));
}

/**
 * A battery keeps its own meter's surplus for its deficit; with moving prices it also holds back in cheap slots and charges from the grid,
 * up to half, where energy is cheaper than a cycle's loss.
 */
export function store(
  batteries: Batteries,
  from: number,
  to: number,
  netWh: Int32Array,
  limitWh: Int32Array,
  outlook: Outlook,
): void {
  const { priced, rewards } = outlook;
  const playing = rewards?.playing;
  const usualRatio = priced ? outlook.priceRatio : 1;
  const rewardedRatio = rewards?.prices.ratio ?? usualRatio;
  for (let row = from; row < to; ++row) {
    const agent = batteries.agent[row] ?? 0;
    const net = netWh[agent] ?? 0;
    const stored = batteries.storedWh[row] ?? 0;
    const ratio = playing?.[agent] === 1 ? rewardedRatio : usualRatio;
    const cheap = ratio < CHEAP && stored < (batteries.capacityWh[row] ?? 0) / 2;
    const wanted = net < 0 ? -net : cheap ? (limitWh[agent] ?? 0) - net : 0;
    if (wanted > 0) netWh[agent] = net + takeIn(batteries, row, wanted);
    else if (net > 0 && stored > 0 && ratio >= 1) netWh[agent] = net - giveOut(batteries, row, net);
  }
}
