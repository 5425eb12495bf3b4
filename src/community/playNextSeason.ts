import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { blockCall } from "../chain/calls.ts";
import type { ConnectedExchange } from "../chain/exchange.ts";
import { mineAt } from "../chain/localChain.ts";
import { JouleworkError } from "../errors.ts";
import { seasonBounds } from "../game/seasonClock.ts";
import { connectSeasons } from "../game/seasonsLink.ts";
import { METER_STATUS_CODES } from "../market/codes.ts";
import { marketDomain, type MarketDomain } from "../market/messages.ts";
import type { Closer } from "../market/service/createCloser.ts";
import { signReading } from "../market/sign.ts";
import type { ZoneLimits, ZoneTerms } from "../market/tariff.ts";
import { READING_SLOTS } from "../market/timeline.ts";
import type { ReadingInput } from "../meters/gateway/types.ts";
import { simulateProfiles } from "../meters/profiles/simulateProfiles.ts";
import { PPM, slotStart, SLOTS_PER_DAY } from "../units.ts";
import { COMMUNITY_PLACE, defaultCommunity, MIN_COMMUNITY_METERS } from "./defaultCommunity.ts";
import { clockedSender, localClock } from "./localClock.ts";
import type { LocalSenders } from "./localSenders.ts";
import { communityMembers, type Member } from "./members.ts";
import { openServices } from "./openServices.ts";
import { playSeason, type SeasonResult } from "./playSeason.ts";
import type { CommunityMarket } from "./registerCommunity.ts";
import { runSlots, type Registers } from "./runSlots.ts";
import { connectReputation, syncSites } from "./standing.ts";
import { topUpCommunity } from "./topUpCommunity.ts";
import type { CommunitySpec } from "./types.ts";

const NOTHING: Registers = { importWh: 0, exportWh: 0 };
/** Seconds into a slot at which the last slots before the play are read; orders of the next one follow later in it. */
const CATCH_UP_AFTER = 20;
/** Steps of the closer, of 128 slots each: more than a year. */
const MOST_STEPS = 300;

/** A simulated community, which its seed and size say all of. */
export interface SimulatedCommunity {
  readonly community: CommunitySpec;
  readonly members: readonly Member[];
  readonly seed: number;
}

export interface PlayNextSeasonInput {
  readonly exchange: ConnectedExchange;
  readonly senders: LocalSenders;
  readonly played: SimulatedCommunity;
  readonly season: number;
  /** Rules that hold in the season, and the zones' bounds: what meters have to be prepaid for. */
  readonly market: { readonly terms: ZoneTerms; readonly limits: ZoneLimits };
  readonly onSlot?: (done: number, total: number) => void;
}

/**
 * The demonstration's community of this seed and size.
 *
 * @throws JouleworkError COMMUNITY_UNKNOWN where the deployment has other meters: their devices alone can sign for them.
 */
export async function requireCommunity(
  exchange: ConnectedExchange,
  { seed, meters }: { readonly seed: number; readonly meters: number },
): Promise<SimulatedCommunity> {
  const community = defaultCommunity({ meters: Math.max(meters, MIN_COMMUNITY_METERS), seed });
  const members = communityMembers(community, seed);
  const states = await exchange.meters(members.map(({ key }) => key.address));
  const missing = members.find(
    ({ zone }, place) => states[place]?.word.zone !== zone || states[place].config.status !== METER_STATUS_CODES.active,
  );
  if (missing === undefined) return { community, members, seed };
  throw new JouleworkError({
    code: "COMMUNITY_UNKNOWN",
    what: "The deployment's meters are not those of a simulated community with this seed, so nobody here can sign for them",
    values: { seed, meters, missing: missing.name },
    hint: "Name the seed of `npm start` with --seed; a community of real meters plays its next season itself.",
  });
}

/**
 * Plays a season to come of the demonstration's community on its local chain, the day before it included, which is read and not traded and on which
 * its first day's prices go by: meters follow the simulated weather of those days, order by the prices of the rules that hold, and all sites take part in the season. Nobody
 * cheats and nobody trains.
 */
