import { slotStart } from "../../../src/units.ts";
import { MAX_SLOT } from "../../../src/market/timeline.ts";
import type { SearchAnswer } from "../../api/search.ts";
import { checksummed } from "../addresses.ts";
import type { ServerContext } from "../context.ts";
import type { Query } from "./query.ts";
import { eventsOf, newestOf } from "./support/events.ts";

type Hit = SearchAnswer["hits"][number];

const ZONES = 64;
/** Slots and blocks are told apart by their size: a number may be both. */
const SHORTEST_PROPOSAL_ID = 30;

/** What a text may mean: an address, a hash, a number, a zone with a slot, or a contract's name. */
export const search: Query<"search"> = async (context, { q }) => {
  const text = q.trim();
  if (/^0x[0-9a-f]{40}$/i.test(text)) return { hits: await addressHits(context, checksummed(text)) };
  if (/^0x[0-9a-f]{64}$/i.test(text)) return { hits: await hashHits(context, text.toLowerCase()) };
  const place = /^(\d{1,4})\/(\d{1,8})$/.exec(text);
  if (place !== null) return { hits: slotHits(Number(place[1]), Number(place[2])) };
  if (/^\d+$/.test(text)) return { hits: await numberHits(context, text) };
  return { hits: nameHits(context, text) };
};

async function addressHits({ store, nameOf }: ServerContext, address: string): Promise<Hit[]> {
  const key = { kind: "party", value: address } as const;
  const meter = await newestOf(store, "EnergyExchange", ["MeterRegistered", "MeterReplaced"], { key });
  const isMeter = meter !== undefined && !(meter.name === "MeterRegistered" && meter.args.meter !== address);
  const name = nameOf(address);
  const created = await store.creationOf(address);
  return [
    ...(isMeter ? [hit("meter", `Meter ${address}`, `/meter/${address}`)] : []),
    ...(name === undefined && created === undefined
      ? []
      : [hit("contract", name ?? `Contract ${address}`, `/contract/${address}`)]),
    hit("account", `Account ${address}`, `/account/${address}`),
  ];
}

async function hashHits({ store }: ServerContext, hash: string): Promise<Hit[]> {
  const [transaction, block] = await Promise.all([store.transaction(hash), store.block(hash)]);
  return [
    ...(transaction === undefined ? [] : [hit("transaction", `Transaction ${hash}`, `/tx/${hash}`)]),
    ...(block === undefined ? [] : [hit("block", `Block ${String(block.number)}`, `/block/${String(block.number)}`)]),
  ];
}

async function numberHits({ store }: ServerContext, text: string): Promise<Hit[]> {
  if (text.length >= SHORTEST_PROPOSAL_ID) {
    const key = { kind: "proposal", value: text } as const;
    const proposal = await newestOf(store, "GridGovernor", ["ProposalCreated"], { key });
    return proposal === undefined ? [] : [hit("proposal", `Proposal ${text}`, "/governance")];
  }
  const number = Number(text);
  if (!Number.isSafeInteger(number)) return [];
  const [block, job, reproducible, site, zones] = await Promise.all([
    store.block(number),
    newestOf(store, "TrainingJobs", ["JobPosted"], { key: { kind: "job", value: text } }),
    newestOf(store, "ReproducibleJobs", ["ReproducibleJobPosted"], { key: { kind: "reproducible", value: text } }),
    newestOf(store, "EnergyExchange", ["SiteRegistered"], { key: { kind: "site", value: text } }),
    eventsOf(store, "EnergyExchange", ["ZoneCreated"], {}, { limit: ZONES, order: "oldest" }),
  ]);
  const slots = await Promise.all(
    zones.map(async ({ args: { zone } }) => {
      const key = { kind: "slot", value: `${zone}/${number}` } as const;
      return (await store.events({ key }, { limit: 1 })).length === 0 ? [] : slotHits(zone, number);
    }),
  );
  return [
    ...slots.flat(),
    ...(job === undefined ? [] : [hit("job", `Training job ${text}`, `/job/${text}`)]),
    ...(reproducible === undefined
      ? []
      : [hit("reproducible job", `Reproducible job ${text}`, `/reproducible/${text}`)]),
    ...(site === undefined ? [] : [hit("site", `Owner of site ${text}`, `/account/${site.args.owner}`)]),
    ...(block === undefined ? [] : [hit("block", `Block ${text}`, `/block/${text}`)]),
  ];
}

function slotHits(zone: number, slot: number): Hit[] {
  if (slot > MAX_SLOT) return [];
  const start = new Date(slotStart(slot) * 1000).toISOString().slice(0, 16).replace("T", " ");
  return [
    hit("slot", `Slot ${String(slot)} of zone ${String(zone)}, ${start} UTC`, `/slot/${String(zone)}/${String(slot)}`),
  ];
}

function nameHits({ deployment }: ServerContext, text: string): Hit[] {
  const wanted = text.toLowerCase();
  return Object.entries(deployment.contracts)
    .filter(([name]) => name.toLowerCase().includes(wanted))
    .map(([name, address]) => hit("contract", name, `/contract/${address}`));
}

function hit(kind: Hit["kind"], title: string, page: string): Hit {
  return { kind, title, page };
}
