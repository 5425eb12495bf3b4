import type { Forecaster } from "../forecasts/index.ts";
import { createFleet } from "./fleet.ts";
import { Game } from "./game.ts";
import { netSeries, type NetSeries } from "./netSeries.ts";
import { priceForecaster } from "./priceForecaster.ts";
import type { Simulation, SlotWatcher, Step } from "./run.ts";
import type { Scenario } from "./scenario.ts";
import { ZonePlay } from "./zonePlay.ts";

export { STEPS, type DaySync, type SettledSlot, type Simulation, type SlotWatcher, type Step } from "./run.ts";

/**
 * Plays a scenario under one step. The same scenario gives the same numbers to the last one.
 *
 * @param forecaster How agents that plan ahead forecast prices; the scenario's own way if left out.
 */
export function simulate(
  scenario: Scenario,
  step: Step,
  series: NetSeries = netSeries(scenario),
  watcher: SlotWatcher = {},
  forecaster: Forecaster = priceForecaster(scenario.forecaster),
): Simulation {
  const fleet = createFleet(scenario, series);
  const { slots, firstSlot } = series;
  const cells = scenario.zones * slots;
  const result: Simulation = {
    ...{ scenario, step, fleet, firstSlot, slots },
    importPrice: new Int32Array(cells),
    exportPrice: new Int32Array(cells),
    clearingPrice: new Int32Array(cells),
    scarcityPpm: new Int32Array(cells),
    matchedWh: new Float64Array(cells),
    importWh: new Float64Array(cells),
    exportWh: new Float64Array(cells),
    netWh: new Float64Array(cells),
    lossWh: new Float64Array(cells),
    trainingWh: new Float64Array(cells),
    certifiedWh: new Float64Array(cells),
    matchedTrainingWh: new Float64Array(cells),
    curtailedWh: new Float64Array(cells),
    unservedWh: new Float64Array(cells),
    welfareTicks: new Float64Array(cells),
    costTicks: new Float64Array(fleet.count),
    takenWh: new Float64Array(fleet.count),
    givenWh: new Float64Array(fleet.count),
    certificateTicks: new Float64Array(fleet.count),
    payTicks: new Float64Array(fleet.count),
    game: undefined,
  };
  const game = step === "reputation and seasons" ? new Game(result, watcher.synced) : undefined;
  const zones = Array.from(
    { length: scenario.zones },
    (_, zone) => new ZonePlay({ result, series, zone, watcher, forecaster, game }),
  );
  // Zones meet in the pool of a season alone, so each is played for a season at a time, in memory that stays warm.
  const { seasonSlots } = scenario.game;
  for (let first = 0; first < slots; first += seasonSlots) {
    const end = Math.min(slots, first + seasonSlots);
    game?.beginSeason();
    for (const zone of zones) zone.play(first, end);
    game?.endSeason();
  }
  payTraining(result);
  const found = game === undefined ? result : { ...result, game: game.result() };
  addUp(found);
  return found;
}

/** Takes what came from beside the market off each agent's cost. */
function addUp({ costTicks, certificateTicks, payTicks, game }: Simulation): void {
  costTicks.forEach((cost, agent) => {
    const earned = (certificateTicks[agent] ?? 0) + (payTicks[agent] ?? 0) + (game?.rewardTicks[agent] ?? 0);
    costTicks[agent] = cost - earned;
  });
}

/** Requesters pay for the energy that training took; a copy is paid nothing. */
function payTraining({ fleet: { training }, payTicks }: Simulation): void {
  training.agent.forEach((agent, row) => {
    payTicks[agent] = (payTicks[agent] ?? 0) + (training.usedWh[row] ?? 0) * (training.payPrice[row] ?? 0);
  });
}
