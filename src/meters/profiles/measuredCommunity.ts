import { MIN_RATED_POWER_W, MAX_RATED_POWER_W, type MeterSpec, type SiteKind } from "../../community/types.ts";
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

const ZONE_NAME = "measured";
const FEEDER_NAME = "measured.feeder";
const DEFAULT_LOSS_PPM = 60_000;
const HEADROOM = 1.25;

/** Puts measured meters behind one feeder, whose readings are made up from theirs and the losses. */
export function measuredCommunity(input: {
  meters: readonly MeasuredMeter[];
  firstSlot: number;
  slots: number;
  lossPpm?: number;
}): ProfileData {
  const { meters, firstSlot, slots, lossPpm = DEFAULT_LOSS_PPM } = input;
  const specs = meters.map(({ name, meterKind, ratedPowerW }): MeterSpec => ({ name, kind: meterKind, ratedPowerW }));
  const zone = { name: ZONE_NAME, feeder: feederMeter({ name: FEEDER_NAME, meters: specs, lossPpm }), lossPpm };
  const sites = meters.map(({ name, siteKind, meterKind, ratedPowerW }) => ({
    name,
    kind: siteKind,
    zone: 0,
    meters: [{ name, kind: meterKind, ratedPowerW }],
  }));
  const profiles = new Map(meters.map(({ name, profile }) => [name, profile]));
  profiles.set(FEEDER_NAME, feederProfile({ zone, meters: meters.map(({ profile }) => profile), slots }));
  return { community: { zones: [zone], sites }, firstSlot, slots, profiles };
}

/** A rating with a quarter of headroom over the largest energy seen in a slot, in steps of 100 W; undefined if too large. */
export function ratedPowerFor(largestSlotWh: number): number | undefined {
  const powerW = (largestSlotWh * 3_600) / SLOT_SECONDS;
  const ratedPowerW = Math.max(MIN_RATED_POWER_W, Math.ceil((powerW * HEADROOM) / 100) * 100);
  return ratedPowerW <= MAX_RATED_POWER_W ? ratedPowerW : undefined;
}
