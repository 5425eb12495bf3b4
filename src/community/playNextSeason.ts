import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { blockCall } from "../chain/calls.ts";
import type { ConnectedExchange } from "../chain/exchange.ts";
import { JouleworkError } from "../errors.ts";
import { seasonBounds } from "../game/seasonClock.ts";
import { connectSeasons } from "../game/seasonsLink.ts";
import { METER_STATUS_CODES } from "../market/codes.ts";
import { marketDomain } from "../market/messages.ts";
import type { ZoneLimits, ZoneTerms } from "../market/tariff.ts";
import { simulateProfiles } from "../meters/profiles/simulateProfiles.ts";
import { PPM, SLOTS_PER_DAY } from "../units.ts";
import { COMMUNITY_PLACE, defaultCommunity, MIN_COMMUNITY_METERS } from "./defaultCommunity.ts";
import { clockedSender, localClock } from "./localClock.ts";
import type { LocalSenders } from "./localSenders.ts";
import { communityMembers, type Member } from "./members.ts";
import { openServices } from "./openServices.ts";
import { playSeason, type SeasonResult } from "./playSeason.ts";
import type { CommunityMarket } from "./registerCommunity.ts";
import { runSlots } from "./runSlots.ts";
import { connectReputation, syncSites } from "./standing.ts";
import { topUpCommunity } from "./topUpCommunity.ts";
import type { CommunitySpec } from "./types.ts";

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
    ({ zone }, place) =>
      states[place]?.word.zone !== zone || states[place].config.status !== METER_STATUS_CODES.active,
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
 * Plays a season to come of the demonstration's community on its local chain, the day before it included, on which its first day's prices go by:
 * meters follow the simulated weather of those days, order by the prices of the rules that hold, and all sites take part in the season. Nobody
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
      await runSlots({
        ...{ exchange, services, clock, domain, members, zones, seed, slots },
        ...{ firstSlot: from, countFrom: firstSlot },
        profiles: simulateProfiles({ community, firstSlot: from, slots, seed, ...COMMUNITY_PLACE }),
        registers: new Map(members.map(({ name }, place) => [name, states[place]?.word ?? { importWh: 0, exportWh: 0 }])),
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

/** The dearest Wh: at the cap, with the fee and all charges. */
function communityMarket({ terms, limits }: PlayNextSeasonInput["market"]): CommunityMarket {
  const fee = Math.ceil((limits.capPrice * terms.feePpm) / PPM);
  return { terms, limits, dearestWh: BigInt(limits.capPrice + fee + terms.networkGridPrice + terms.levyPrice) };
}
