import type { MeterSpec } from "../community/types.ts";
import type { SlotFigures } from "../market/tariffRule.ts";
import { siteProfiles } from "../meters/profiles/siteProfiles.ts";
import { zoneWeather } from "../meters/profiles/zoneWeather.ts";
import { SLOTS_PER_DAY, slotOf } from "../units.ts";
import { measuredShapes, type ReadMeasurements } from "./profiles/measuredShapes.ts";
import type { AgentGroup, Scenario } from "./scenario.ts";

const MS_PER_DAY = 86_400_000;
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
  /** What the meters of each zone took and gave on the day before, where the scenario has one. */
  readonly dayBefore?: readonly (readonly SlotFigures[])[];
}

/**
 * Simulates what the agents' meters would measure without storage or shifting. The physical models of `src/meters/profiles`
 * draw a few shapes a group and zone, all under the zone's one weather, so that memory grows with agents and with slots, but not with
 * their product.
 */
export function netSeries(scenario: Scenario, read?: ReadMeasurements): NetSeries {
  const { start, days, zones, agents, seed, latitudeDeg, longitudeDeg } = scenario;
  const firstSlot = slotOf(Date.parse(`${start}T00:00:00Z`) / 1_000);
  const slots = days * SLOTS_PER_DAY;
  const window = { seed, firstSlot, slots, latitudeDeg, longitudeDeg };
  const drawn: Int32Array[] = [];
  const measured = agents.map((group, index) => measuredShapes(group, `agents.${String(index)}`, start, days, read));
  const shapes = Array.from({ length: zones }, (_, zone) => {
    const weather = zoneWeather({ ...window, zone: `zone ${String(zone + 1)}` });
    return agents.map((group, index) => {
      const first = drawn.length;
      const homes = homesInZone(measured[index], group, zone, zones);
      if (homes !== undefined) {
        drawn.push(...homes);
        return { first, count: homes.length };
      }
      const count = Math.min(MOST_SHAPES, agentsInZone(group, zone, zones));
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
  return { firstSlot, slots, netWh, shapes, ...(scenario.dayBefore ? { dayBefore: dayBeforeOf(scenario, read) } : {}) };
}

/** How many agents of a group are in this zone: all or none where the group names one, else they are dealt out in turn. */
export function agentsInZone({ count, zone: only }: AgentGroup, zone: number, zones: number): number {
  if (only !== undefined) return only === zone + 1 ? count : 0;
  return Math.floor((count - zone + zones - 1) / zones);
}

function homesInZone<T>(homes: readonly T[] | undefined, { zone: only }: AgentGroup, zone: number, zones: number) {
  return homes?.filter((_, home) => (only === undefined ? home % zones === zone : only === zone + 1));
}

/** Sums of the measured meters of each zone over the day before the scenario's first. */
function dayBeforeOf({ start, agents, zones }: Scenario, read: ReadMeasurements | undefined): SlotFigures[][] {
  const eve = new Date(Date.parse(`${start}T00:00:00Z`) - MS_PER_DAY).toISOString().slice(0, 10);
  const measured = agents.map((group, index) => measuredShapes(group, `agents.${String(index)}`, eve, 1, read));
  return Array.from({ length: zones }, (_, zone) => {
    const homes = agents.flatMap((group, index) => homesInZone(measured[index], group, zone, zones) ?? []);
    return Array.from({ length: SLOTS_PER_DAY }, (__, slot) => {
      const net = homes.map((home) => home[slot] ?? 0);
      return {
        importWh: net.reduce((sum, wh) => sum + Math.max(0, wh), 0),
        exportWh: net.reduce((sum, wh) => sum + Math.max(0, -wh), 0),
      };
    });
  });
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
