import { vehicleStays } from "../meters/profiles/vehicleStays.ts";
import { PPM } from "../units.ts";
import { CHEAP } from "./control.ts";
import { pricesFor, ratioFor, type Outlook } from "./prices.ts";
import { giveOut, neededFor, takeIn, type Batteries } from "./storage.ts";

/** A price from which what a vehicle holds beyond its next trip serves the home. */
const DEAR = 1.05;

/** Vehicles and their stays at home, a column a field. */
export interface Vehicles extends Batteries {
  /** Stays of row r are [firstStay[r], firstStay[r + 1]), in their order. */
  readonly firstStay: Int32Array;
  readonly arrivalSlot: Int32Array;
  readonly departureSlot: Int32Array;
  readonly readySlot: Int32Array;
  readonly drivenWh: Int32Array;
  readonly requiredWh: Int32Array;
  /** The stay under way or the next one of a row. */
  readonly stay: Int32Array;
  /** What was driven by a row so far, and what was missing from the required charge when it left. */
  readonly usedWh: Float64Array;
  readonly missingWh: Float64Array;
}

/** Draws the stays of vehicles over a window, and lets each begin with what its first stay requires. */
export function createVehicles(
  batteries: Batteries,
  window: { readonly seed: number; readonly firstSlot: number; readonly slots: number; readonly longitudeDeg: number },
  nameOf: (row: number) => string,
): Vehicles {
  const rows = Array.from(batteries.agent, (_, row) =>
    vehicleStays({
      ...window,
      name: nameOf(row),
      storage: {
        capacityWh: batteries.capacityWh[row] ?? 0,
        powerW: batteries.limitWh[row] ?? 0,
        roundTripPpm: batteries.roundTripPpm[row] ?? PPM,
      },
    }),
  );
  const stays = rows.flat();
  const firstStay = new Int32Array(rows.length + 1);
  rows.forEach((list, row) => {
    firstStay[row + 1] = (firstStay[row] ?? 0) + list.length;
    batteries.storedWh[row] = list[0]?.requiredWh ?? 0;
  });
  return {
    ...batteries,
    firstStay,
    arrivalSlot: Int32Array.from(stays, ({ arrivalSlot }) => arrivalSlot),
    departureSlot: Int32Array.from(stays, ({ departureSlot }) => departureSlot),
    readySlot: Int32Array.from(stays, ({ readySlot }) => readySlot),
    drivenWh: Int32Array.from(stays, ({ drivenWh }) => drivenWh),
    requiredWh: Int32Array.from(stays, ({ requiredWh }) => requiredWh),
    stay: firstStay.slice(0, rows.length),
    usedWh: new Float64Array(rows.length),
    missingWh: new Float64Array(rows.length),
  };
}

/**
 * A vehicle at home takes its meter's surplus. What the next trip requires it takes at once; with moving prices in the slots that are forecast to be the cheapest until it must be ready, or
 * below the usual price, and at the latest when full power is needed. What it holds beyond that serves the home in dear slots. Changes `netWh`.
 */
export function chargeVehicles(
  vehicles: Vehicles,
  from: number,
  to: number,
  netWh: Int32Array,
  limitWh: Int32Array,
  slot: number,
  outlook: Outlook,
): void {
  for (let row = from; row < to; ++row) {
    const stay = stayAt(vehicles, row, slot);
    if (stay === undefined) continue;
    const agent = vehicles.agent[row] ?? 0;
    const net = netWh[agent] ?? 0;
    const required = vehicles.requiredWh[stay] ?? 0;
    const needed = neededFor(vehicles, row, required);
    const slotsLeft = Math.max(1, (vehicles.readySlot[stay] ?? 0) - slot);
    const now = needed > 0 && isTime(vehicles, row, needed, slotsLeft, outlook) ? needed : 0;
    const wanted = Math.min(Math.max(now, -net), (limitWh[agent] ?? 0) - net);
    if (wanted > 0) {
      netWh[agent] = net + takeIn(vehicles, row, wanted);
    } else if (net > 0 && outlook.priced && needed === 0 && ratioFor(outlook, agent) > DEAR) {
      netWh[agent] = net - giveOut(vehicles, row, Math.min(net, (vehicles.storedWh[row] ?? 0) - required));
    }
  }
}

/** The stay that a vehicle is in, after what arriving and leaving does to it; undefined while it is away. */
function stayAt(vehicles: Vehicles, row: number, slot: number): number | undefined {
  const end = vehicles.firstStay[row + 1] ?? 0;
  let stay = vehicles.stay[row] ?? 0;
  while (stay < end && slot >= (vehicles.departureSlot[stay] ?? 0)) {
    const missing = (vehicles.requiredWh[stay] ?? 0) - (vehicles.storedWh[row] ?? 0);
    if (missing > 0) vehicles.missingWh[row] = (vehicles.missingWh[row] ?? 0) + missing;
    stay += 1;
  }
  vehicles.stay[row] = stay;
  if (stay === end || slot < (vehicles.arrivalSlot[stay] ?? 0)) return undefined;
  if (slot === vehicles.arrivalSlot[stay]) {
    const stored = vehicles.storedWh[row] ?? 0;
    const driven = Math.min(stored, vehicles.drivenWh[stay] ?? 0);
    vehicles.storedWh[row] = stored - driven;
    vehicles.usedWh[row] = (vehicles.usedWh[row] ?? 0) + driven;
  }
  return stay;
}

function isTime(vehicles: Vehicles, row: number, needed: number, slotsLeft: number, outlook: Outlook): boolean {
  if (!outlook.priced) return true;
  const slotsNeeded = Math.ceil(needed / Math.max(1, vehicles.limitWh[row] ?? 0));
  if (slotsNeeded >= slotsLeft) return true;
  const agent = vehicles.agent[row] ?? 0;
  const cheaper = pricesFor(outlook, agent)?.cheaperWithin(slotsLeft - 1);
  return cheaper === undefined ? ratioFor(outlook, agent) < CHEAP : cheaper < slotsNeeded;
}
