import { PPM } from "../units.ts";
import type { Simulation } from "./simulate.ts";

/** Figures of a run over all zones. Shares are of one; money in credits. */
export interface Measures {
  /** What all meters took and gave, storage included. */
  readonly importWh: number;
  readonly exportWh: number;
  readonly matchedWh: number;
  /** What perfect netting could trade: of each zone and slot the smaller of what its meters took and gave. */
  readonly nettingWh: number;
  readonly gridImportWh: number;
  readonly gridExportWh: number;
  readonly lossWh: number;
  /** Largest mean power of a slot through all feeders together, W. */
  readonly peakW: number;
  /** Mean change of that power from slot to slot, W. */
  readonly rampingW: number;
  /** Mean over largest power. */
  readonly loadFactor: number;
  readonly selfSufficiency: number;
  readonly selfConsumption: number;
  readonly co2Kg: number;
  /** Cost by group of agents, credits; negative is earned. */
  readonly costs: Readonly<Record<string, number>>;
  readonly costCredits: number;
  readonly meanClearingPrice: number | null;
  /** Difference of the dearest and the cheapest slot's import price, credits per kWh. */
  readonly priceSpread: number;
  readonly trainingWh: number;
  /** Of the training energy, what was used in slots in which the zone gave more than it took. */
  readonly trainingInSurplus: number | null;
  /** Gini coefficient of the agents' costs per Wh that they took. */
  readonly costInequality: number;
}

const WH_PER_SLOT_TO_W = 4;
const TICKS_PER_CREDIT = 1e9;
const PRICE_PER_CREDIT_KWH = 1e6;

export function measuresOf(run: Simulation): Measures {
  const { slots, scenario, fleet } = run;
  const flow = new Float64Array(slots);
  const sums = { importWh: 0, exportWh: 0, matchedWh: 0, nettingWh: 0, lossWh: 0, gridImportWh: 0, gridExportWh: 0 };
  const traded = { wh: 0, ticks: 0 };
  const training = { wh: 0, inSurplus: 0 };
  let [cheapest, dearest] = [Infinity, 0];
  for (let cell = 0; cell < run.netWh.length; ++cell) {
    const net = run.netWh[cell] ?? 0;
    const feeder = net + (run.lossWh[cell] ?? 0);
    const place = cell % slots;
    flow[place] = (flow[place] ?? 0) + feeder;
    sums.importWh += run.importWh[cell] ?? 0;
    sums.exportWh += run.exportWh[cell] ?? 0;
    sums.matchedWh += run.matchedWh[cell] ?? 0;
    sums.nettingWh += Math.min(run.importWh[cell] ?? 0, run.exportWh[cell] ?? 0);
    sums.lossWh += run.lossWh[cell] ?? 0;
    sums.gridImportWh += Math.max(0, feeder);
    sums.gridExportWh += Math.max(0, -feeder);
    traded.wh += run.matchedWh[cell] ?? 0;
    traded.ticks += (run.matchedWh[cell] ?? 0) * (run.clearingPrice[cell] ?? 0);
    training.wh += run.trainingWh[cell] ?? 0;
    if (net < 0) training.inSurplus += run.trainingWh[cell] ?? 0;
    const price = run.importPrice[cell] ?? 0;
    cheapest = Math.min(cheapest, price);
    dearest = Math.max(dearest, price);
  }
  const local = sums.importWh - sums.gridImportWh + sums.lossWh;
  const peakWh = flow.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const meanWh = flow.reduce((sum, value) => sum + Math.abs(value), 0) / slots;
  let ramp = 0;
  for (let place = 1; place < slots; ++place) ramp += Math.abs((flow[place] ?? 0) - (flow[place - 1] ?? 0));
  const costs = costsByGroup(run);
  return {
    importWh: sums.importWh,
    exportWh: sums.exportWh,
    matchedWh: sums.matchedWh,
    nettingWh: sums.nettingWh,
    gridImportWh: sums.gridImportWh,
    gridExportWh: sums.gridExportWh,
    lossWh: sums.lossWh,
    peakW: peakWh * WH_PER_SLOT_TO_W,
    rampingW: (ramp / Math.max(1, slots - 1)) * WH_PER_SLOT_TO_W,
    loadFactor: peakWh === 0 ? 0 : meanWh / peakWh,
    selfSufficiency: sums.importWh === 0 ? 0 : Math.max(0, local) / sums.importWh,
    selfConsumption: sums.exportWh === 0 ? 0 : Math.max(0, sums.exportWh - sums.gridExportWh) / sums.exportWh,
    co2Kg: (sums.gridImportWh * scenario.gridIntensity) / PPM,
    costs,
    costCredits: Object.values(costs).reduce((sum, cost) => sum + cost, 0),
    meanClearingPrice: traded.wh === 0 ? null : traded.ticks / traded.wh / PRICE_PER_CREDIT_KWH,
    priceSpread: (dearest - Math.min(cheapest, dearest)) / PRICE_PER_CREDIT_KWH,
    trainingWh: training.wh,
    trainingInSurplus: training.wh === 0 ? null : training.inSurplus / training.wh,
    costInequality: gini(unitCosts(run, fleet.count)),
  };
}

function costsByGroup({ scenario, fleet, costTicks }: Simulation): Record<string, number> {
  const costs: Record<string, number> = {};
  for (const { name } of scenario.agents) costs[name] = 0;
  for (let agent = 0; agent < fleet.count; ++agent) {
    const name = scenario.agents[fleet.group[agent] ?? 0]?.name ?? "";
    costs[name] = (costs[name] ?? 0) + (costTicks[agent] ?? 0) / TICKS_PER_CREDIT;
  }
  return costs;
}

function unitCosts({ costTicks, takenWh, givenWh }: Simulation, count: number): Float64Array {
  const costs: number[] = [];
  for (let agent = 0; agent < count; ++agent) {
    const taken = takenWh[agent] ?? 0;
    if (taken > (givenWh[agent] ?? 0)) costs.push(Math.max(0, (costTicks[agent] ?? 0) / taken));
  }
  return Float64Array.from(costs);
}

/** Gini coefficient of values that are not negative: 0 = all the same, 1 = one has everything. */
export function gini(values: Float64Array): number {
  const sorted = Float64Array.from(values).sort();
  const { length } = sorted;
  let sum = 0;
  let ranked = 0;
  sorted.forEach((value, place) => {
    sum += value;
    ranked += (place + 1) * value;
  });
  return sum === 0 ? 0 : (2 * ranked) / (length * sum) - (length + 1) / length;
}
