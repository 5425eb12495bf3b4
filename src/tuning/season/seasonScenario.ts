import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { JouleworkError } from "../../errors.ts";
import { classRatedPowerW } from "../../market/powerClass.ts";
import type { ZoneLimits, ZoneTerms } from "../../market/tariff.ts";
import { parseScenario, type Scenario } from "../../simulation/scenario.ts";
import { SLOTS_PER_DAY, slotStart } from "../../units.ts";
import type { ChainSeason, SeasonZone } from "./readSeason.ts";
import type { SeasonMeter } from "./seasonMeters.ts";

/** A scenario of a season, with files that its agents' measurements are in. */
export interface SeasonScenario {
  readonly scenario: Scenario;
  /** Numbers of the zones on chain, in the order of the scenario's. */
  readonly zones: readonly number[];
}

/**
 * The scenario that a season makes: a group of measured agents for each kind of meter and zone, at the zone's present rules. Its measurements are
 * written to `folder`, which has to be there as long as the scenario is played.
 *
 * What a chain does not tell is left out rather than made up: which load could have waited, what a battery would have done at another price, and
 * what training was meant but not done. So a measured agent moves no energy by the price; a rule changes what it pays.
 *
 * @throws JouleworkError ZONES_DIFFER where zones have different rules or bounds.
 */
export function seasonScenario(season: ChainSeason, folder: string): SeasonScenario {
  const { terms, limits } = sharedRules(season.zones);
  const zones = season.zones.map(({ zone }) => zone);
  const nameOf = ({ zone, kind }: SeasonMeter) => `${kind} ${String(zone)}`;
  const agents = [...new Set(season.meters.map(nameOf))].map((name) => {
    const meters = season.meters.filter((meter) => nameOf(meter) === name);
    const profiles = join(folder, name.replace(" ", "-"));
    mkdirSync(profiles, { recursive: true });
    writeFileSync(join(profiles, "readings.csv"), readingsCsv(season, meters));
    const [{ zone } = { zone: 0 }] = meters;
    return {
      ...{ name, kind: "measured", count: meters.length, profiles, zone: zones.indexOf(zone) + 1 },
      ...{ ratedPowerW: ratedPowerOf(meters), ...preferenceOf(season, meters) },
    };
  });
  const scenario = parseScenario({
    name: `season ${String(season.season)}`,
    description: "Read from a chain: every agent is a meter with its measured energy.",
    start: new Date(slotStart(season.firstSlot) * 1_000).toISOString().slice(0, 10),
    ...{ days: season.days, dayBefore: season.dayBefore, zones: zones.length, lossPpm: limits.lossPpm },
    // Measured agents have no sun and no habits that depend on a place.
    ...{ latitudeDeg: 0, longitudeDeg: 0 },
    market: { ...marketOf(terms), ...boundsOf(limits) },
    game: {
      seasonSlots: season.seasonSlots,
      rebatePrices: season.rebatePrices,
      feeDiscountsPpm: season.feeDiscountsPpm,
    },
    agents,
  });
  return { scenario, zones };
}

/** The scenario at the rules under which its season was played; undefined where the zones' were different. */
export function underOwnRules(scenario: Scenario, { zones, terms, firstSlot }: ChainSeason): Scenario | undefined {
  const [own, ...others] = zones.map(({ zone }) => terms.at(zone, firstSlot));
  if (own === undefined) return undefined;
  const written = (one: ZoneTerms) => JSON.stringify(marketOf(one));
  return others.some((other) => written(other) !== written(own)) ? undefined : underRules(scenario, own);
}

/** The scenario at other rules of all its zones. */
export function underRules(
  scenario: Scenario,
  terms: ZoneTerms,
  rebatePrices: readonly number[] = scenario.game.rebatePrices,
): Scenario {
  return parseScenario({
    ...scenario,
    market: { ...scenario.market, ...marketOf(terms) },
    game: { ...scenario.game, rebatePrices },
  });
}

function marketOf(terms: ZoneTerms): Omit<ZoneTerms, "fromSlot"> {
  const { rule, importPrice, exportPrice, slopePpm, feePpm, networkLocalPrice, networkGridPrice, levyPrice } = terms;
  return { rule, importPrice, exportPrice, slopePpm, feePpm, networkLocalPrice, networkGridPrice, levyPrice };
}

function boundsOf({ floorPrice, capPrice, exportCapPrice }: ZoneLimits) {
  return { floorPrice, capPrice, exportCapPrice };
}

/** A scenario has one market, which all zones of it share. */
function sharedRules(zones: readonly SeasonZone[]): { readonly terms: ZoneTerms; readonly limits: ZoneLimits } {
  const written = ({ present, limits }: SeasonZone) =>
    JSON.stringify([marketOf(present), boundsOf(limits), limits.lossPpm]);
  const [first] = zones;
  const other = zones.find((zone) => first !== undefined && written(zone) !== written(first));
  if (first !== undefined && other === undefined) return { terms: first.present, limits: first.limits };
  throw new JouleworkError({
    code: "ZONES_DIFFER",
    what: "The zones have different rules or bounds, and a tuning searches one set of rules",
    values: { zones: zones.map(({ zone }) => zone).join(", "), unlikeTheFirst: other?.zone ?? 0 },
    hint: "Tune one of them at a time with --zone.",
  });
}

/** A row for each meter and slot, the day before included. */
function readingsCsv({ firstSlot, dayBefore }: ChainSeason, meters: readonly SeasonMeter[]): string {
  const from = firstSlot - (dayBefore ? SLOTS_PER_DAY : 0);
  const rows = meters.flatMap(({ meter, importWh, exportWh }) =>
    Array.from(importWh, (taken, index) => {
      const time = new Date(slotStart(from + index) * 1_000).toISOString();
      return `${time},${meter},${String(taken)},${String(exportWh[index] ?? 0)}`;
    }),
  );
  return ["timestamp,meter,import_wh,export_wh", ...rows, ""].join("\n");
}

/** The mean rating, so that lines are as strong as the meters' own ratings say; more where a reading needs it. */
function ratedPowerOf(meters: readonly SeasonMeter[]): number {
  const mean = meters.reduce((sum, { powerClass }) => sum + classRatedPowerW(powerClass), 0) / meters.length;
  const largestWh = meters.reduce((most, { importWh, exportWh }) => Math.max(most, ...importWh, ...exportWh), 0);
  return Math.max(Math.ceil(mean), largestWh * SLOTS_PER_HOUR);
}

const SLOTS_PER_HOUR = 4;

/** How a group orders: limits between the least and the most reluctant of its meters, and the error of all its orders together. */
function preferenceOf({ preferences }: ChainSeason, meters: readonly SeasonMeter[]) {
  const known = meters.flatMap(({ meter }) => preferences.get(meter) ?? []);
  if (known.length === 0) return {};
  const distances = known.map(({ reluctance }) => Math.min(1, Math.max(0, reluctance)));
  const flow = known.reduce((sum, { flowSquares }) => sum + flowSquares, 0);
  const error = known.reduce((sum, { errorSquares }) => sum + errorSquares, 0);
  return {
    reluctance: [Math.min(...distances), Math.max(...distances)],
    forecastError: flow === 0 ? 0 : Math.min(1, Math.sqrt(error / flow)),
  };
}
