import { concludedPoints, pointPrice, pointsOfReading } from "../game/points.ts";
import { createFleet, type Fleet } from "../simulation/fleet.ts";
import { netSeries, type NetSeries } from "../simulation/netSeries.ts";
import { noiseWord } from "../simulation/noise.ts";
import { zoneLimits, zoneTerms, type Scenario } from "../simulation/scenario.ts";
import { slotCostTicks } from "../simulation/settle.ts";
import { ZoneTariff } from "../simulation/tariffs.ts";
import { PPM } from "../units.ts";
import { Draws } from "./draws.ts";
import { gainOf, mean, plannedGain } from "./gain.ts";
import type { DeviationGain } from "./measureDeviations.ts";
import { marketPrices } from "./scenarioPopulation.ts";
import type { MarketPrices } from "./types.ts";

/** Purpose of these draws among those of a seed. */
const HOMES = 4;
/** A home battery: energy, energy of a slot, and the share that a cycle gives back. */
const BATTERY = { capacityWh: 10_000, slotWh: 1_000, roundTripPpm: 900_000 };
/** Scarcities below minus which a battery charges for points, and above which it discharges, ppm. */
const THRESHOLDS = [0, 0.1, 0.2, 0.4, 0.6].map((share) => share * PPM);

/** A zone's slots as a site with a battery finds them; it is too small to move them. */
export interface SeasonSlots {
  readonly prices: MarketPrices;
  readonly importPrice: Int32Array;
  readonly exportPrice: Int32Array;
  readonly scarcityPpm: Int32Array;
  readonly fleet: Fleet;
  readonly series: NetSeries;
  /** Ticks that a point, and a Wh of rebate, is worth at most. */
  readonly pointPrice: number;
  readonly kindOf: (agent: number) => string;
}

/** Backstop prices and scarcities of the first zone of a scenario, as they follow from what its agents take and give. */
export function seasonSlots(scenario: Scenario): SeasonSlots {
  const series = netSeries(scenario);
  const fleet = createFleet(scenario, series);
  const { slots } = series;
  const terms = zoneTerms(scenario);
  const tariff = new ZoneTariff(zoneLimits(scenario), terms, slots);
  const columns = {
    importPrice: new Int32Array(slots),
    exportPrice: new Int32Array(slots),
    scarcityPpm: new Int32Array(slots),
  };
  for (let place = 0; place < slots; ++place) {
    tariff.fix(place, 0);
    columns.importPrice[place] = tariff.importPrice;
    columns.exportPrice[place] = tariff.exportPrice;
    columns.scarcityPpm[place] = tariff.scarcityPpm;
    let [importWh, exportWh] = [0, 0];
    for (let agent = fleet.zoneStart[0] ?? 0; agent < (fleet.zoneStart[1] ?? 0); ++agent) {
      const net = netOf(fleet, series, agent, place);
      if (net > 0) importWh += net;
      else exportWh -= net;
    }
    tariff.record(place, importWh, exportWh);
  }
  return {
    ...columns,
    prices: marketPrices(scenario),
    fleet,
    series,
    pointPrice: pointPrice([terms]),
    kindOf: (agent) => scenario.agents[fleet.group[agent] ?? 0]?.kind ?? "",
  };
}

/** What a battery does in a slot: Wh that it takes from the meter's side, negative where it gives. */
type Schedule = (slot: { readonly netWh: number; readonly scarcityPpm: number }) => number;

/** Takes the home's own surplus and covers its deficit. */
const ownUse: Schedule = ({ netWh }) => -netWh;

/** Takes from the grid where energy is plentiful and gives to it where it is scarce, at full power, whatever the home needs. */
function farming(threshold: number): Schedule {
  return ({ scarcityPpm }) =>
    scarcityPpm < -threshold ? BATTERY.slotWh : scarcityPpm > threshold ? -BATTERY.slotWh : 0;
}

/** Own use, and the grid besides where energy is plentiful: what is stored then serves the home later. */
function filling(threshold: number): Schedule {
  return ({ netWh, scarcityPpm }) => (scarcityPpm < -threshold ? BATTERY.slotWh : -netWh);
}

