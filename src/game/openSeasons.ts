import { blockCall } from "../chain/calls.ts";
import type { ConnectedExchange } from "../chain/exchange.ts";
import { fetchEvents } from "../chain/logs.ts";
import { SEASONS_ABI } from "../chain/seasonsAbi.ts";
import type { Sender } from "../chain/sender.ts";
import type { TransactionRequest } from "../chain/signTransaction.ts";
import { JouleworkError } from "../errors.ts";
import { slotOf } from "../units.ts";
import { baselineSlots } from "./baseline.ts";
import { planProofs } from "./planProofs.ts";
import { seasonAt, seasonBounds } from "./seasonClock.ts";
import { connectSeasons, type SeasonsLink } from "./seasonsLink.ts";
import { readSettledReadings, type SettledReadings } from "./settledReadings.ts";

export interface OpenSeasonsParameters {
  readonly exchange: ConnectedExchange;
  /** Of the sites' owner, or of the agent that the owners name. */
  readonly sender: Sender;
}

/** What owners, or an agent of many, do in a season; each verb sends for all given sites at once. */
export interface OpenSeasons extends SeasonsLink {
  /** The season under way, and 0 before the first. */
  readonly current: () => Promise<number>;
  readonly enrol: (season: number, sites: readonly number[]) => Promise<void>;
  /** Proves every reading that is left, up to now. Returns how many. */
  readonly prove: (season: number, sites: readonly number[]) => Promise<number>;
  /** Claims a slot of an event. */
  readonly claimEvent: (eventId: number, slot: number, site: number) => Promise<void>;
  /** Concludes; meters that were retired or replaced since the enrolment are found and named. */
  readonly conclude: (season: number, sites: readonly number[]) => Promise<void>;
  /** Fixes the pool, if nobody has, and pays every site that has something to collect. Returns base units paid. */
  readonly payOut: (season: number, sites: readonly number[]) => Promise<bigint>;
}

const VERB_GAS = 3_000_000n;

