import { MAX_SLOPE_PPM } from "../market/tariff.ts";
import { parseScenario, type Scenario } from "../simulation/scenario.ts";

/** A rule that governance may change, as one number. */
export interface Tunable {
  readonly name: "slopePpm" | "spreadPpm" | "rebatePpm";
  readonly lower: number;
  readonly upper: number;
  readonly read: (scenario: Scenario) => number;
  readonly write: (scenario: Scenario, value: number) => Scenario;
}

/** Values by the names of `TUNABLES`. */
export type Settings = Readonly<Record<Tunable["name"], number>>;

const PPM = 1_000_000;
/** The largest rebate of a tier that the contract takes (`MAX_REBATE_PRICE`), ticks per Wh. */
const LARGEST_REBATE = 100_000;
/** Rebates of tiers 0 to 4 where a scenario names none above zero. */
const USUAL_REBATES = [0, 500, 1_000, 2_000, 4_000];

/**
 * What a tuning may change: how far scarcity moves the backstop prices; how far they stand apart, as a share of their middle, which stays
 * where it is; and how high tier rebates are, as a share of the present ones. How fast prices are smoothed and what a score forgets are
 * constants of the contracts, which governance cannot set either.
 */
export const TUNABLES: readonly Tunable[] = [
  {
    name: "slopePpm",
    lower: 0,
    upper: MAX_SLOPE_PPM,
    read: ({ market }) => market.slopePpm,
    write: (scenario, value) => ({ ...scenario, market: { ...scenario.market, slopePpm: Math.round(value) } }),
  },
  {
    name: "spreadPpm",
    lower: 50_000,
    upper: 1_900_000,
    read: ({ market: { importPrice, exportPrice } }) =>
      Math.round(((importPrice - exportPrice) * 2 * PPM) / (importPrice + exportPrice)),
    write: (scenario, value) => ({ ...scenario, market: { ...scenario.market, ...pricesApart(scenario, value) } }),
  },
  {
    name: "rebatePpm",
    lower: 0,
    upper: 4 * PPM,
    read: () => PPM,
    write: (scenario, value) => ({ ...scenario, game: { ...scenario.game, rebatePrices: rebates(scenario, value) } }),
  },
];

/** The present values of a scenario. */
export function readSettings(scenario: Scenario): Settings {
  return settingsOf((tunable) => tunable.read(scenario));
}

/** A scenario with other values; whoever asks for what the contracts do not allow gets the schema's error. */
export function withSettings(scenario: Scenario, settings: Settings): Scenario {
  return parseScenario(TUNABLES.reduce((changed, { name, write }) => write(changed, settings[name]), scenario));
}

/** Between 0 and 1 by each tunable's bounds, in the order of `TUNABLES`; the way of the search. */
export function toUnit(settings: Settings): number[] {
  return TUNABLES.map(({ name, lower, upper }) => Math.min(1, Math.max(0, (settings[name] - lower) / (upper - lower))));
}

/** The reverse of `toUnit`, in whole numbers. */
export function fromUnit(point: readonly number[]): Settings {
  return settingsOf(({ lower, upper }, index) => Math.round(lower + (point[index] ?? 0) * (upper - lower)));
}

function settingsOf(value: (tunable: Tunable, index: number) => number): Settings {
  return Object.fromEntries(
    TUNABLES.map((tunable, index) => [tunable.name, value(tunable, index)]),
  ) as unknown as Settings;
}

/** Backstop prices this far apart, within the zone's bounds; the middle gives way where a bound is met. */
function pricesApart({ market }: Scenario, spreadPpm: number): { importPrice: number; exportPrice: number } {
  const middle = (market.importPrice + market.exportPrice) / 2;
  const half = (middle * spreadPpm) / (2 * PPM);
  const exportPrice = Math.round(Math.min(market.exportCapPrice, Math.max(market.floorPrice, middle - half)));
  const importPrice = Math.round(Math.min(market.capPrice, Math.max(exportPrice, middle + half)));
  return { importPrice, exportPrice };
}

function rebates({ game }: Scenario, sharePpm: number): number[] {
  const present = game.rebatePrices.some((price) => price > 0) ? game.rebatePrices : USUAL_REBATES;
  return present.map((price) => Math.min(LARGEST_REBATE, Math.round((price * sharePpm) / PPM)));
}
