import { JouleworkError } from "../errors.ts";
import { feederMeter } from "../meters/profiles/feederMeter.ts";
import { randomStream, type RandomStream } from "../meters/profiles/randomStream.ts";
import type { CommunitySpec, MeterKind, MeterSpec, SiteKind, SiteSpec, StorageSpec, ZoneSpec } from "./types.ts";

export const MIN_COMMUNITY_METERS = 24;
export const DEFAULT_COMMUNITY_METERS = 30;

/** Where the simulated community lies: sun, wind and seasons follow from it. */
export const COMMUNITY_PLACE = { latitudeDeg: 47.4, longitudeDeg: 8.5 } as const;

const ZONE_NAMES = ["north", "south"] as const;
const LOSS_PPM = 60_000;
const ROUND_TRIP_PPM = 900_000;
/** A single-phase charging point of 32 A. */
const WALL_BOX_W = 7_400;

type Plant = "solar farm" | "wind" | "hydro" | "geothermal" | "industry" | "data centre";
/** A kind of site as the community grows it. */
type Plan = Plant | "household" | "household with solar" | "net-metered battery" | "sub-metered battery" | "vehicle";

/** What even the smallest community has: 18 sites with 24 meters, of every kind. */
const CORE: readonly Plan[] = [
  "solar farm",
  "hydro",
  "wind",
  "geothermal",
  "industry",
  "data centre",
  "household",
  "household with solar",
  "sub-metered battery",
  "net-metered battery",
  "household",
  "household with solar",
  "sub-metered battery",
  "vehicle",
  "vehicle",
  "household with solar",
  "net-metered battery",
  "household",
];
/** How it goes on: homes, and with every ninth site one of the larger plants in turn. */
const GROWTH: readonly Plan[] = [
  "household",
  "household with solar",
  "household",
  "sub-metered battery",
  "household",
  "net-metered battery",
  "household with solar",
  "vehicle",
];
// Sites alternate between the zones, so neighbours in this list land in different ones: each zone gets supply and demand.
const PLANTS: readonly Plant[] = ["solar farm", "wind", "industry", "data centre", "hydro", "geothermal"];

const PLANT_METERS: Record<Plant, { kind: MeterKind; powerW: number }> = {
  "solar farm": { kind: "solar", powerW: 60_000 },
  wind: { kind: "wind", powerW: 50_000 },
  hydro: { kind: "hydro", powerW: 15_000 },
  geothermal: { kind: "geothermal", powerW: 12_000 },
  industry: { kind: "industry", powerW: 60_000 },
  "data centre": { kind: "datacentre", powerW: 40_000 },
};

/**
 * A community to simulate: `meters` meters on sites (24 at least, 30 unless told) in two zones, with every kind
 * of meter, and one feeder meter a zone on top. The same numbers give the same community.
 */
export function defaultCommunity(input: { meters?: number; seed: number }): CommunitySpec {
  const { meters = DEFAULT_COMMUNITY_METERS, seed } = input;
  if (!Number.isInteger(meters) || meters < MIN_COMMUNITY_METERS) {
    throw new JouleworkError({
      code: "COMMUNITY_TOO_SMALL",
      what: "A community with every kind of site needs more meters",
      values: { meters, minimum: MIN_COMMUNITY_METERS },
      hint: `Ask for ${MIN_COMMUNITY_METERS} meters or more, as a whole number.`,
    });
  }
  const numbers = new Map<string, number>();
  const sites = plans(meters).map((plan, index) => {
    const base = isPlant(plan) ? plan.replace(" ", "-") : "home";
    const number = (numbers.get(base) ?? 0) + 1;
    numbers.set(base, number);
    const name = `${base}-${String(number).padStart(2, "0")}`;
    return buildSite({ plan, name, zone: index % ZONE_NAMES.length, stream: randomStream(seed, "site", name) });
  });
  return { zones: ZONE_NAMES.map((name, index) => buildZone(name, index, sites)), sites };
}

function plans(meters: number): Plan[] {
  const result = [...CORE];
  for (let left = meters - MIN_COMMUNITY_METERS, step = 0; left > 0; step++) {
    const turn = step % (GROWTH.length + 1);
    const round = Math.floor(step / (GROWTH.length + 1));
    const wanted = GROWTH[turn] ?? PLANTS[round % PLANTS.length] ?? "household";
    const plan = meterCount(wanted) <= left ? wanted : "household";
    result.push(plan);
    left -= meterCount(plan);
  }
  return result;
}

function meterCount(plan: Plan): number {
  if (plan === "sub-metered battery") return 3;
  return plan === "vehicle" ? 2 : 1;
}

function isPlant(plan: Plan): plan is Plant {
  return plan in PLANT_METERS;
}

function buildZone(name: string, index: number, sites: readonly SiteSpec[]): ZoneSpec {
  const meters = sites.filter((site) => site.zone === index).flatMap((site) => site.meters);
  return { name, feeder: feederMeter({ name: `${name}.feeder`, meters, lossPpm: LOSS_PPM }), lossPpm: LOSS_PPM };
}

function buildSite(input: { plan: Plan; name: string; zone: number; stream: RandomStream }): SiteSpec {
  const { plan, name, zone, stream } = input;
  const site = (kind: SiteKind, meters: MeterSpec[]): SiteSpec => ({ name, kind, zone, meters });
  const solarPowerW = hundreds(stream.between(3_000, 7_000));
  const storagePowerW = hundreds(stream.between(2_500, 5_000));
  const storage = {
    capacityWh: hundreds(stream.between(5_000, 13_000)),
    powerW: storagePowerW,
    roundTripPpm: ROUND_TRIP_PPM,
  };
  switch (plan) {
    case "household":
      return site("household", [{ name, kind: "consumer", ratedPowerW: 9_200 }]);
    case "household with solar":
      return site("household with solar", [{ name, kind: "prosumer", ratedPowerW: 11_000, solarPowerW }]);
    case "net-metered battery":
      return site("household with solar and battery", [
        { name, kind: "prosumer", ratedPowerW: 11_000, solarPowerW, storage },
      ]);
    case "sub-metered battery":
      return site("household with solar and battery", [
        { name: `${name}.house`, kind: "consumer", ratedPowerW: 9_200 },
        { name: `${name}.pv`, kind: "solar", ratedPowerW: solarPowerW },
        { name: `${name}.battery`, kind: "battery", ratedPowerW: storagePowerW, storage },
      ]);
    case "vehicle":
      return site("household with electric vehicle", [
        { name: `${name}.house`, kind: "consumer", ratedPowerW: 9_200 },
        { name: `${name}.vehicle`, kind: "vehicle", ratedPowerW: WALL_BOX_W, storage: vehicleStorage(stream) },
      ]);
    case "solar farm":
    case "wind":
    case "hydro":
    case "geothermal":
    case "industry":
    case "data centre": {
      const plant = PLANT_METERS[plan];
      const ratedPowerW = hundreds(plant.powerW * stream.between(0.85, 1.15));
      return site(plan, [{ name, kind: plant.kind, ratedPowerW }]);
    }
  }
}

function vehicleStorage(stream: RandomStream): StorageSpec {
  return { capacityWh: hundreds(stream.between(40_000, 75_000)), powerW: WALL_BOX_W, roundTripPpm: ROUND_TRIP_PPM };
}

function hundreds(value: number): number {
  return Math.round(value / 100) * 100;
}
