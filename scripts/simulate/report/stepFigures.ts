import type { Simulation, Step } from "../../../src/simulation/index.ts";
import { PRICE_OF_ONE_CREDIT_PER_KWH, SLOTS_PER_DAY } from "../../../src/units.ts";

/** Points of a curve over the whole time: enough for the width of a page. */
const MOST_POINTS = 672;
const WH_PER_SLOT_TO_KW = 0.004;
const WH_TO_KWH = 0.001;

/** What a step's plots show. Curves are over all zones together; a price is the mean over zones and slots. */
export interface StepFigures {
  readonly step: Step;
  /** By slot of the mean day. */
  readonly day: Curves;
  /** Over the whole time; each point is the mean of as many slots. */
  readonly time: Curves & { readonly slotsAPoint: number };
  /** Training by slot of the mean day, kW. */
  readonly trainingKw: readonly number[];
  /** What groups took and gave, kWh. */
  readonly mix: readonly { readonly group: string; readonly takenKwh: number; readonly givenKwh: number }[];
}

export interface Curves {
  /** Power through all feeders, positive for import, kW. */
  readonly netKw: readonly number[];
  /** Credits per kWh. */
  readonly importPrice: readonly number[];
  readonly exportPrice: readonly number[];
}

export function stepFigures(run: Simulation): StepFigures {
  const { slots, step } = run;
  const zones = run.scenario.zones;
  const flow = overZones(run.netWh, slots);
  const lost = overZones(run.lossWh, slots);
  const net = flow.map((wh, slot) => (wh + (lost[slot] ?? 0)) * WH_PER_SLOT_TO_KW);
  const price = (column: Int32Array): Float64Array =>
    overZones(column, slots).map((sum) => sum / zones / PRICE_OF_ONE_CREDIT_PER_KWH);
  const columns = { netKw: net, importPrice: price(run.importPrice), exportPrice: price(run.exportPrice) };
  const slotsAPoint = Math.ceil(slots / MOST_POINTS);
  const training = overZones(run.trainingWh, slots).map((wh) => wh * WH_PER_SLOT_TO_KW);
  const curves = (of: (column: Float64Array) => number[]): Curves => ({
    netKw: of(columns.netKw),
    importPrice: of(columns.importPrice),
    exportPrice: of(columns.exportPrice),
  });
  return {
    step,
    day: curves(meanDay),
    time: { slotsAPoint, ...curves((column) => meansOf(column, slotsAPoint)) },
    trainingKw: meanDay(training),
    mix: mixOf(run),
  };
}

/** What each agent of a step gained over the first one, credits. */
export function gainsOf(first: Float64Array, run: Simulation): number[] {
  return Array.from(run.costTicks, (ticks, agent) => ((first[agent] ?? 0) - ticks) / 1e9);
}

function mixOf({ scenario, fleet, takenWh, givenWh }: Simulation): StepFigures["mix"] {
  const sums = scenario.agents.map(({ name }) => ({ group: name, takenKwh: 0, givenKwh: 0 }));
  fleet.group.forEach((group, agent) => {
    const sum = sums[group];
    if (sum === undefined) return;
    sum.takenKwh += (takenWh[agent] ?? 0) * WH_TO_KWH;
    sum.givenKwh += (givenWh[agent] ?? 0) * WH_TO_KWH;
  });
  return sums;
}

function overZones(column: ArrayLike<number>, slots: number): Float64Array {
  const sums = new Float64Array(slots);
  for (let cell = 0; cell < column.length; ++cell) sums[cell % slots] = (sums[cell % slots] ?? 0) + (column[cell] ?? 0);
  return sums;
}

function meanDay(column: Float64Array): number[] {
  const days = column.length / SLOTS_PER_DAY;
  return Array.from({ length: SLOTS_PER_DAY }, (_, slot) => {
    let sum = 0;
    for (let place = slot; place < column.length; place += SLOTS_PER_DAY) sum += column[place] ?? 0;
    return sum / days;
  });
}

function meansOf(column: Float64Array, size: number): number[] {
  return Array.from({ length: Math.ceil(column.length / size) }, (_, point) => {
    const part = column.subarray(point * size, (point + 1) * size);
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}
