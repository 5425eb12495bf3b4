import { PPM } from "../units.ts";
import { conductsOf, type ConductFigures } from "./conducts.ts";
import type { Simulation } from "./simulate.ts";
import { storageLossWh, type Batteries } from "./storage.ts";
import { storesOf } from "./fleet.ts";

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
  /** Of the training energy, what certificates of the very zone and slot matched. */
  readonly trainingMatched: number | null;
  /** What requesters paid for training, and what certificates of plants were worth, credits. */
  readonly trainingPayCredits: number;
  readonly certificateCredits: number;
  /** Gini coefficient of the agents' costs per Wh that they took. */
  readonly costInequality: number;
  /** Gini coefficient of what the agents that gained have gained on the first step; null in that step. */
  readonly gainInequality: number | null;
  /** Gains from trade, credits: what buyers valued the traded energy at less what sellers did. */
  readonly welfareCredits: number;
  /** Generation that the lines had no room for, at the export price it would have brought, and load that was not served, at the scenario's value. */
  readonly curtailedWh: number;
  readonly curtailedCredits: number;
  readonly unservedWh: number;
  readonly unservedCredits: number;
  /** What moved energy: given by batteries and by vehicles, loads that waited. */
  readonly batteryGivenWh: number;
  readonly vehicleGivenWh: number;
  readonly shiftedWh: number;
  /** What vehicles lacked of their required charge when they left. */
  readonly vehicleMissingWh: number;
  readonly storageLossWh: number;
  /** Exergy destroyed in storage and lines and by curtailment, Wh, and the share of what was supplied that was not. */
  readonly destroyedWh: number;
  readonly exergyEfficiency: number | null;
  /** Paid out of the seasons' pools, credits, and the mean of the last scores, ppm; null without reputation. */
  readonly rewardCredits: number;
  readonly meanScorePpm: number | null;
  /** The honest and the others of groups that have both. */
  readonly conducts: readonly ConductFigures[];
}

const WH_PER_SLOT_TO_W = 4;
const TICKS_PER_CREDIT = 1e9;
const PRICE_PER_CREDIT_KWH = 1e6;

/**
 * Measures a run.
 *
 * @param firstCostTicks Cost of each agent in the first step, which gains are measured against.
 */
export function measuresOf(run: Simulation, firstCostTicks?: Float64Array): Measures {
  const { slots, scenario, fleet } = run;
  const flow = new Float64Array(slots);
  const sums = { importWh: 0, exportWh: 0, matchedWh: 0, nettingWh: 0, lossWh: 0, gridImportWh: 0, gridExportWh: 0 };
  const traded = { wh: 0, ticks: 0 };
  const training = { wh: 0, inSurplus: 0, matched: 0 };
  const line = { curtailedWh: 0, curtailedTicks: 0, unservedWh: 0, certifiedWh: 0, welfareTicks: 0 };
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
    training.matched += run.matchedTrainingWh[cell] ?? 0;
    line.curtailedWh += run.curtailedWh[cell] ?? 0;
    line.curtailedTicks += (run.curtailedWh[cell] ?? 0) * (run.exportPrice[cell] ?? 0);
    line.unservedWh += run.unservedWh[cell] ?? 0;
    line.certifiedWh += run.certifiedWh[cell] ?? 0;
    line.welfareTicks += run.welfareTicks[cell] ?? 0;
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
  const lostInStorage = storesOf(fleet).reduce((total, stores) => total + storageLossWh(stores), 0);
  const destroyedWh = lostInStorage + sums.lossWh + line.curtailedWh;
  // What storage behind a meter lost never came through a meter, so it is added to what did.
  const suppliedWh = sums.exportWh + sums.gridImportWh + line.curtailedWh + lostInStorage;
  const { game } = run;
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
    trainingMatched: training.wh === 0 ? null : training.matched / training.wh,
    trainingPayCredits: total(run.payTicks) / TICKS_PER_CREDIT,
    certificateCredits: run.step === "nothing" ? 0 : (line.certifiedWh * scenario.certificatePrice) / TICKS_PER_CREDIT,
    costInequality: gini(unitCosts(run, fleet.count)),
    gainInequality: firstCostTicks === undefined ? null : gini(gainsOf(run, firstCostTicks)),
    welfareCredits: line.welfareTicks / TICKS_PER_CREDIT,
    curtailedWh: line.curtailedWh,
    curtailedCredits: line.curtailedTicks / TICKS_PER_CREDIT,
    unservedWh: line.unservedWh,
    unservedCredits: (line.unservedWh * scenario.grid.unservedPrice) / TICKS_PER_CREDIT,
    batteryGivenWh: storesOf(fleet).reduce((sum, stores) => sum + (stores === fleet.vehicles ? 0 : given(stores)), 0),
    vehicleGivenWh: given(fleet.vehicles),
    shiftedWh: total(fleet.flexible.movedWh),
    vehicleMissingWh: total(fleet.vehicles.missingWh),
    storageLossWh: lostInStorage,
    destroyedWh,
    exergyEfficiency: suppliedWh === 0 ? null : 1 - destroyedWh / suppliedWh,
    rewardCredits: game === undefined ? 0 : total(game.rewardTicks) / TICKS_PER_CREDIT,
    meanScorePpm: game === undefined ? null : total(game.scorePpm) / Math.max(1, fleet.count),
    conducts: conductsOf(run),
  };
}

function total(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

function given({ givenWh }: Batteries): number {
  return total(givenWh);
}

function gainsOf({ costTicks }: Simulation, firstCostTicks: Float64Array): Float64Array {
  return costTicks.map((cost, agent) => Math.max(0, (firstCostTicks[agent] ?? 0) - cost));
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
