import { powerClassFor, slotLimitWh } from "../market/powerClass.ts";
import { maxSlotWh } from "../meters/profiles/maxSlotWh.ts";
import { SLOTS_PER_DAY } from "../units.ts";
import type { ZoneBatteries } from "./dispatch.ts";
import { agentsInZone, type NetSeries } from "./netSeries.ts";
import { agentWord, evenNoise } from "./noise.ts";
import type { PlanningBatteries } from "./planning.ts";
import { createRothErev, type RothErev } from "./rothErev.ts";
import type { AgentGroup, Dishonesty, Scenario, Strategy } from "./scenario.ts";
import type { Batteries } from "./storage.ts";
import { createVehicles, type Vehicles } from "./vehicles.ts";

export const STRATEGIES = { truthful: 0, shading: 1, zip: 2, "roth-erev": 3 } as const satisfies Record<
  Strategy["kind"],
  number
>;
/** What an agent does: honest, or one of the ways to cheat. */
export const CONDUCTS = { honest: 0, overstating: 1, withholding: 2, farming: 3, copying: 4 } as const satisfies Record<
  Dishonesty["kind"] | "honest",
  number
>;
/** Which slots training waits for. */
export const PLACEMENTS = { either: 0, price: 1, green: 2 } as const satisfies Record<
  NonNullable<AgentGroup["training"]>["placement"],
  number
>;
const RENEWABLE: readonly AgentGroup["kind"][] = ["solar", "wind", "hydro", "geothermal"];

/** Loads of which a share may wait. */
export interface Flexible {
  readonly agent: Int32Array;
  readonly share: Float64Array;
  readonly waitingWh: Int32Array;
  /** For how many slots something has been waiting. */
  readonly waitedSlots: Int32Array;
  readonly movedWh: Float64Array;
}

/** Training that has to be done within its day. */
export interface Training {
  readonly agent: Int32Array;
  /** Nothing for whoever copies. */
  readonly dailyWh: Int32Array;
  readonly limitWh: Int32Array;
  readonly leftWh: Int32Array;
  readonly placement: Uint8Array;
  /** Ticks per Wh that requesters pay. */
  readonly payPrice: Int32Array;
  /** Used in the slot, and so far. */
  readonly nowWh: Int32Array;
  readonly usedWh: Float64Array;
}

/** Every agent of a scenario, a column a field; agents of a zone stand together. */
export interface Fleet {
  readonly count: number;
  /** Agents of zone z are [zoneStart[z], zoneStart[z + 1]). */
  readonly zoneStart: Int32Array;
  readonly group: Uint16Array;
  /** Where the agent's shape begins in `NetSeries.netWh`, and its size as a factor. */
  readonly shape: Int32Array;
  readonly size: Float64Array;
  /** Most energy of an order or of a reading, Wh a slot. */
  readonly limitWh: Int32Array;
  /** How far below the import price a bid and above the export price an offer is worth it, as a share of the band. */
  readonly reluctance: Float64Array;
  readonly forecastError: Float64Array;
  /** What the noise of its forecasts is drawn from. */
  readonly noiseWord: Int32Array;
  readonly strategy: Uint8Array;
  /** What a strategy keeps: a shading share, or ZIP's learning rate. */
  readonly parameter: Float64Array;
  /** ZIP's margin, a share of the band. */
  readonly margin: Float64Array;
  readonly rothErev: RothErev;
  /** How many standard errors below its forecast an agent orders, so as to deliver what it trades. */
  readonly caution: Float64Array;
  readonly conduct: Uint8Array;
  /** How many times its surplus an agent offers. */
  readonly overstatement: Float64Array;
  /** Plants of one source, whose export is certified. */
  readonly renewables: Int32Array;
  /** Batteries behind meters that answer to the slot's price, that plan a day ahead, that serve their zone, and that farm points. */
  readonly batteries: Batteries;
  readonly planned: PlanningBatteries;
  readonly zoneBatteries: ZoneBatteries;
  readonly farming: Batteries;
  readonly vehicles: Vehicles;
  readonly flexible: Flexible;
  readonly training: Training;
}

