import type { Flow } from "../game/points.ts";
import type { SeasonClock } from "../game/seasonClock.ts";
import type { ConcludedSite, SeasonShare } from "../game/seasonRewards.ts";

/** A settled reading as the audit noted it. */
export interface NotedReading extends Flow {
  readonly gap: boolean;
}

/** A meter in a season. */
export interface MeterSeason {
  readonly site: number;
  readonly start: Flow;
  proved: Flow;
  provedThrough: number;
  concluded: boolean;
}

/** A site in a season. */
export interface SiteSeasonEntry {
  pointsPpm: bigint;
  importWh: number;
  shedWh: number;
  pointPrice: number;
  rebatePrice: number;
  meters: number;
  stage: "enrolled" | "concluded" | "collected";
  tier: number;
  streak: number;
  owner: string;
  points: bigint;
  unprovedWh: number;
}

export interface SeasonEntry {
  readonly sites: Map<number, SiteSeasonEntry>;
  readonly meters: Map<string, MeterSeason>;
  /** In the order of their conclusions. */
  readonly concluded: (ConcludedSite & { readonly owner: string })[];
  /** Of the finished season, credit base units. */
  division: { readonly pool: bigint; readonly rebates: bigint; readonly shares: readonly SeasonShare[] } | undefined;
  paid: bigint;
}

export interface CalledEvent {
  readonly season: number;
  readonly zone: number;
  readonly firstSlot: number;
  readonly slots: number;
  readonly pointsPpm: number;
  /** `site/slot` that were claimed. */
  readonly claimed: Set<string>;
}

export interface QuestEntry {
  readonly goal: number;
  readonly threshold: bigint;
  readonly fromSeason: number;
  throughSeason: number;
}

/** Seasons, quests and badges as their events tell them, and what of the exchange they are recomputed from. */
export interface SeasonsState {
  /** Where they are; undefined before they started. */
  address: string | undefined;
  clock: SeasonClock | undefined;
  rebateLanes: bigint;
  readonly seasons: Map<number, SeasonEntry>;
  readonly events: CalledEvent[];
  readonly quests: QuestEntry[];
  /** `quest/season/site` to holder. */
  readonly badges: Map<string, string>;
  readonly streaks: Map<number, { readonly season: number; readonly streak: number }>;
  readonly agents: Map<string, string>;
  /** Published scarcity by `zone/slot`; 0 where a price carried over. */
  readonly scarcity: Map<string, number>;
  /** Settled readings by `meter/slot`. */
  readonly readings: Map<string, NotedReading>;
  lastFinished: number;
}

export function createSeasons(): SeasonsState {
  return {
    address: undefined,
    clock: undefined,
    rebateLanes: 0n,
    seasons: new Map(),
    events: [],
    quests: [],
    badges: new Map(),
    streaks: new Map(),
    agents: new Map(),
    scarcity: new Map(),
    readings: new Map(),
    lastFinished: 0,
  };
}

export function seasonOf({ seasons }: SeasonsState, season: number): SeasonEntry {
  const found = seasons.get(season);
  if (found !== undefined) return found;
  const entry: SeasonEntry = { sites: new Map(), meters: new Map(), concluded: [], division: undefined, paid: 0n };
  seasons.set(season, entry);
  return entry;
}
