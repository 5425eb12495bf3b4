/** What a meter measures. A `feeder` measures the boundary of a zone, all others one installation. */
export type MeterKind =
  | "solar"
  | "wind"
  | "hydro"
  | "geothermal"
  | "battery"
  | "vehicle"
  | "consumer"
  | "prosumer"
  | "industry"
  | "datacentre"
  | "feeder";

/** What a reader of a report calls the place behind a grid connection. */
export type SiteKind =
  | "household"
  | "household with solar"
  | "household with solar and battery"
  | "household with electric vehicle"
  | "solar farm"
  | "wind"
  | "hydro"
  | "geothermal"
  | "industry"
  | "data centre";

/** Bounds of a meter's rated power, in watts. A meter outside them cannot be registered. */
export const MIN_RATED_POWER_W = 1_024;
export const MAX_RATED_POWER_W = 65_011_712;

export interface StorageSpec {
  /** Energy that a full battery can give back, in Wh. */
  capacityWh: number;
  /** Largest charging and discharging power, in W. */
  powerW: number;
  /** Share of the charged energy that can be discharged again, in ppm. */
  roundTripPpm: number;
}

export interface MeterSpec {
  /** Unique in its community. */
  name: string;
  kind: MeterKind;
  /** Largest power in either direction, in W. */
  ratedPowerW: number;
  /** The battery or the vehicle itself, or a battery behind a prosumer's only meter. */
  storage?: StorageSpec;
  /** Peak power of the panels behind a prosumer's only meter, in W. */
  solarPowerW?: number;
}

export interface SiteSpec {
  name: string;
  kind: SiteKind;
  /** Index into `CommunitySpec.zones`. */
  zone: number;
  meters: MeterSpec[];
}

export interface ZoneSpec {
  name: string;
  feeder: MeterSpec;
  /** Technical losses at the feeder's rated flow as a share of that flow, in ppm; they grow with the flow's square. */
  lossPpm: number;
}

export interface CommunitySpec {
  zones: ZoneSpec[];
  sites: SiteSpec[];
}
