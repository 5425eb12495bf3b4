import type { ConnectedExchange, ExchangeEvent } from "../../chain/exchange.ts";
import { connectContract } from "../../chain/contract.ts";
import { contractAddress } from "../../chain/deployment.ts";
import { REPUTATION_ABI } from "../../chain/governanceAbi.ts";
import { JouleworkError } from "../../errors.ts";
import { seasonAt, seasonBounds } from "../../game/seasonClock.ts";
import { REBATE_LANES, rebatePriceOf } from "../../game/seasonRewards.ts";
import { connectSeasons } from "../../game/seasonsLink.ts";
import { readLedger } from "../../ledger/index.ts";
import { decodeTierDiscounts } from "../../market/fees.ts";
import type { ZoneLimits, ZoneTerms } from "../../market/tariff.ts";
import { MAX_SLOT } from "../../market/timeline.ts";
import { SLOTS_PER_DAY } from "../../units.ts";
import { readPreferences, type Preference } from "./readPreferences.ts";
import { seasonMeters, type MeteredDays, type SeasonMeter } from "./seasonMeters.ts";
import { readDecidedTerms, type DecidedTerms } from "./decidedTerms.ts";

/** What of the exchange a season is read from. */
const EVENTS = [
  ...([
    "ZoneCreated",
    "ZoneTermsSet",
    "TariffFixed",
    "SlotOpened",
    "SlotClosed",
    "SlotCleared",
    "OrderCleared",
  ] as const),
  ...(["MeterRegistered", "MeterReplaced", "MeterStatusChanged", "ReadingSettled", "PositionClosed"] as const),
  ...(["OrderSkipped", "ReadingSkipped", "Penalised"] as const),
] as const;

/** A zone of a season. */
export interface SeasonZone {
  readonly zone: number;
  readonly limits: ZoneLimits;
  /** What is decided for all slots to come: the present rules of a tuning. */
  readonly present: ZoneTerms;
}

/** Where the sites stood when the season was read, as of their last syncs. */
export interface SeasonStanding {
  readonly meanScorePpm: number;
  /** Sites of each tier from 0 on. */
  readonly sitesByTier: readonly number[];
}

/** A season as its chain tells it: of its whole days that were read, what every meter took and gave, at which limits it ordered, and the rules. */
export interface ChainSeason extends MeteredDays {
  readonly season: number;
  /** Length of every season of the deployment, slots. */
  readonly seasonSlots: number;
  readonly zones: readonly SeasonZone[];
  /** Feeders are not among them. */
  readonly meters: readonly SeasonMeter[];
  /** Slots of meters that no reading covers: they count as if nothing had flowed. */
  readonly unreadSlots: number;
  readonly preferences: ReadonlyMap<string, Preference>;
  /** By tier from 0 on. */
  readonly rebatePrices: readonly number[];
  readonly feeDiscountsPpm: readonly number[];
  readonly standing: SeasonStanding;
  readonly events: readonly ExchangeEvent[];
  readonly terms: DecidedTerms;
}

export interface ReadSeasonInput {
  readonly exchange: ConnectedExchange;
  /** The newest season with a whole day of readings where absent. */
  readonly season?: number | undefined;
  /** One zone alone; all zones where absent. */
  readonly zone?: number | undefined;
}

/**
 * Reads a season of a deployment from its chain.
 *
 * @throws JouleworkError SEASON_WITHOUT_DATA where no whole day of it (universal time) was read, ZONE_UNKNOWN where the zone has no meter.
 */
