import { blockCall, type Block } from "../../../src/chain/calls.ts";
import { BASE_UNITS_PER_TICK, slotOf } from "../../../src/units.ts";
import type { Overview, ZoneOverview } from "../../api/overview.ts";
import type { BlockRow } from "../../store/store.ts";
import type { ServerContext } from "../context.ts";
import type { Query } from "./query.ts";
import { contractOf } from "./support/contracts.ts";
import { sourceOf } from "./support/answers.ts";
import { eventsOf } from "./support/events.ts";
import { newestReproducible } from "./support/reproducibleEvents.ts";
import { newestJobs } from "./support/jobStates.ts";
import { meterBook } from "./support/meterBook.ts";
import { zoneSlots } from "./support/zoneSlots.ts";

const ZONES = 64;
const JOBS = 25;
/** Of a reproducible job: enough to know where it stands. */
const JOB_EVENTS = 1_000;
const BLOCKS = 10;
const TRADES = 10;
/** In many slots nobody trades. */
const CLEARINGS_SEEN = 100;

interface Kept {
  readonly heads: string;
  readonly answer: Promise<Omit<Overview, "indexing">>;
}

const kept = new WeakMap<ServerContext, Kept>();

/** What is going on: prices, trades, jobs, and how far the index is. It is worked out once for each block. */
export const overview: Query<"overview"> = async (context) => {
  const { store, rpc, indexing } = context;
  const [newest, indexed] = await Promise.all([rpc.call(blockCall("latest")), store.head()]);
  const heads = `${newest?.hash ?? ""}/${indexed?.hash ?? ""}`;
  let known = kept.get(context);
  if (known?.heads !== heads) {
    known = { heads, answer: workOut(context, newest, indexed) };
    kept.set(context, known);
    known.answer.catch(() => kept.delete(context));
  }
  return { ...(await known.answer), indexing: indexing() };
};

async function workOut(
  context: ServerContext,
  newest: Block | undefined,
  indexed: BlockRow | undefined,
): Promise<Omit<Overview, "indexing">> {
  const { store, deployment } = context;
  const credit = contractOf(context, "EnergyCredit");
  const [created, standing, repeatable, blocks, cleared, supply] = await Promise.all([
    eventsOf(store, "EnergyExchange", ["ZoneCreated"], {}, { limit: ZONES, order: "oldest" }),
    newestJobs(store, JOBS),
    newestReproducible(store, JOBS, JOB_EVENTS),
    store.blocks({ limit: BLOCKS }),
    eventsOf(store, "EnergyExchange", ["SlotCleared"], {}, { limit: CLEARINGS_SEEN }),
    credit.read("totalSupply", []),
  ]);
  const head = {
    number: newest?.number ?? 0,
    hash: newest?.hash ?? indexed?.hash ?? "",
    time: newest?.timestamp ?? indexed?.time ?? 0,
  };
  const currentSlot = slotOf(head.time);
  return {
    network: deployment.network,
    chainId: deployment.chainId,
    head,
    indexedBlock: indexed?.number ?? -1,
    currentSlot,
    zones: await Promise.all(created.map(({ args }) => zoneOverview(context, args.zone, currentSlot))),
    supplyTicks: String(supply / BASE_UNITS_PER_TICK),
    openJobs: [
      ...standing
        .filter(({ ended }) => !ended)
        .map(({ posted: { args }, state, round, deadline }) => ({
          ...{ kind: "federated" as const, job: Number(args.job), state, round, deadline, requester: args.requester },
        })),
      ...repeatable
        .filter(({ ended }) => !ended)
        .map(({ posted: { args }, state, claimedRounds: round, claimDeadline: deadline }) => ({
          ...{ kind: "reproducible" as const, job: Number(args.job), state, round, deadline },
          requester: args.requester,
        })),
    ],
    blocks: blocks.map(({ number, hash, time, transactions, gasUsed }) => ({
      number,
      hash,
      time,
      transactions,
      gasUsed,
    })),
    trades: tradesOf(cleared),
    contracts: Object.entries(deployment.contracts).map(([name, address]) => ({ name, address })),
  };
}

async function zoneOverview(context: ServerContext, zone: number, currentSlot: number): Promise<ZoneOverview> {
  const [{ slots, current }, meters] = await Promise.all([
    zoneSlots(context, zone, currentSlot),
    meterBook(context.store),
  ]);
  const own = [...meters.values()].filter((meter) => meter.zone === zone);
  return { zone, current, slots, meters: own.length, sites: new Set(own.map(({ site }) => site)).size };
}

function tradesOf(cleared: Awaited<ReturnType<typeof eventsOf<"EnergyExchange", "SlotCleared">>>): Overview["trades"] {
  return cleared
    .filter(({ args }) => args.matchedWh > 0)
    .slice(0, TRADES)
    .map((event) => {
      const { zone, slot, clearingPrice, matchedWh } = event.args;
      return { source: sourceOf(event), zone, slot, clearingPrice, matchedWh, time: event.time };
    });
}
