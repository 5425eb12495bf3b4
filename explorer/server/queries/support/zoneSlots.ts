import type { SlotPoint } from "../../../api/overview.ts";
import type { ServerContext } from "../../context.ts";
import { eventsOf, newestOf } from "./events.ts";
import { meterBook } from "./meterBook.ts";
import { renewableShares } from "./renewables.ts";

const DAY = 96;
/** Prices are fixed some slots ahead of the ones that are cleared and closed. */
const AHEAD = 16;

/** The newest day of a zone, oldest first, and the slot that runs at `currentSlot`. */
export async function zoneSlots(
  { store }: ServerContext,
  zone: number,
  currentSlot: number,
): Promise<{ readonly slots: SlotPoint[]; readonly current: SlotPoint | null }> {
  const key = { kind: "zone", value: String(zone) } as const;
  const page = { limit: DAY + AHEAD };
  const [fixed, cleared, closed, meters, running] = await Promise.all([
    eventsOf(store, "EnergyExchange", ["TariffFixed"], { key }, page),
    eventsOf(store, "EnergyExchange", ["SlotCleared"], { key }, page),
    eventsOf(store, "EnergyExchange", ["SlotClosed"], { key }, page),
    meterBook(store),
    newestOf(store, "EnergyExchange", ["TariffFixed"], { key: { kind: "slot", value: `${zone}/${currentSlot}` } }),
  ]);
  const clearings = new Map(cleared.map((event) => [event.args.slot, event.args]));
  const closings = new Map(closed.map((event) => [event.args.slot, event.args]));
  const shares = await renewableShares({ store, zone, closed: closed.slice(0, DAY), meters });
  const point = ({ slot, importPrice, exportPrice, scarcityPpm }: (typeof fixed)[number]["args"]): SlotPoint => {
    const clearing = clearings.get(slot);
    const closing = closings.get(slot);
    return {
      ...{ slot, importPrice, exportPrice, scarcityPpm },
      clearingPrice: clearing === undefined || clearing.matchedWh === 0 ? null : clearing.clearingPrice,
      matchedWh: clearing?.matchedWh ?? 0,
      importWh: closing?.importWh ?? null,
      exportWh: closing?.exportWh ?? null,
      renewablePpm: shares.get(slot) ?? null,
      flagged: closing?.flagged ?? false,
      closed: closing !== undefined,
    };
  };
  // A chain may stand still for hours after its last trade: the day ends with what was cleared or closed last.
  const last = Math.max(clearings.keys().next().value ?? 0, closings.keys().next().value ?? 0);
  const through = last === 0 ? currentSlot : last;
  const slots = fixed
    .map(({ args }) => args)
    .filter(({ slot }) => slot <= through && slot > through - DAY)
    .sort((a, b) => a.slot - b.slot)
    .map(point);
  return { slots, current: running === undefined ? null : point(running.args) };
}
