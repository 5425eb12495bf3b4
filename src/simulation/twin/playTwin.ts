import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { blockCall } from "../../chain/calls.ts";
import type { ConnectedExchange, SlotTariff } from "../../chain/exchange.ts";
import { clockedSender, localClock } from "../../community/localClock.ts";
import type { Member } from "../../community/members.ts";
import { openServices } from "../../community/openServices.ts";
import { registerCommunity } from "../../community/registerCommunity.ts";
import { runSlots } from "../../community/runSlots.ts";
import type { Order } from "../../market/messages.ts";
import type { EnergyProfile } from "../../meters/profiles/energyProfile.ts";
import { feederProfile } from "../../meters/profiles/feederProfile.ts";
import { chainRecord, placeOf, RECORDED_EVENTS } from "./chainRecord.ts";
import { compareTwin } from "./compareTwin.ts";
import type { Differences } from "./differences.ts";
import { issueTwinCertificates } from "./issueTwinCertificates.ts";
import { playTwinGame, type NotedWork } from "./playTwinGame.ts";
import { recordRun, type RecordedRun, type RecordedSlot } from "./recordRun.ts";
import type { Sample } from "./sample.ts";
import { twinCommunity, type TwinCommunity } from "./twinCommunity.ts";

export interface PlayTwinInput {
  /** A local chain whose contracts were just deployed. */
  readonly exchange: ConnectedExchange;
  readonly sample: Sample;
  /** Makes the energy that waits for each slot known to the chain, zone after zone from the first slot on; not called where nothing waits. */
  readonly setQueue: (zone: number, firstSlot: number, queuedWh: readonly number[]) => Promise<void>;
  /** Notes work with reputation before a day's sync, in a block of this time. */
  readonly noteWork: (works: readonly NotedWork[], unixSeconds: number) => Promise<void>;
  readonly onSlot?: (done: number) => void;
}

/**
 * Plays a sample in the simulator and then, with the very orders and readings that it made, on a chain: meters are registered, orders go
 * to the matcher and readings to the gateway, and both are held against each other.
 */
export async function playTwin({ exchange, sample, setQueue, noteWork, onSlot }: PlayTwinInput): Promise<Differences> {
  const { scenario, series } = sample;
  const twin = twinCommunity(sample);
  const { members, market, community } = twin;
  const zones = community.zones;
  const { firstSlot, slots } = series;
  const { rule } = scenario.market;
  const registered = { exchange, members, zones, firstSlot, days: scenario.days, rule, market };
  const { domain, senders, sites } = await registerCommunity(registered);
  const agents = members.filter(({ kind }) => kind !== "feeder");
  const addresses = agents.map(({ key }) => key.address);
  const recorded = recordRun(sample, domain, addresses);
  const byPlace = new Map(recorded.zones.flat().map((slot) => [placeOf(slot.zone, slot.slot), slot]));
  for (const [index, zoneSlots] of recorded.zones.entries()) {
    const queued = zoneSlots.map(({ queuedWh }) => queuedWh);
    if (queued.some((waiting) => waiting > 0)) await setQueue(index + 1, firstSlot, queued);
  }
  const balances = await balancesOf(exchange, addresses);
  const tariffs = new Map<string, SlotTariff>();

  const folder = await mkdtemp(join(tmpdir(), "joulework-twin-"));
  try {
    const { timestamp = 0 } = (await exchange.rpc.call(blockCall("latest"))) ?? {};
    const clock = localClock(timestamp);
    const services = openServices({ exchange, domain, senders, zones: zones.length, folder, clock });
    try {
      const game = playTwinGame({
        ...{ exchange, clock, senders, zones: zones.length, firstSlot, syncs: recorded.syncs, noteWork },
        sites: agents.map(({ site }) => sites.get(site) ?? 0),
      });
      const { orders } = await runSlots({
        ...{ exchange, services, clock, domain, members, firstSlot, slots, onSlot: onSlot ?? (() => undefined) },
        ...{ zones: zones.length, countFrom: firstSlot, seed: scenario.seed },
        profiles: profilesOf(twin, agents, recorded.zones, slots),
        orderOf: (member, slot) => orderOf(byPlace.get(placeOf(member.zone, slot)), agents.indexOf(member)),
        async afterSlot(slot) {
          for (let zone = 1; slot >= firstSlot && zone <= zones.length; ++zone) {
            tariffs.set(placeOf(zone, slot), await exchange.tariff(zone, slot));
          }
          await game.afterSlot(slot);
        },
      });
      const chain = chainRecord(await exchange.events({ names: RECORDED_EVENTS }));
      const balancesAfter = await balancesOf(exchange, addresses);
      const season = await game.finish();
      // The window's last slots can be closed by now.
      await services.closer.step(clock.now());
      const owner = clockedSender(exchange.rpc, senders.of("owner"), clock);
      const certificates =
        scenario.certificatePrice === 0
          ? undefined
          : await issueTwinCertificates({ exchange, owner, meters: addresses, firstSlot, slots });
      const played = { chain, tariffs, balances, balancesAfter, orders, game: season, certificates };
      return compareTwin(recorded, agents, played);
    } finally {
      services.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function orderOf(recorded: RecordedSlot | undefined, agent: number): Order | undefined {
  const order = recorded?.orders.get(agent);
  if (recorded === undefined || order === undefined) return undefined;
  const { side, energyWh, limitPrice } = order;
  return { zone: recorded.zone, slot: recorded.slot, side, energyWh, limitPrice };
}

/** What every meter measures, the feeders' made of it as always. */
function profilesOf(
  { community }: TwinCommunity,
  agents: readonly Member[],
  recorded: RecordedRun["zones"],
  slots: number,
): Map<string, EnergyProfile> {
  const profiles = new Map<string, EnergyProfile>();
  for (const [zone, zoneSlots] of recorded.entries()) {
    const meters = agents
      .filter((agent) => agent.zone === zone + 1)
      .map((agent, index) => {
        const net = zoneSlots.map(({ netWh }) => netWh[index] ?? 0);
        const profile = {
          importWh: Uint32Array.from(net, (wh) => Math.max(0, wh)),
          exportWh: Uint32Array.from(net, (wh) => Math.max(0, -wh)),
        };
        profiles.set(agent.name, profile);
        return profile;
      });
    const spec = community.zones[zone];
    if (spec !== undefined) profiles.set(spec.feeder.name, feederProfile({ zone: spec, meters, slots }));
  }
  return profiles;
}

async function balancesOf(exchange: ConnectedExchange, meters: readonly string[]): Promise<Map<string, bigint>> {
  const states = await exchange.meters(meters);
  return new Map(states.map(({ address, word }) => [address, word.balanceTicks]));
}
