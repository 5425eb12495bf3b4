import { powerClassFor, slotLimitWh } from "../market/powerClass.ts";
import { maxSlotWh } from "../meters/profiles/maxSlotWh.ts";
import { agentsInZone, type NetSeries } from "./netSeries.ts";
import { evenNoise } from "./noise.ts";
import type { Scenario, Strategy } from "./scenario.ts";

export const STRATEGIES = { truthful: 0, shading: 1, zip: 2 } as const satisfies Record<Strategy["kind"], number>;

/** Batteries behind meters, a column a field. Sums stay below 2^31 Wh. */
export interface Batteries {
  readonly agent: Int32Array;
  readonly capacityWh: Int32Array;
  readonly limitWh: Int32Array;
  readonly roundTripPpm: Int32Array;
  readonly storedWh: Int32Array;
  /** Part of a stored Wh, in millionths, that has been charged and not counted yet. */
  readonly remainder: Float64Array;
  /** Cumulative charge and discharge, Wh. */
  readonly takenWh: Float64Array;
  readonly givenWh: Float64Array;
}

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
  readonly dailyWh: Int32Array;
  readonly limitWh: Int32Array;
  readonly leftWh: Int32Array;
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
  readonly strategy: Uint8Array;
  /** What a strategy keeps: a shading share, or ZIP's learning rate. */
  readonly parameter: Float64Array;
  /** ZIP's margin, a share of the band. */
  readonly margin: Float64Array;
  readonly batteries: Batteries;
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
    strategy: new Uint8Array(count),
    parameter: new Float64Array(count),
    margin: new Float64Array(count),
  };
  const stores: [agent: number, group: number][] = [];
  const waits: [agent: number, group: number][] = [];
  const trains: [agent: number, group: number][] = [];
  let agent = 0;
  for (let zone = 0; zone < zones; ++zone) {
    fleet.zoneStart[zone] = agent;
    agents.forEach((group, index) => {
      const { first, count: shapes } = series.shapes[zone]?.[index] ?? { first: 0, count: 1 };
      const here = agentsInZone(group.count, zone, zones);
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
        if (group.storage !== undefined) stores.push([agent, index]);
        if (group.flexibleShare > 0) waits.push([agent, index]);
        if (group.training !== undefined) trains.push([agent, index]);
      }
    });
  }
  fleet.zoneStart[zones] = agent;
  const column = (
    list: readonly (readonly [number, number])[],
    of: (group: number, agent: number) => number,
  ): Int32Array => Int32Array.from(list, ([who, group]) => of(group, who));
  const scaled = (amount: number | undefined, who: number): number =>
    Math.floor((amount ?? 0) * (fleet.size[who] ?? 1));
  return {
    ...fleet,
    batteries: {
      agent: column(stores, (_, who) => who),
      capacityWh: column(stores, (group, who) => scaled(agents[group]?.storage?.capacityWh, who)),
      limitWh: column(stores, (group, who) => maxSlotWh(scaled(agents[group]?.storage?.powerW, who))),
      roundTripPpm: column(stores, (group) => agents[group]?.storage?.roundTripPpm ?? 0),
      storedWh: new Int32Array(stores.length),
      remainder: new Float64Array(stores.length),
      takenWh: new Float64Array(stores.length),
      givenWh: new Float64Array(stores.length),
    },
    flexible: {
      agent: column(waits, (_, who) => who),
      share: Float64Array.from(waits, ([, group]) => agents[group]?.flexibleShare ?? 0),
      waitingWh: new Int32Array(waits.length),
      waitedSlots: new Int32Array(waits.length),
      movedWh: new Float64Array(waits.length),
    },
    training: {
      agent: column(trains, (_, who) => who),
      dailyWh: column(trains, (group) => agents[group]?.training?.dailyWh ?? 0),
      limitWh: column(trains, (group) => maxSlotWh(agents[group]?.training?.powerW ?? 0)),
      leftWh: new Int32Array(trains.length),
    },
  };
}

function parameterOf(strategy: Strategy): number {
  switch (strategy.kind) {
    case "truthful":
      return 0;
    case "shading":
      return strategy.share;
    case "zip":
      return strategy.learningRate;
  }
}