const FARMING = THRESHOLDS.flatMap((threshold) => {
  const share = String(threshold / PPM);
  return [
    { name: `cycles with the grid beyond a scarcity of ${share}`, schedule: farming(threshold) },
    { name: `fills from the grid below a scarcity of -${share}`, schedule: filling(threshold) },
  ];
});

/**
 * Measures what a home gains that cycles its battery for points. Pay is at its most: the pool is without end, so every point pays the
 * point price, and every imported Wh has a rebate of as much.
 */
export function measurePointFarming({
  season,
  kind,
  homes,
  seed,
}: {
  readonly season: SeasonSlots;
  readonly kind: string;
  readonly homes: number;
  readonly seed: number;
}): DeviationGain {
  const { fleet, kindOf } = season;
  const alike = Array.from({ length: fleet.zoneStart[1] ?? 0 }, (_, agent) => agent).filter(
    (agent) => kindOf(agent) === kind,
  );
  const bases: number[] = [];
  const energiesWh: number[] = [];
  const gains = FARMING.map((): number[] => []);
  for (let home = 0; home < homes; ++home) {
    const draws = new Draws(noiseWord(seed, 0, home), HOMES);
    const agent = alike[draws.below(alike.length)] ?? 0;
    const scale = 0.7 + 0.6 * draws.next();
    const without = playSeason(season, agent, scale, () => 0);
    const honest = playSeason(season, agent, scale, ownUse);
    bases.push(honest - without);
    energiesWh.push(BATTERY.capacityWh);
    FARMING.forEach(({ schedule }, place) => gains[place]?.push(playSeason(season, agent, scale, schedule) - honest));
  }
  const best = bases.map((_, home) => Math.max(0, ...gains.map((of) => of[home] ?? 0)));
  const names = FARMING.map(({ name }) => name);
  return {
    ...{ rule: "season points", lever: "point farming", kind, size: 1 },
    planned: plannedGain({ names, gains, bases, energiesWh }),
    informed: gainOf(best, bases, energiesWh),
    exposed: best.filter((gain) => gain > season.prices.importPrice).length / homes,
    honestTicks: mean(bases),
  };
}

/** What a season of a home comes to, ticks: its reward at most less its bills. */
export function playSeason(season: SeasonSlots, agent: number, scale: number, schedule: Schedule): number {
  const { fleet, series, prices, importPrice, exportPrice, scarcityPpm } = season;
  let storedWh = 0;
  let costTicks = 0;
  let importWh = 0;
  let pointsPpm = 0n;
  for (let place = 0; place < series.slots; ++place) {
    const netWh = Math.trunc(netOf(fleet, series, agent, place) * scale);
    const scarcity = scarcityPpm[place] ?? 0;
    const wantedWh = schedule({ netWh, scarcityPpm: scarcity });
    const takenWh = takeable(wantedWh, storedWh);
    storedWh += takenWh > 0 ? Math.floor((takenWh * BATTERY.roundTripPpm) / PPM) : takenWh;
    const meteredWh = netWh + takenWh;
    const slot = { ...prices, importPrice: importPrice[place] ?? 0, exportPrice: exportPrice[place] ?? 0 };
    costTicks += slotCostTicks(meteredWh, 0, { ...slot, clearingPrice: 0 });
    const flow = { importWh: Math.max(0, meteredWh), exportWh: Math.max(0, -meteredWh) };
    importWh += flow.importWh;
    pointsPpm += pointsOfReading(scarcity, flow);
  }
  const points = Number(concludedPoints({ pointsPpm, unprovedWh: 0 }));
  return (points + importWh) * season.pointPrice - costTicks;
}

/** What of it the battery can do: within its power, its room and what it holds. */
function takeable(wantedWh: number, storedWh: number): number {
  const room = Math.floor(((BATTERY.capacityWh - storedWh) * PPM) / BATTERY.roundTripPpm);
  return Math.max(-Math.min(storedWh, BATTERY.slotWh), Math.min(wantedWh, room, BATTERY.slotWh));
}

function netOf(fleet: Fleet, series: NetSeries, agent: number, place: number): number {
  return Math.trunc((series.netWh[(fleet.shape[agent] ?? 0) + place] ?? 0) * (fleet.size[agent] ?? 1));
}