/** Draws a scenario's agents. What an agent is depends on seed, group and its place in the group alone. */
export function createFleet(scenario: Scenario, series: NetSeries): Fleet {
  const { zones, agents, seed } = scenario;
  const count = agents.reduce((sum, group) => sum + group.count, 0);
  const fleet = {
    count,
    zoneStart: new Int32Array(zones + 1),
    group: new Uint16Array(count),
    shape: new Int32Array(count),
    size: new Float64Array(count),
    limitWh: new Int32Array(count),
    reluctance: new Float64Array(count),
    forecastError: new Float64Array(count),
    noiseWord: Int32Array.from({ length: count }, (_, agent) => agentWord(seed, agent)),
    strategy: new Uint8Array(count),
    parameter: new Float64Array(count),
    margin: new Float64Array(count),
    caution: new Float64Array(count),
    conduct: new Uint8Array(count),
    overstatement: new Float64Array(count).fill(1),
  };
  const lists: Record<
    "batteries" | "planned" | "zoneBatteries" | "farming" | "vehicles" | "flexible" | "training" | "renewables",
    Member[]
  > = {
    ...{ batteries: [], planned: [], zoneBatteries: [], farming: [] },
    ...{ vehicles: [], flexible: [], training: [], renewables: [] },
  };
  let agent = 0;
  for (let zone = 0; zone < zones; ++zone) {
    fleet.zoneStart[zone] = agent;
    agents.forEach((group, index) => {
      const { first, count: shapes } = series.shapes[zone]?.[index] ?? { first: 0, count: 1 };
      const here = agentsInZone(group, zone, zones);
      for (let member = 0; member < here; ++member, ++agent) {
        const draw = (what: number): number => evenNoise(seed ^ (what << 24), index, zone + zones * member);
        // What was measured is nobody else's, larger or smaller.
        const size = group.kind === "measured" ? 1 : 1 + group.sizeSpread * (2 * draw(1) - 1);
        const [low, high] = group.reluctance;
        fleet.group[agent] = index;
        fleet.shape[agent] = (first + (member % shapes)) * series.slots;
        fleet.size[agent] = size;
        fleet.limitWh[agent] = slotLimitWh(powerClassFor(Math.max(1_024, Math.ceil(group.ratedPowerW * size))));
        fleet.reluctance[agent] = low + (high - low) * draw(2);
        fleet.forecastError[agent] = group.forecastError;
        fleet.strategy[agent] = STRATEGIES[group.strategy.kind];
        fleet.parameter[agent] = parameterOf(group.strategy);
        const { dishonest } = group;
        const cheats = dishonest !== undefined && draw(3) < dishonest.share;
        const conduct = CONDUCTS[cheats ? dishonest.kind : "honest"];
        fleet.conduct[agent] = conduct;
        if (cheats && dishonest.kind === "overstating") fleet.overstatement[agent] = dishonest.factor;
        const one: Member = { agent, group, name: `${group.name}.${String(zone + zones * member)}` };
        if (group.storage !== undefined) lists[storageList(group, conduct)].push(one);
        if (group.vehicle !== undefined) lists.vehicles.push(one);
        if (group.flexibleShare > 0) lists.flexible.push(one);
        if (group.training !== undefined) lists.training.push(one);
        if (RENEWABLE.includes(group.kind) && group.storage === undefined) lists.renewables.push(one);
      }
    });
  }
  fleet.zoneStart[zones] = agent;
  const scaled = (amount: number | undefined, who: number): number =>
    Math.floor((amount ?? 0) * (fleet.size[who] ?? 1));
  const devicesOf = (members: readonly Member[], device: "storage" | "vehicle"): Batteries => ({
    agent: column(members, ({ agent: who }) => who),
    capacityWh: column(members, ({ agent: who, group }) => scaled(group[device]?.capacityWh, who)),
    limitWh: column(members, ({ agent: who, group }) => maxSlotWh(scaled(group[device]?.powerW, who))),
    roundTripPpm: column(members, ({ group }) => group[device]?.roundTripPpm ?? 0),
    storedWh: new Int32Array(members.length),
    remainder: new Float64Array(members.length),
    takenWh: new Float64Array(members.length),
    givenWh: new Float64Array(members.length),
  });
  const window = { seed, firstSlot: series.firstSlot, slots: series.slots, longitudeDeg: scenario.longitudeDeg };
  const { flexible, training, vehicles } = lists;
  return {
    ...fleet,
    rothErev: createRothErev(count, agents, fleet.group),
    renewables: column(lists.renewables, ({ agent: who }) => who),
    batteries: devicesOf(lists.batteries, "storage"),
    planned: {
      ...devicesOf(lists.planned, "storage"),
      dayNetWh: new Int32Array(lists.planned.length * SLOTS_PER_DAY),
    },
    zoneBatteries: {
      ...devicesOf(lists.zoneBatteries, "storage"),
      plans: Uint8Array.from(lists.zoneBatteries, ({ group }) => (group.storage?.control === "forecast" ? 1 : 0)),
    },
    farming: devicesOf(lists.farming, "storage"),
    vehicles: createVehicles(devicesOf(vehicles, "vehicle"), window, (row) => vehicles[row]?.name ?? ""),
    flexible: {
      agent: column(flexible, ({ agent: who }) => who),
      share: Float64Array.from(flexible, ({ group }) => group.flexibleShare),
      waitingWh: new Int32Array(flexible.length),
      waitedSlots: new Int32Array(flexible.length),
      movedWh: new Float64Array(flexible.length),
    },
    training: {
      agent: column(training, ({ agent: who }) => who),
      dailyWh: column(training, ({ agent: who, group }) =>
        fleet.conduct[who] === CONDUCTS.copying ? 0 : (group.training?.dailyWh ?? 0),
      ),
      limitWh: column(training, ({ group }) => maxSlotWh(group.training?.powerW ?? 0)),
      leftWh: new Int32Array(training.length),
      placement: Uint8Array.from(training, ({ group }) => PLACEMENTS[group.training?.placement ?? "either"]),
      payPrice: column(training, ({ group }) => group.training?.payPrice ?? 0),
      nowWh: new Int32Array(training.length),
      usedWh: new Float64Array(training.length),
    },
  };
}

/** All storage of a fleet. */
export function storesOf({ batteries, planned, zoneBatteries, farming, vehicles }: Fleet): readonly Batteries[] {
  return [batteries, planned, zoneBatteries, farming, vehicles];
}

interface Member {
  readonly agent: number;
  readonly group: AgentGroup;
  readonly name: string;
}

function column(members: readonly Member[], of: (member: Member) => number): Int32Array {
  return Int32Array.from(members, of);
}

function storageList(
  { kind, storage }: AgentGroup,
  conduct: number,
): "batteries" | "planned" | "zoneBatteries" | "farming" {
  if (conduct === CONDUCTS.farming) return "farming";
  if (kind === "battery") return "zoneBatteries";
  return storage?.control === "forecast" ? "planned" : "batteries";
}

function parameterOf(strategy: Strategy): number {
  switch (strategy.kind) {
    case "truthful":
      return 0;
    case "shading":
      return strategy.share;
    case "zip":
      return strategy.learningRate;
    case "roth-erev":
      return strategy.recency;
  }
}
