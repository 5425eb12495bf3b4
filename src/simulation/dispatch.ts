import { pricesFor, type Outlook } from "./prices.ts";
import { giveOut, takeIn, type Batteries } from "./storage.ts";

/**
 * Batteries with a meter of their own serve their zone: they take its surplus and cover its deficit, one after the other. One that plans ahead keeps what it holds for the slots that are forecast to be
 * the dearest of the next day, as many as the present deficit would need to empty it. None trades with the grid: what it would buy at the import price it could sell there at the export price only.
 *
 * @param zoneNetWh Net energy of all other agents of the zone.
 */
export function serveZone(
  batteries: ZoneBatteries,
  from: number,
  to: number,
  netWh: Int32Array,
  outlook: Outlook,
  zoneNetWh: number,
): void {
  let left = zoneNetWh;
  for (let row = from; row < to && left !== 0; ++row) {
    const agent = batteries.agent[row] ?? 0;
    if (left > 0 && batteries.plans[row] === 1 && isKept(batteries, row, left, outlook)) continue;
    const flow = left < 0 ? takeIn(batteries, row, -left) : -giveOut(batteries, row, left);
    netWh[agent] = (netWh[agent] ?? 0) + flow;
    left += flow;
  }
}

/** Batteries that serve their zone, 1 for those that plan ahead. */
export interface ZoneBatteries extends Batteries {
  readonly plans: Uint8Array;
}

function isKept(batteries: ZoneBatteries, row: number, deficitWh: number, outlook: Outlook): boolean {
  const prices = pricesFor(outlook, batteries.agent[row] ?? 0);
  if (!outlook.priced || prices === undefined || prices.next.length === 0) return false;
  const flow = Math.max(1, Math.min(batteries.limitWh[row] ?? 0, deficitWh));
  const slots = Math.ceil((batteries.storedWh[row] ?? 0) / flow);
  const { sorted } = prices;
  return prices.now < (sorted[Math.max(0, sorted.length - Math.max(1, slots))] ?? 0);
}

/** Runs batteries for points alone: full power in while energy is plentiful and out while it is scarce. */
export function farmPoints(
  batteries: Batteries,
  from: number,
  to: number,
  netWh: Int32Array,
  limitWh: Int32Array,
  scarcityPpm: number,
): void {
  if (scarcityPpm === 0) return;
  for (let row = from; row < to; ++row) {
    const agent = batteries.agent[row] ?? 0;
    const net = netWh[agent] ?? 0;
    const limit = limitWh[agent] ?? 0;
    const flow = scarcityPpm < 0 ? takeIn(batteries, row, limit - net) : -giveOut(batteries, row, limit + net);
    netWh[agent] = net + flow;
  }
}

/**
 * After the auction a battery makes good what its meter would not deliver of its trade, with the power that the slot has left: it gives what a seller lacks and
 * takes what a buyer has too much.
 *
 * @param unstoredWh Net energy without the battery's flow of the slot.
 */
export function makeGood(
  batteries: Batteries,
  from: number,
  to: number,
  netWh: Int32Array,
  positionWh: Int32Array,
  unstoredWh: Int32Array,
): void {
  for (let row = from; row < to; ++row) {
    const agent = batteries.agent[row] ?? 0;
    const position = positionWh[agent] ?? 0;
    if (position === 0) continue;
    const net = netWh[agent] ?? 0;
    const flow = net - (unstoredWh[agent] ?? 0);
    const limit = batteries.limitWh[row] ?? 0;
    const missing = position - net;
    if (position < 0 && missing < 0 && flow <= 0) {
      netWh[agent] = net - giveOut(batteries, row, Math.max(0, Math.min(-missing, limit + flow)));
    } else if (position > 0 && missing > 0 && flow >= 0) {
      netWh[agent] = net + takeIn(batteries, row, Math.max(0, Math.min(missing, limit - flow)));
    }
  }
}