/** Connects to the seasons of the exchange's deployment. */
export async function openSeasons({ exchange, sender }: OpenSeasonsParameters): Promise<OpenSeasons> {
  const { rpc, deployment } = exchange;
  const link = await connectSeasons(rpc, deployment);
  const { contract, clock } = link;

  const request = (data: string, gasLimit?: bigint): TransactionRequest => ({
    to: contract.address,
    data,
    ...(gasLimit === undefined ? {} : { gasLimit }),
  });
  const newest = async () => {
    const block = await rpc.call(blockCall("latest"));
    if (block === undefined) throw new RangeError("a chain has a newest block");
    return block;
  };
  const settled = async (): Promise<SettledReadings> => {
    const { number: toBlock } = await newest();
    return readSettledReadings({ rpc, exchange: exchange.address, fromBlock: deployment.deployBlock, toBlock });
  };
  /** Whether a slot of a zone belongs to an event. */
  const eventSlots = async (zone: number) => {
    const range = { fromBlock: deployment.deployBlock, toBlock: (await newest()).number };
    const address = contract.address;
    const called = await fetchEvents({ rpc, abi: SEASONS_ABI, address, names: ["EventCalled"], ...range });
    const own = called.map(({ args }) => args).filter((args) => args.zone === zone);
    return (at: number) => own.some(({ firstSlot, slots }) => at >= firstSlot && at < firstSlot + slots);
  };
  /** A site's meters that can take part, each with what is proved of it; undefined where it has not been enrolled. */
  const metersOf = async (season: number, site: number) => {
    const { meters } = await exchange.site(site);
    const states = await exchange.meters(meters);
    const own = states.filter(({ word }) => !word.flags.feeder).map(({ address }) => address);
    const tallies = await rpc.all(own.map((meter) => contract.request("meterTally", [season, meter])));
    return own.map((meter, place) => {
      const tally = tallies[place];
      return { meter, provedThrough: tally === undefined || tally.site === 0 ? undefined : tally.provedThrough };
    });
  };

  return {
    ...link,
    current: async () => seasonAt(clock, slotOf((await newest()).timestamp)),

    async enrol(season, sites) {
      await sender.send(sites.map((site) => request(contract.encode("enrol", [season, site]), VERB_GAS)));
    },

    async prove(season, sites) {
      const readings = await settled();
      const { lastSlot } = seasonBounds(clock, season);
      const joins: TransactionRequest[] = [];
      const requests: TransactionRequest[] = [];
      let count = 0;
      for (const site of sites) {
        const { stage } = await contract.read("siteTally", [season, site]);
        const own = await metersOf(season, site);
        // What joined since the enrolment takes part from its registration on.
        if (stage === ENROLLED && own.some(({ provedThrough }) => provedThrough === undefined)) {
          joins.push(request(contract.encode("enrol", [season, site]), VERB_GAS));
        }
        const former = await formerMeters(link, exchange, season, site);
        const meters = [...own, ...former].map(({ meter, provedThrough = 0 }) => ({ meter, provedThrough }));
        // Later energy is proved too: the registers at the conclusion may hold it.
        const calls = planProofs({ readings, meters, throughSlot: lastSlot + clock.claimSlots });
        for (const call of calls) {
          requests.push(request(contract.encode("prove", [season, site, call])));
          count += call.length;
        }
      }
      await sender.send(joins);
      await sender.send(requests);
      return count;
    },

    async claimEvent(eventId, slot, site) {
      const readings = await settled();
      const event = await contract.read("demandEvent", [BigInt(eventId)]);
      const { meters } = await exchange.site(site);
      const states = await exchange.meters(meters);
      const baseline = baselineSlots(slot, await eventSlots(event.zone)) ?? noBaseline(slot);
      const proofs = states
        .filter(({ word }) => !word.flags.feeder)
        .flatMap(({ address }) => [...baseline, slot].map((at) => readings.prove(address, at) ?? missing(address, at)));
      await sender.send([request(contract.encode("claimEvent", [BigInt(eventId), slot, site, proofs]))]);
    },

    async conclude(season, sites) {
      const requests: TransactionRequest[] = [];
      for (const site of sites) {
        const former = await formerMeters(link, exchange, season, site);
        const meters = former.map(({ meter }) => meter);
        requests.push(request(contract.encode("conclude", [season, site, meters]), VERB_GAS));
      }
      await sender.send(requests);
    },

    async payOut(season, sites) {
      const { finished } = await contract.read("seasonTotals", [season]);
      if (!finished) await sender.send([request(contract.encode("finish", [season]))]);
      const tallies = await rpc.all(sites.map((site) => contract.request("siteTally", [season, site])));
      const shares = await rpc.all(sites.map((site) => contract.request("rewardOf", [season, site])));
      let paid = 0n;
      const requests = sites.flatMap((site, place) => {
        const { reward = 0n, rebate = 0n } = shares[place] ?? {};
        if (reward + rebate === 0n || tallies[place]?.stage !== CONCLUDED) return [];
        paid += reward + rebate;
        return [request(contract.encode("collect", [season, site]), VERB_GAS)];
      });
      await sender.send(requests);
      return paid;
    },
  };
}

/** Stages of the contract's `SiteStage`. */
const ENROLLED = 1;
const CONCLUDED = 2;

/** Meters that were enrolled for a site and are not the site's any more. */
async function formerMeters(
  { contract }: SeasonsLink,
  { rpc, deployment, ...exchange }: ConnectedExchange,
  season: number,
  site: number,
): Promise<{ readonly meter: string; readonly provedThrough: number }[]> {
  const { meters } = await exchange.site(site);
  const held = new Set(meters);
  const left = (
    await exchange.events({ names: ["MeterRegistered", "MeterReplaced"], fromBlock: deployment.deployBlock })
  )
    .flatMap((event) => {
      if (event.name === "MeterRegistered") return event.args.site === site ? [event.args.meter] : [];
      return [event.args.oldMeter, event.args.newMeter];
    })
    .filter((meter, place, all) => !held.has(meter) && all.indexOf(meter) === place);
  const tallies = await rpc.all(left.map((meter) => contract.request("meterTally", [season, meter])));
  return left.flatMap((meter, place) => {
    const tally = tallies[place];
    return tally?.site === site ? [{ meter, provedThrough: tally.provedThrough }] : [];
  });
}

function noBaseline(slot: number): never {
  throw new JouleworkError({
    code: "BASELINE_MISSING",
    what: "There are not three comparable days without an event in the last four weeks",
    values: { slot },
    hint: "Nothing can be claimed for this slot.",
  });
}

function missing(meter: string, slot: number): never {
  throw new JouleworkError({
    code: "READING_NOT_SETTLED",
    what: "A reading that the claim needs was not settled",
    values: { meter, slot },
    hint: "An event is claimed with the readings of three comparable days and of the slot itself, of every meter.",
  });
}
