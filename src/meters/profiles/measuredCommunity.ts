import {
  MIN_RATED_POWER_W,
  MAX_RATED_POWER_W,
  type MeterSpec,
  type SiteKind,
  type SiteSpec,
  type StorageSpec,
} from "../../community/types.ts";
import { SLOT_SECONDS } from "../../units.ts";
import type { EnergyProfile } from "./energyProfile.ts";
import { feederMeter } from "./feederMeter.ts";
import { feederProfile } from "./feederProfile.ts";
import type { ProfileData } from "./profileData.ts";

export interface MeasuredMeter {
  name: string;
  meterKind: "consumer" | "prosumer";
  siteKind: SiteKind;
  ratedPowerW: number;
  profile: EnergyProfile;
}

/** An electric vehicle behind a meter of its own at a measured home. */
export interface MeasuredVehicle {
  name: string;
  home: string;
  ratedPowerW: number;
  storage: StorageSpec;
  profile: EnergyProfile;
}

const ZONE_NAME = "measured";
const FEEDER_NAME = "measured.feeder";
const DEFAULT_LOSS_PPM = 60_000;
const HEADROOM = 1.25;

/** Puts measured meters behind one feeder, whose readings are made up from theirs and the losses. */
export function measuredCommunity(input: {
  meters: readonly MeasuredMeter[];
  vehicles?: readonly MeasuredVehicle[];
  firstSlot: number;
  slots: number;
  lossPpm?: number;
}): ProfileData {
  const { meters, vehicles = [], firstSlot, slots, lossPpm = DEFAULT_LOSS_PPM } = input;
  const sites = meters.map((meter) => measuredSite(meter, vehicles));
  const specs = sites.flatMap((site) => site.meters);
  const zone = { name: ZONE_NAME, feeder: feederMeter({ name: FEEDER_NAME, meters: specs, lossPpm }), lossPpm };
  const measured = [...meters, ...vehicles];
  const profiles = new Map(measured.map(({ name, profile }) => [name, profile]));
  profiles.set(FEEDER_NAME, feederProfile({ zone, meters: measured.map(({ profile }) => profile), slots }));
  return { community: { zones: [zone], sites }, firstSlot, slots, profiles };
}

function measuredSite(meter: MeasuredMeter, vehicles: readonly MeasuredVehicle[]): SiteSpec {
  const { name, siteKind, meterKind, ratedPowerW } = meter;
  const own = vehicles.filter(({ home }) => home === name);
  const meters: MeterSpec[] = [{ name, kind: meterKind, ratedPowerW }];
  for (const vehicle of own) {
    meters.push({ name: vehicle.name, kind: "vehicle", ratedPowerW: vehicle.ratedPowerW, storage: vehicle.storage });
  }
  return { name, kind: own.length === 0 ? siteKind : "household with electric vehicle", zone: 0, meters };
}

/** A rating with a quarter of headroom over the largest energy seen in a slot, in steps of 100 W; undefined if too large. */
export function ratedPowerFor(largestSlotWh: number): number | undefined {
  const powerW = (largestSlotWh * 3_600) / SLOT_SECONDS;
  const ratedPowerW = Math.max(MIN_RATED_POWER_W, Math.ceil((powerW * HEADROOM) / 100) * 100);
  return ratedPowerW <= MAX_RATED_POWER_W ? ratedPowerW : undefined;
}
