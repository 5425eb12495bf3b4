import { MAX_RATED_POWER_W, MIN_RATED_POWER_W, type StorageSpec } from "../../community/types.ts";
import { PPM, SLOT_SECONDS } from "../../units.ts";
import { cell, csvTable, wholeNumber, type CsvRow } from "./csvTable.ts";
import { dataError } from "./dataError.ts";
import type { MeasuredMeter, MeasuredVehicle } from "./measuredCommunity.ts";
import { parseTimestamp } from "./parseTimestamp.ts";
import { vehicleSchedule, type VehicleStay } from "./vehicleSchedule.ts";

/** The file of a folder that says when vehicles stay at its homes. */
export const VEHICLES_FILE = "vehicles.csv";

const COLUMNS = [
  "vehicle",
  "home",
  "capacity_wh",
  "power_w",
  "round_trip_ppm",
  "arrival",
  "departure",
  "driven_wh",
  "required_wh",
] as const;

/** What a vehicle is; every row of it says the same. */
interface Vehicle {
  readonly row: CsvRow;
  readonly home: string;
  readonly storage: StorageSpec;
  readonly stays: { readonly row: CsvRow; readonly stay: VehicleStay }[];
}

/**
 * Vehicles with a row for each stay at their home's charging point, in the order of their stays. Arrivals count from the
 * next whole market slot, departures from the one that they are in. Refused with its place: a stay that overlaps the one before
 * it, a home that is not in the data, a vehicle that changes, and a required charge that the stay is too short for.
 */
export function readVehicles(
  file: string,
  { meters, firstSlot, slots }: { meters: readonly MeasuredMeter[]; firstSlot: number; slots: number },
): MeasuredVehicle[] {
  const homes = new Map(meters.map((meter) => [meter.name, meter]));
  const vehicles = new Map<string, Vehicle>();
  for (const row of csvTable(file, COLUMNS)) {
    const name = cell(row, "vehicle");
    if (name === "" || homes.has(name)) {
      throw refused(
        row,
        "vehicle",
        "The vehicle's meter needs a name of its own",
        "Name it as no other meter is named.",
      );
    }
    const known = vehicles.get(name) ?? newVehicle(row);
    vehicles.set(name, known);
    addStay(known, row);
  }
  // What a vehicle leaves at its home is what the next one at the same home sees.
  const nets = new Map<string, Int32Array>();
  return [...vehicles].map(([name, vehicle]) => {
    const home = homes.get(vehicle.home);
    if (home === undefined) {
      throw refused(vehicle.row, "home", "No meter of the data has this name", "Name the home's meter.");
    }
    const siteNetWh = nets.get(home.name) ?? netOf(home, slots);
    const { storage } = vehicle;
    const stays = vehicle.stays.map(({ stay }) => stay);
    const { profile, departures } = vehicleSchedule({ storage, stays, firstSlot, siteNetWh });
    for (const { stay, storedWh } of departures) {
      const row = vehicle.stays.find((one) => one.stay === stay)?.row ?? vehicle.row;
      if (storedWh < stay.requiredWh) throw tooShort(row, storedWh);
    }
    nets.set(
      home.name,
      siteNetWh.map((net, index) => net + (profile.importWh[index] ?? 0) - (profile.exportWh[index] ?? 0)),
    );
    return { name, home: home.name, ratedPowerW: storage.powerW, storage, profile };
  });
}

function newVehicle(row: CsvRow): Vehicle {
  return { row, home: cell(row, "home"), storage: storageOf(row), stays: [] };
}

function storageOf(row: CsvRow): StorageSpec {
  return {
    capacityWh: within(row, "capacity_wh", 1, MAX_RATED_POWER_W),
    powerW: within(row, "power_w", MIN_RATED_POWER_W, MAX_RATED_POWER_W),
    roundTripPpm: within(row, "round_trip_ppm", 1, PPM),
  };
}

function addStay(vehicle: Vehicle, row: CsvRow): void {
  for (const column of ["home", "capacity_wh", "power_w", "round_trip_ppm"] as const) {
    if (cell(row, column) === cell(vehicle.row, column)) continue;
    const first = `line ${String(vehicle.row.line)} says ${cell(vehicle.row, column)}`;
    throw refused(row, column, "The vehicle is not what it was", `Every row of a vehicle says the same; ${first}.`);
  }
  const arrivalSlot = Math.ceil(parseTimestamp(row, "arrival") / SLOT_SECONDS);
  const departureSlot = Math.floor(parseTimestamp(row, "departure") / SLOT_SECONDS);
  const before = vehicle.stays.at(-1)?.stay.departureSlot ?? 0;
  if (arrivalSlot < before) {
    throw refused(
      row,
      "arrival",
      "The vehicle arrives before it has left",
      "Put stays in their order, apart from one another.",
    );
  }
  if (departureSlot <= arrivalSlot) {
    throw refused(row, "departure", "The stay has no whole market slot", "Leave out stays shorter than that.");
  }
  const drivenWh = wholeNumber(row, "driven_wh");
  const requiredWh = within(row, "required_wh", 0, vehicle.storage.capacityWh);
  vehicle.stays.push({ row, stay: { arrivalSlot, departureSlot, drivenWh, requiredWh, readySlot: departureSlot } });
}

function within(row: CsvRow, column: string, lowest: number, highest: number): number {
  const value = wholeNumber(row, column);
  if (value >= lowest && value <= highest) return value;
  throw refused(
    row,
    column,
    "The value is out of range",
    `Give a whole number from ${String(lowest)} to ${String(highest)}.`,
  );
}

function netOf({ profile }: MeasuredMeter, slots: number): Int32Array {
  return Int32Array.from(
    { length: slots },
    (_, index) => (profile.importWh[index] ?? 0) - (profile.exportWh[index] ?? 0),
  );
}

function tooShort(row: CsvRow, storedWh: number): Error {
  const hint = `At full power it leaves with ${String(storedWh)} Wh: require no more, or let it arrive earlier.`;
  return refused(row, "required_wh", "The stay is too short for the required charge", hint);
}

function refused(row: CsvRow, column: string, what: string, hint: string): Error {
  return dataError({ what, file: row.file, line: row.line, column, value: cell(row, column), hint });
}
