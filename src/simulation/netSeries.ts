import type { MeterSpec } from "../community/types.ts";
import { siteProfiles } from "../meters/profiles/siteProfiles.ts";
import { zoneWeather } from "../meters/profiles/zoneWeather.ts";
import { SLOTS_PER_DAY, slotOf } from "../units.ts";
import { measuredShapes } from "./profiles/measuredShapes.ts";
import type { AgentGroup, Scenario } from "./scenario.ts";

/** Shapes that the agents of one group in one zone share; each scales one of them by its own size. */
const MOST_SHAPES = 12;

/** Net energy of every shape, slot by slot, positive for import; and which shapes a group has in a zone. */
export interface NetSeries {
  readonly firstSlot: number;
  readonly slots: number;
  /** Shape after shape, `slots` entries each. */
  readonly netWh: Int32Array;
  /** By zone and group: the first shape and how many there are. */
  readonly shapes: readonly (readonly { readonly first: number; readonly count: number }[])[];
}

/**
 * Simulates what the agents' meters would measure without storage or shifting. The physical models of `src/meters/profiles`
 * draw a few shapes a group and zone, all under the zone's one weather, so that memory grows with agents and with slots, but not with
 * their product.
 */
export function netSeries(scenario: Scenario): NetSeries {
  const { start, days, zones, agents, seed, latitudeDeg, longitudeDeg } = scenario;
  const firstSlot = slotOf(Date.parse(`${start}T00:00:00Z`) / 1_000);
  const slots = days * SLOTS_PER_DAY;
  const window = { seed, firstSlot, slots, latitudeDeg, longitudeDeg };
  const drawn: Int32Array[] = [];
  const measured = agents.map((group, index) => measuredShapes(group, `agents.${String(index)}`, start, days));
  const shapes = Array.from({ length: zones }, (_, zone) => {
    const weather = zoneWeather({ ...window, zone: `zone ${String(zone + 1)}` });
    return agents.map((group, index) => {
      const first = drawn.length;
      const homes = measured[index]?.filter((_, home) => home % zones === zone);
      if (homes !== undefined) {
        drawn.push(...homes);
        return { first, count: homes.length };
      }
      const count = Math.min(MOST_SHAPES, agentsInZone(group.count, zone, zones));
      for (let shape = 0; shape < count; ++shape) {
        if (group.kind === "battery") {
          drawn.push(new Int32Array(slots));
          continue;
        }
        const meter = meterOf(group, `${group.name}.${String(zone + 1)}.${String(shape)}`);
        const site = { name: meter.name, kind: "household" as const, zone, meters: [meter] };
        const profile = siteProfiles(site, { ...window, weather }).get(meter.name);
        drawn.push(
          Int32Array.from(
            { length: slots },
            (_, index) => (profile?.importWh[index] ?? 0) - (profile?.exportWh[index] ?? 0),
          ),
        );
      }
      return { first, count };
    });
  });
  const netWh = new Int32Array(drawn.length * slots);
  drawn.forEach((shape, place) => netWh.set(shape, place * slots));
  return { firstSlot, slots, netWh, shapes };
}

/** How many of `count` agents dealt out over the zones in turn come into this one. */
export function agentsInZone(count: number, zone: number, zones: number): number {
  return Math.floor((count - zone + zones - 1) / zones);
}

function meterOf({ kind, ratedPowerW, solarPowerW }: AgentGroup, name: string): MeterSpec {
  switch (kind) {
    case "household":
      return { name, kind: "consumer", ratedPowerW };
    case "data centre":
      return { name, kind: "datacentre", ratedPowerW };
    case "prosumer":
      return { name, kind, ratedPowerW, ...(solarPowerW === undefined ? {} : { solarPowerW }) };
    case "solar":
    case "wind":
    case "hydro":
    case "geothermal":
    case "industry":
      return { name, kind, ratedPowerW };
    case "battery":
    case "measured":
      throw new RangeError(`${kind} agents have no model`);
  }
}
