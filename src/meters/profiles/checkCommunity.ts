import { JouleworkError, type ErrorValue } from "../../errors.ts";
import { MAX_RATED_POWER_W, MIN_RATED_POWER_W, type CommunitySpec, type MeterSpec } from "../../community/types.ts";
import { PPM } from "../../units.ts";

/** Refuses a community whose meters share a name, sit in no zone or could not be registered. */
export function checkCommunity(community: CommunitySpec): void {
  const names = new Set<string>();
  const check = (meter: MeterSpec): void => {
    if (names.has(meter.name))
      refuse("Two meters share a name", { meter: meter.name }, "Give every meter its own name.");
    names.add(meter.name);
    requireWhole(meter, "ratedPowerW", meter.ratedPowerW, MIN_RATED_POWER_W, MAX_RATED_POWER_W);
    if (meter.solarPowerW !== undefined) requireWhole(meter, "solarPowerW", meter.solarPowerW, 0, MAX_RATED_POWER_W);
    if (meter.storage === undefined) return;
    requireWhole(meter, "storage.capacityWh", meter.storage.capacityWh, 1, MAX_RATED_POWER_W);
    requireWhole(meter, "storage.powerW", meter.storage.powerW, 1, MAX_RATED_POWER_W);
    requireWhole(meter, "storage.roundTripPpm", meter.storage.roundTripPpm, 1, PPM);
  };

  for (const zone of community.zones) {
    check(zone.feeder);
    requireWhole(zone.feeder, "lossPpm", zone.lossPpm, 0, PPM);
  }
  for (const site of community.sites) {
    if (community.zones[site.zone] === undefined) {
      const values = { site: site.name, zone: site.zone, zones: community.zones.length };
      refuse("A site is in a zone that does not exist", values, "Use the index of one of the community's zones.");
    }
    site.meters.forEach(check);
  }
}

function requireWhole(meter: MeterSpec, field: string, value: number, lowest: number, highest: number): void {
  if (Number.isInteger(value) && value >= lowest && value <= highest) return;
  const values = { meter: meter.name, [field]: value, lowest, highest };
  refuse(`A meter's ${field} is out of range`, values, "Give a whole number in this range.");
}

function refuse(what: string, values: Record<string, ErrorValue>, hint: string): never {
  throw new JouleworkError({ code: "COMMUNITY_INVALID", what, values, hint });
}