export async function playNextSeason(input: PlayNextSeasonInput): Promise<SeasonResult> {
  const { exchange, senders, played, season, onSlot } = input;
  const { community, members, seed } = played;
  const { rpc, deployment } = exchange;
  const { clock: seasons } = await connectSeasons(rpc, deployment);
  const { firstSlot, lastSlot } = seasonBounds(seasons, season);
  const from = firstSlot - SLOTS_PER_DAY;
  const slots = lastSlot + 1 - from;
  const states = await exchange.meters(members.map(({ key }) => key.address));
  const sites = new Map(members.map(({ site }, place) => [site, states[place]?.config.site ?? 0]));
  await topUpCommunity({
    ...{ exchange, members, sites, senders },
    days: Math.ceil(slots / SLOTS_PER_DAY),
    market: communityMarket(input.market),
  });

  // Orders of the first slot are asked for at the chain's time, so it has to be there.
  await mineAt(rpc, slotStart(from - 1) + CATCH_UP_AFTER);

  const folder = await mkdtemp(join(tmpdir(), "joulework-season-"));
  try {
    const clock = localClock((await rpc.call(blockCall("latest")))?.timestamp ?? 0);
    const domain = marketDomain(deployment.chainId, exchange.address);
    const zones = community.zones.length;
    const services = openServices({ exchange, domain, senders, zones, folder, clock });
    try {
      const feeders = new Set(community.zones.map(({ feeder }) => feeder.name));
      const playing = [...sites].flatMap(([name, site]) => (feeders.has(name) ? [] : [site]));
      const owner = clockedSender(rpc, senders.of("owner"), clock);
      const anybody = clockedSender(rpc, senders.of("watcher"), clock);
      const game = playSeason({ exchange, clock, owner, sites: playing, zones, season });
      const reputation = connectReputation(exchange);
      await passOver(services.closer, clock.now());
      const registers = new Map(members.map(({ name }, place) => [name, states[place]?.word ?? NOTHING]));
      for (let slot = from - 1 - READING_SLOTS; slot < from - 1; ++slot) {
        await services.gateway.submitAll(members.map((member) => reading(domain, member, slot, registers)));
        await services.gateway.step(clock.now());
      }
      await runSlots({
        ...{ exchange, services, clock, domain, members, zones, seed, slots },
        ...{ firstSlot: from, tradeFrom: firstSlot, countFrom: firstSlot },
        profiles: simulateProfiles({ community, firstSlot: from, slots, seed, ...COMMUNITY_PLACE }),
        registers,
        async afterSlot(slot) {
          if (slot + 1 === firstSlot) await game.enrol();
          if ((slot + 1) % SLOTS_PER_DAY === 0) await syncSites(reputation, anybody, playing);
        },
        onSlot: (done) => onSlot?.(done, slots),
      });
      return await game.finish();
    } finally {
      services.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Closes what nobody has touched since the last run: a closer has to be up to date before new slots begin. */
async function passOver(closer: Closer, now: number): Promise<void> {
  for (let step = 0; step < MOST_STEPS; ++step) {
    const { transactions } = await closer.step(now);
    if (transactions === 0) return;
  }
}

/**
 * A reading in which nothing flowed. Meters that stood still are read again from the newest slot on whose predecessors can no longer be read in time: the
 * contract takes no reading over an earlier one that may still come.
 */
function reading(
  domain: MarketDomain,
  { name, key, zone }: Member,
  slot: number,
  registers: ReadonlyMap<string, Registers>,
): ReadingInput {
  const { importWh, exportWh } = registers.get(name) ?? NOTHING;
  const facts = { zone, slot, importWh, exportWh };
  return { ...facts, signature: signReading(domain, key, facts).signature };
}

/** The dearest Wh: at the cap, with the fee and all charges. */
function communityMarket({ terms, limits }: PlayNextSeasonInput["market"]): CommunityMarket {
  const fee = Math.ceil((limits.capPrice * terms.feePpm) / PPM);
  return { terms, limits, dearestWh: BigInt(limits.capPrice + fee + terms.networkGridPrice + terms.levyPrice) };
}
