import { valueTicks } from "../units.ts";
import { applyDue, NOTHING_DUE, type Due, type GridOutcome, type GridState } from "./gridLeg.ts";
import { laneOf, withDelivery, withLane, type Lane } from "./meterWord.ts";
import type { Tariff, ZoneLimits } from "./tariff.ts";

/** Prices of a slot, ticks per Wh, frozen in its record. */
export interface SlotPrices extends Tariff {
  readonly clearingPrice: number;
  /** Per imported Wh that was traded in the zone. */
  readonly networkLocalPrice: number;
  /** Per other imported Wh. */
  readonly networkGridPrice: number;
  readonly levyPrice: number;
}

/** What has flowed since the reading before. */
export interface Flow {
  readonly importedWh: number;
  readonly exportedWh: number;
}

/** Metered net minus traded position, positive = short: what the meter settles with the grid. */
export function imbalanceWh(lane: Lane | null, { importedWh, exportedWh }: Flow): number {
  const positionWh = lane === null ? 0 : lane.side === "bid" ? lane.energyWh : -lane.energyWh;
  return importedWh - exportedWh - positionWh;
}

/** What a meter gets and owes for a slot read in time: traded energy at the clearing price, imbalance at the backstop. */
export function dueForSlot(lane: Lane | null, bonded: boolean, flow: Flow, prices: SlotPrices): Due {
  const soldWh = lane?.side === "offer" ? lane.energyWh : 0;
  const boughtWh = lane?.side === "bid" ? lane.energyWh : 0;
  const takenWh = flow.importedWh + soldWh;
  // Without a bond nothing stands behind an export beyond what was sold: it is not paid.
  const countedExportWh = bonded ? flow.exportedWh : Math.min(flow.exportedWh, takenWh);
  const shortWh = takenWh - countedExportWh - boughtWh;
  const localWh = Math.min(boughtWh, flow.importedWh);
  const undeliveredWh = Math.max(0, soldWh - flow.exportedWh);
  return {
    proceedsTicks: valueTicks(soldWh, prices.clearingPrice),
    mintTicks: shortWh < 0 ? valueTicks(-shortWh, prices.exportPrice) : 0n,
    burnTicks: (shortWh > 0 ? valueTicks(shortWh, prices.importPrice) : 0n) + undeliveredTicks(undeliveredWh, prices),
    networkTicks:
      valueTicks(localWh, prices.networkLocalPrice) + valueTicks(flow.importedWh - localWh, prices.networkGridPrice),
    levyTicks: valueTicks(flow.importedWh, prices.levyPrice),
  };
}

/**
 * What a seller owes the grid for energy it sold and did not export, besides the imbalance: its buyer pays the local
 * network charge for energy that never was local.
 */
function undeliveredTicks(
  undeliveredWh: number,
  { networkGridPrice, networkLocalPrice }: Pick<SlotPrices, "networkGridPrice" | "networkLocalPrice">,
): bigint {
  return valueTicks(undeliveredWh, networkGridPrice - networkLocalPrice);
}

/** Prices that an unread position is settled at. */
export type UnreadPrices = Omit<SlotPrices, "levyPrice">;

/** What a gap reading gets and owes: its whole register difference gross, import at the cap, export at the floor. */
export function dueForGap(
  bonded: boolean,
  flow: Flow,
  limits: Pick<ZoneLimits, "capPrice" | "floorPrice">,
  charges: Pick<SlotPrices, "networkGridPrice" | "levyPrice">,
): Due {
  return {
    proceedsTicks: 0n,
    mintTicks: bonded ? valueTicks(flow.exportedWh, limits.floorPrice) : 0n,
    burnTicks: valueTicks(flow.importedWh, limits.capPrice),
    networkTicks: valueTicks(flow.importedWh, charges.networkGridPrice),
    levyTicks: valueTicks(flow.importedWh, charges.levyPrice),
  };
}

/** What a position gets and owes whose meter was not read: as if nothing had flowed. */
export function dueForUnread(lane: Lane, prices: UnreadPrices): Due {
  return lane.side === "offer"
    ? {
        ...NOTHING_DUE,
        proceedsTicks: valueTicks(lane.energyWh, prices.clearingPrice),
        burnTicks: valueTicks(lane.energyWh, prices.importPrice) + undeliveredTicks(lane.energyWh, prices),
      }
    : { ...NOTHING_DUE, mintTicks: valueTicks(lane.energyWh, prices.exportPrice) };
}

/** Closes the open position of a slot whose meter was not read; undefined where it has none. */
export function closePosition(state: GridState, slot: number, prices: UnreadPrices): GridOutcome | undefined {
  const { word } = state.meter;
  // A lane belongs to this slot only if the slot is one of the two after the last read one.
  const lane = slot > word.lastSlot && slot <= word.lastSlot + 2 ? laneOf(word, slot) : null;
  if (lane === null) return undefined;
  const moved = { ...state, meter: { ...state.meter, word: withDelivery(word, lane.energyWh, 0) } };
  const outcome = applyDue(moved, dueForUnread(lane, prices));
  return { ...outcome, meter: { ...outcome.meter, word: withLane(outcome.meter.word, slot, null) } };
}
