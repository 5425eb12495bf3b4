import { SHARES_OF_CHARGES } from "../game/points.ts";
import { MAX_SLOPE_PPM } from "../market/tariff.ts";
import { parseScenario, type Scenario } from "../simulation/scenario.ts";

/** A rule that governance may change, or a constant of the contracts, as one number. */
export interface Tunable {
  readonly name: "slopePpm" | "spreadPpm" | "rebatePpm" | keyof Scenario["constants"];
  readonly lower: number;
  readonly upper: number;
  readonly read: (scenario: Scenario) => number;
  readonly write: (scenario: Scenario, value: number) => Scenario;
}

/** Values by the names of `TUNABLES` and `CONSTANTS`. */
export type Settings = Readonly<Record<Tunable["name"], number>>;

const PPM = 1_000_000;
/** The largest rebate of a tier that the contract takes (`MAX_REBATE_PRICE`), ticks per Wh. */
const LARGEST_REBATE = 100_000;
/** Rebates of tiers 0 to 4 where a scenario names none above zero. */
const USUAL_REBATES = [0, 500, 1_000, 2_000, 4_000];

/**
 * What a tuning may change: how far scarcity moves the backstop prices; how far they stand apart, as a share of their middle, which stays
 * where it is; and how high tier rebates are, as a share of the present ones.
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
    // Where there are no rebates, the usual ones are what a share is of.
    read: ({ game }) => (hasRebates(game) ? PPM : 0),
    write: (scenario, value) => ({ ...scenario, game: { ...scenario.game, rebatePrices: rebates(scenario, value) } }),
  },
];

/** What only a new deployment can have otherwise: how fast prices follow, what a score forgets and what a point weighs. */
export const CONSTANTS: readonly Tunable[] = [
  constant("stepDivisor", 2, 32),
  constant("halfLifeDays", 2, 32),
  constant("pointShares", SHARES_OF_CHARGES, 50),
];

const ALL = [...TUNABLES, ...CONSTANTS];

/** The present values of a scenario. */
export function readSettings(scenario: Scenario): Settings {
  return Object.fromEntries(ALL.map(({ name, read }) => [name, read(scenario)])) as unknown as Settings;
}

/** A scenario with other values; whoever asks for what the contracts do not allow gets the schema's error. */
export function withSettings(scenario: Scenario, settings: Settings): Scenario {
  return parseScenario(ALL.reduce((changed, { name, write }) => write(changed, settings[name]), scenario));
}

/** Between 0 and 1 by each tunable's bounds, in their order; the way of the search. */
export function toUnit(settings: Settings, tunables: readonly Tunable[]): number[] {
  return tunables.map(({ name, lower, upper }) => Math.min(1, Math.max(0, (settings[name] - lower) / (upper - lower))));
}

/** The reverse of `toUnit`, in whole numbers. */
export function fromUnit(point: readonly number[], tunables: readonly Tunable[]): Partial<Settings> {
  return Object.fromEntries(
    tunables.map(({ name, lower, upper }, index) => [name, Math.round(lower + (point[index] ?? 0) * (upper - lower))]),
  );
}

function constant(name: keyof Scenario["constants"], lower: number, upper: number): Tunable {
  return {
    ...{ name, lower, upper },
    read: ({ constants }) => constants[name],
    write: (scenario, value) => ({ ...scenario, constants: { ...scenario.constants, [name]: value } }),
  };
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
  const present = hasRebates(game) || sharePpm === 0 ? game.rebatePrices : USUAL_REBATES;
  return present.map((price) => Math.min(LARGEST_REBATE, Math.round((price * sharePpm) / PPM)));
}

function hasRebates({ rebatePrices }: Scenario["game"]): boolean {
  return rebatePrices.some((price) => price > 0);
}
