import { JouleworkError } from "../../errors.ts";
import type { CommunitySpec } from "../../community/types.ts";
import { checkCommunity } from "./checkCommunity.ts";
import type { EnergyProfile } from "./energyProfile.ts";
import { feederProfile } from "./feederProfile.ts";
import { siteProfiles } from "./siteProfiles.ts";
import { zoneWeather } from "./zoneWeather.ts";

export interface SimulationInput {
  community: CommunitySpec;
  /** First market slot of the window: Unix time / 900. */
  firstSlot: number;
  slots: number;
  seed: number;
  latitudeDeg: number;
  longitudeDeg: number;
}

/**
 * Energy profiles of every meter of a community, feeders included, by meter name. The same input gives the
 * same numbers; apart from batteries, which start empty, a slot's numbers do not depend on the window.
 */
export function simulateProfiles(input: SimulationInput): Map<string, EnergyProfile> {
  requireWindow(input);
  const { community, ...window } = input;
  checkCommunity(community);

  const profiles = new Map<string, EnergyProfile>();
  community.zones.forEach((zone, zoneIndex) => {
    const weather = zoneWeather({ ...window, zone: zone.name });
    const meters: EnergyProfile[] = [];
    for (const site of community.sites) {
      if (site.zone !== zoneIndex) continue;
      for (const [name, profile] of siteProfiles(site, { ...window, weather })) {
        profiles.set(name, profile);
        meters.push(profile);
      }
    }
    profiles.set(zone.feeder.name, feederProfile({ zone, meters, slots: window.slots }));
  });
  return profiles;
}

function requireWindow(input: SimulationInput): void {
  const bounds: [name: Exclude<keyof SimulationInput, "community">, low: number, high: number, whole: boolean][] = [
    ["firstSlot", 0, 2 ** 24 - 1, true],
    ["slots", 1, 2 ** 24 - 1, true],
    ["seed", Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, true],
    ["latitudeDeg", -90, 90, false],
    ["longitudeDeg", -180, 180, false],
  ];
  for (const [name, low, high, whole] of bounds) {
    const value = input[name];
    if (value >= low && value <= high && (!whole || Number.isInteger(value))) continue;
    throw new JouleworkError({
      code: "SIMULATION_INPUT_INVALID",
      what: `The simulation's ${name} is out of range`,
      values: { [name]: value, lowest: low, highest: high },
      hint: whole ? "Give a whole number in this range." : "Give a number in this range.",
    });
  }
}
