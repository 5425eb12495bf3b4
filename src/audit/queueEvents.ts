import { AbiCoder, keccak256 } from "ethers";
import { GATE_OPEN_SLOTS } from "../market/timeline.ts";
import { slotOf as slotAt } from "../units.ts";
import type { JobEntry, QueueState } from "./computeState.ts";
import type { Run } from "./run.ts";
import { zoneOf } from "./state.ts";
import { priceNow } from "./tariffEvents.ts";
import type { Place, QueueEvent, QueueEventOf } from "./types.ts";

/** One requester counts at most this part of a zone's rated energy of a slot. */
const REQUESTER_SHARE = 8;

export function queueEvent(run: Run, event: QueueEvent): void {
  run.state.compute.queue.address ??= event.address;
  if (event.name === "EnergyQueued") energyQueued(run, event);
}

/** What the queue must answer for a slot: the sum that stood when the slot's gate opened. */
export function queuedAt({ sums }: QueueState, zone: number, slot: number): number {
  const opening = slot - GATE_OPEN_SLOTS;
  return sums.get(zone)?.findLast((sum) => sum.slot <= opening)?.sumWh ?? 0;
}

function energyQueued(run: Run, { args }: QueueEventOf<"EnergyQueued">): void {
  const { item, zone, requester, energyWh, countedWh, zoneWh } = args;
  const { findings, state, tx } = run;
  const { queue } = state.compute;
  const job = [...state.compute.training.jobs.values()].find((one) => itemOf(run, one) === item);
  if (job !== undefined) tx.compute.queueTold += 1;
  const lease = job === undefined ? state.compute.market.leases.get(leaseNumber(item)) : undefined;
  const place: Place = {
    zone,
    account: requester,
    ...(job === undefined ? {} : { job: job.id }),
    ...(lease === undefined ? {} : { lease: lease.id }),
  };
  const before = queue.items.get(item);
  if (before !== undefined && before.countedWh !== 0) {
    findings.expect("queue", place, "zone of what waited before", before.zone, zone);
    findings.expect("queue", place, "requester of what waited before", before.requester, requester);
    addCounted(queue, before.zone, before.requester, -before.countedWh);
  }
  const key = `${String(zone)}/${requester}`;
  const used = queue.counted.get(key) ?? 0;
  const share = Math.max(0, Math.floor(zoneOf(state, zone).ratedWh / REQUESTER_SHARE) - used);
  const escrowTicks = job?.heldTicks ?? lease?.escrowTicks;
  // Of items of other contracts nobody here knows the escrow.
  const paid = escrowTicks === undefined ? countedWh : affordable(run, escrowTicks, zone);
  const waits =
    job === undefined ? lease?.state === "waiting" && lease.queuedWh : job.state === "waiting" && waitingWh(job);
  if (job !== undefined || lease !== undefined)
    findings.expect("queue", place, "energy it waits with", waits || 0, energyWh);
  const most = energyWh === 0 ? 0 : Math.min(energyWh, share, paid);
  findings.expect("queue", place, "energy that counts", most, countedWh);
  queue.items.set(item, { zone, requester, countedWh });
  addCounted(queue, zone, requester, countedWh);
  const sums = queue.sums.get(zone) ?? [];
  queue.sums.set(zone, sums);
  const sumWh = (sums.at(-1)?.sumWh ?? 0) - (before?.countedWh ?? 0) + countedWh;
  findings.expect("queue", place, "sum of the zone", sumWh, zoneWh);
  const slot = slotAt(tx.transaction.timestamp) + 1;
  if (sums.at(-1)?.slot === slot) sums.pop();
  sums.push({ slot, sumWh });
  findings.add("queue", "items", 1);
  findings.add("queue", "countedWh", countedWh);
}

function waitingWh({ terms }: JobEntry): number {
  return terms.energyWh * terms.maxWorkers;
}

/** Leases name their items by their numbers, jobs by a hash. */
function leaseNumber(item: string): number {
  const number = BigInt(item);
  return number <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(number) : 0;
}

/** The energy that an escrow buys at the present slot's import price. */
function affordable({ state, tx }: Run, escrowTicks: bigint, zone: number): number {
  const price = priceNow(state, zone, slotAt(tx.transaction.timestamp))?.importPrice ?? 0;
  return price === 0 ? 0 : Number(escrowTicks / BigInt(price));
}

function addCounted({ counted }: QueueState, zone: number, requester: string, energyWh: number): void {
  const key = `${String(zone)}/${requester}`;
  counted.set(key, (counted.get(key) ?? 0) + energyWh);
}

function itemOf({ state, domain }: Run, { id }: JobEntry): string {
  const { address } = state.compute.training;
  const values = [domain.fields.chainId, address ?? "", id];
  return keccak256(AbiCoder.defaultAbiCoder().encode(["uint256", "address", "uint256"], values));
}
