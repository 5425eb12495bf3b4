import { JouleworkError } from "../../errors.ts";
import type { MeterSpec, SiteSpec } from "../../community/types.ts";
import { SLOT_SECONDS } from "../../units.ts";
import { batterySchedule } from "./batterySchedule.ts";
import { dataCentreLoad } from "./dataCentreLoad.ts";
import { emptyProfile, type EnergyProfile } from "./energyProfile.ts";
import { geothermalPower } from "./geothermalPower.ts";
import { householdLoad } from "./householdLoad.ts";
import { hydroPower } from "./hydroPower.ts";
import { industryLoad } from "./industryLoad.ts";
import { maxSlotWh } from "./maxSlotWh.ts";
import { solarPower } from "./solarPower.ts";
import { vehicleSchedule } from "./vehicleSchedule.ts";
import { vehicleStays } from "./vehicleStays.ts";
import { windPower } from "./windPower.ts";
import type { ZoneWeather } from "./zoneWeather.ts";

interface Window {
  seed: number;
  firstSlot: number;
  slots: number;
  latitudeDeg: number;
  longitudeDeg: number;
  weather: ZoneWeather;
}

/** Profiles of one site's meters. What stores comes last, because it answers to everything else at the site. */
export function siteProfiles(site: SiteSpec, window: Window): Map<string, EnergyProfile> {
  const profiles = new Map<string, EnergyProfile>();
  const siteNetWh = new Int32Array(window.slots);
  const add = (meter: MeterSpec, profile: EnergyProfile): void => {
    profiles.set(meter.name, profile);
    for (let index = 0; index < window.slots; index++) {
      siteNetWh[index] = (siteNetWh[index] ?? 0) + (profile.importWh[index] ?? 0) - (profile.exportWh[index] ?? 0);
    }
  };
  for (const meter of site.meters) {
    if (!isStorage(meter)) add(meter, fromNet(netWhOf(meter, window)));
  }
  for (const meter of site.meters) {
    if (isStorage(meter)) add(meter, storageProfile(meter, siteNetWh, window));
  }
  return profiles;
}

function isStorage({ kind }: MeterSpec): boolean {
  return kind === "battery" || kind === "vehicle";
}

function storageProfile(meter: MeterSpec, siteNetWh: Int32Array, window: Window): EnergyProfile {
  const spec = meter.storage ?? missing(meter, "storage");
  const storage = { ...spec, powerW: Math.min(spec.powerW, meter.ratedPowerW) };
  if (meter.kind === "battery") return batterySchedule({ storage, siteNetWh });
  const stays = vehicleStays({ ...window, name: meter.name, storage });
  return vehicleSchedule({ storage, stays, firstSlot: window.firstSlot, siteNetWh }).profile;
}

/** Net energy of a meter that is not a battery of its own, positive for import, within its rated power. */
function netWhOf(meter: MeterSpec, window: Window): Int32Array {
  const limitWh = maxSlotWh(meter.ratedPowerW);
  const net = whole(netPowerW(meter, window), limitWh);
  if (meter.storage === undefined) return net;
  const battery = batterySchedule({ storage: meter.storage, siteNetWh: net });
  return net.map((netWh, index) => netWh + (battery.importWh[index] ?? 0) - (battery.exportWh[index] ?? 0));
}

function netPowerW(meter: MeterSpec, window: Window): Float64Array {
  const { weather } = window;
  const { name, ratedPowerW } = meter;
  switch (meter.kind) {
    case "solar":
      return weather.irradianceWm2.map((irradianceWm2) => -solarPower({ peakPowerW: ratedPowerW, irradianceWm2 }));
    case "wind":
      return weather.windSpeedMs.map((speedMs) => -windPower({ ratedPowerW, speedMs }));
    case "hydro":
      return weather.relativeFlow.map((relativeFlow) => -hydroPower({ ratedPowerW, relativeFlow }));
    case "geothermal":
      return weather.ambientC.map((ambientC) => -geothermalPower({ ratedPowerW, ambientC }));
    case "consumer":
      return householdLoad({ ...window, name });
    case "prosumer": {
      const peakPowerW = meter.solarPowerW ?? missing(meter, "solarPowerW");
      return householdLoad({ ...window, name }).map(
        (loadW, index) => loadW - solarPower({ peakPowerW, irradianceWm2: weather.irradianceWm2[index] ?? 0 }),
      );
    }
    case "industry":
      return industryLoad({ ...window, name, ratedPowerW });
    case "datacentre":
      return dataCentreLoad({ ...window, name, ratedPowerW, ambientC: weather.ambientC });
    case "battery":
    case "vehicle":
    case "feeder":
      throw new JouleworkError({
        code: "METER_HAS_NO_MODEL",
        what: "A meter of this kind has no profile of its own",
        values: { meter: name, kind: meter.kind },
        hint: "Name a feeder in its zone, and a battery or a vehicle beside the meters that it serves.",
      });
  }
}

/** Power over a slot as whole Wh: rounded to the nearest, so that small loads keep their mean. */
function whole(powerW: Float64Array, limitWh: number): Int32Array {
  return Int32Array.from(powerW, (watts) => {
    const energyWh = Math.round((watts * SLOT_SECONDS) / 3_600);
    return Math.min(limitWh, Math.max(-limitWh, energyWh));
  });
}

function fromNet(netWh: Int32Array): EnergyProfile {
  const profile = emptyProfile(netWh.length);
  netWh.forEach((value, index) => {
    profile.importWh[index] = Math.max(value, 0);
    profile.exportWh[index] = Math.max(-value, 0);
  });
  return profile;
}

function missing(meter: MeterSpec, field: "storage" | "solarPowerW"): never {
  throw new JouleworkError({
    code: "METER_INCOMPLETE",
    what: `A meter of this kind needs ${field} to be simulated`,
    values: { meter: meter.name, kind: meter.kind },
    hint: `Give the meter its ${field}.`,
  });
}