export async function readSeason({ exchange, season: asked, zone: only }: ReadSeasonInput): Promise<ChainSeason> {
  const { rpc, deployment, contract } = exchange;
  const [events, { contract: seasons, clock }] = await Promise.all([
    exchange.events({ names: EVENTS }),
    connectSeasons(rpc, deployment),
  ]);
  const { meters, readings } = readLedger(events, new Map());
  const own = meters.filter(({ role, zone }) => role !== "feeder" && (only === undefined || zone === only));
  if (own.length === 0 && only !== undefined) throw unknownZone(only, [...new Set(meters.map(({ zone }) => zone))]);
  const addresses = new Set(own.map(({ meter }) => meter));
  const newest = readings.reduce((last, { meter, slot }) => (addresses.has(meter) ? Math.max(last, slot) : last), 0);

  const candidates = asked === undefined ? upTo(seasonAt(clock, newest)) : [asked];
  const found = candidates
    .map((season) => ({ season, ...wholeDays(seasonBounds(clock, season), newest) }))
    .find(({ days }) => days > 0);
  if (found === undefined) throw withoutData(asked, newest);
  const { season, firstSlot, days } = found;

  const metered = seasonMeters({ events, meters: own, readings, firstSlot, days });
  if (
    metered.meters.every(({ importWh, exportWh }) => [importWh, exportWh].every((all) => all.every((wh) => wh === 0)))
  ) {
    throw withoutData(season, newest);
  }
  const terms = await readDecidedTerms(rpc, events);
  const numbers = [...new Set(own.map(({ zone }) => zone))].sort((a, b) => a - b);
  const [zones, rebateLanes, discounts, standing] = await Promise.all([
    Promise.all(
      numbers.map(async (zone): Promise<SeasonZone> => {
        const { limits } = await exchange.zone(zone);
        return { zone, limits, present: terms.at(zone, MAX_SLOT) };
      }),
    ),
    seasons.read("rebatePrices", []),
    contract.read("tierDiscounts", []),
    readStanding(exchange, events, addresses),
  ]);
  return {
    ...{ season, seasonSlots: clock.seasonSlots, zones, standing, events, terms },
    ...metered,
    preferences: readPreferences(events, metered),
    rebatePrices: Array.from({ length: REBATE_LANES }, (_, tier) => rebatePriceOf(rebateLanes, tier)),
    feeDiscountsPpm: decodeTierDiscounts(discounts),
  };
}

/** The present rules of a zone of the season. */
export function presentTerms({ zones, terms }: ChainSeason): (zone: number) => ZoneTerms {
  return (zone) => zones.find((one) => one.zone === zone)?.present ?? terms.at(zone, MAX_SLOT);
}

/** Score and tier of every site that has one of these meters. */
async function readStanding(
  { rpc, deployment }: ConnectedExchange,
  events: readonly ExchangeEvent[],
  meters: ReadonlySet<string>,
): Promise<SeasonStanding> {
  const sites = new Set(
    events.flatMap(({ name, args }) => (name === "MeterRegistered" && meters.has(args.meter) ? [args.site] : [])),
  );
  const reputation = connectContract({ rpc, abi: REPUTATION_ABI, address: contractAddress(deployment, "Reputation") });
  const held = await rpc.all([...sites].map((site) => reputation.request("reputationOf", [site])));
  const sitesByTier = [0, 0, 0, 0, 0];
  for (const { tier } of held) sitesByTier[tier] = (sitesByTier[tier] ?? 0) + 1;
  const meanScorePpm = held.reduce((sum, { scorePpm }) => sum + scorePpm, 0) / Math.max(1, held.length);
  return { meanScorePpm, sitesByTier };
}

/** The whole days in universal time between the first slot of a season and its last one that was read. */
function wholeDays(bounds: { readonly firstSlot: number; readonly lastSlot: number }, newest: number): MeteredPeriod {
  const firstSlot = Math.ceil(bounds.firstSlot / SLOTS_PER_DAY) * SLOTS_PER_DAY;
  const end = Math.min(bounds.lastSlot, newest) + 1;
  return { firstSlot, days: Math.max(0, Math.floor((end - firstSlot) / SLOTS_PER_DAY)) };
}

type MeteredPeriod = Pick<MeteredDays, "firstSlot" | "days">;

/** The newest first. */
function upTo(season: number): number[] {
  return Array.from({ length: season }, (_, index) => season - index);
}

function withoutData(season: number | undefined, newest: number): JouleworkError {
  return new JouleworkError({
    code: "SEASON_WITHOUT_DATA",
    what: "No whole day of the season has readings, so there is nothing to tune from",
    values: { season: season ?? "any", newestReading: newest },
    hint: "Wait until a day of the season (universal time) has been read, or name another season with --season.",
  });
}

function unknownZone(zone: number, known: readonly number[]): JouleworkError {
  return new JouleworkError({
    code: "ZONE_UNKNOWN",
    what: "The zone has no meter that trades",
    values: { zone, known: known.join(", ") },
    hint: "Name one of the deployment's zones.",
  });
}
