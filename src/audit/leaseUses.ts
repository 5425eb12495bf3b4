import { SLOT_SECONDS, slotOf as slotAt } from "../units.ts";
import { expectStake, tellMove } from "./computeContext.ts";
import { useEnergy } from "./evidenceEvents.ts";
import { leaseOf, running } from "./leaseLookup.ts";
import type { LeaseEntry } from "./leaseState.ts";
import { providerOf } from "./providerEvents.ts";
import type { Run } from "./run.ts";
import { addTo } from "./state.ts";
import { priceNow } from "./tariffEvents.ts";
import type { MarketEventOf, Place } from "./types.ts";

const REPORT_SLOTS = 96;
const OBJECTION_SECONDS = 16 * SLOT_SECONDS;
/** Part of the pay that an objection takes from escrow and from stake beyond it. */
const SHARE = 8n;

export function useReported(run: Run, { args, address }: MarketEventOf<"UseReported">): void {
  const { slot, acceleratorSeconds, energyWh, payTicks, escrowTicks } = args;
  const { findings, state, tx } = run;
  const lease = leaseOf(state.compute.market, args.lease);
  const { request, zone, offer } = lease;
  const place: Place = { lease: lease.id, slot, zone, account: offer.provider };
  findings.expect("leases", place, "use of a lease that runs", true, running(lease));
  findings.expect("leases", place, "number of the use", lease.uses.length, Number(args.use));
  findings.expect(
    "leases",
    place,
    "slot that may be reported",
    true,
    inRange(lease, slot, slotAt(tx.transaction.timestamp)),
  );
  const most = request.accelerators * SLOT_SECONDS;
  const fits = acceleratorSeconds > 0 && acceleratorSeconds <= most;
  findings.expect("leases", place, `at most ${String(most)} accelerator-seconds`, true, fits);
  const price = priceNow(state, zone, slot);
  const met =
    price !== undefined && price.importPrice <= request.maxImportPrice && price.scarcityPpm <= request.maxScarcityPpm;
  findings.expect("leases", place, "energy policy met", true, met);
  // Whole accelerator-seconds, as many as the escrow pays for.
  const affordable = lease.escrowTicks / request.price;
  const used = BigInt(acceleratorSeconds);
  const pay = (used < affordable ? used : affordable) * request.price;
  findings.expect("leases", place, "pay of the use", pay, payTicks);
  lease.escrowTicks -= payTicks;
  findings.expect("leases", place, "escrow after the use", lease.escrowTicks, escrowTicks);
  lease.uses.push({ slot, payTicks, time: tx.transaction.timestamp });
  lease.lastUseSlot = slot;
  lease.activeSlot = slotAt(tx.transaction.timestamp);
  const { meter } = providerOf(state.compute.providers, place, offer.provider);
  useEnergy(run, { by: address, lease: lease.id, meter, slot, energyWh });
  findings.add("leases", "uses", 1);
}

function inRange(lease: LeaseEntry, slot: number, now: number): boolean {
  const first = Math.max(lease.firstSlot, lease.lastUseSlot + 1, now - REPORT_SLOTS);
  const paused = lease.state === "paused" ? lease.pausedSlot - 1 : slot;
  return slot >= first && slot <= Math.min(lease.endSlot, now - 1, paused);
}

export function useAccepted({ state, findings }: Run, { args }: MarketEventOf<"UseAccepted">): void {
  const lease = leaseOf(state.compute.market, args.lease);
  findings.expect("leases", { lease: lease.id }, "uses accepted", lease.uses.length, Number(args.uses));
  lease.acceptedUses = Number(args.uses);
}

export function useRefused(run: Run, { args, address }: MarketEventOf<"UseRefused">): void {
  const { payTicks, escrowShareTicks, stakeShareTicks, endSlot } = args;
  const { state, findings, tx } = run;
  const lease = leaseOf(state.compute.market, args.lease);
  const place: Place = { lease: lease.id, account: lease.requester };
  const from = Number(args.fromUse);
  const refused = lease.uses.slice(from);
  findings.expect(
    "leases",
    place,
    "objection to a use in time",
    true,
    from < lease.uses.length && isOpen(run, lease, from),
  );
  const pay = refused.reduce((sum, use) => sum + use.payTicks, 0n);
  const share = pay / SHARE;
  const fromEscrow = share < lease.escrowTicks ? share : lease.escrowTicks;
  const fromStake = share < lease.stakeTicks ? share : lease.stakeTicks;
  findings.expect("leases", place, "pay that was refused", pay, payTicks);
  findings.expect("leases", place, "share of the escrow", fromEscrow, escrowShareTicks);
  findings.expect("leases", place, "share of the stake", fromStake, stakeShareTicks);
  const end = Math.min(lease.endSlot, slotAt(tx.transaction.timestamp));
  findings.expect("leases", place, "end after the objection", end, endSlot);
  lease.uses = lease.uses.slice(0, from);
  lease.acceptedUses = from;
  lease.escrowTicks -= escrowShareTicks;
  lease.stakeTicks -= stakeShareTicks;
  lease.endSlot = endSlot;
  expectStake(run, "leases", "cut", place, lease.offer.provider, stakeShareTicks);
  tellMove(run, {
    check: "leases",
    place,
    subject: "refused pay, to the seasons",
    contract: address,
    incoming: false,
    account: state.seasons.address,
    ticks: payTicks + escrowShareTicks,
  });
  findings.add("leases", "slashedTicks", payTicks + escrowShareTicks);
}

export function payClaimed(run: Run, { args }: MarketEventOf<"PayClaimed">): void {
  const { provider, payTicks } = args;
  const { state, findings } = run;
  const { market } = state.compute;
  const lease = leaseOf(market, args.lease);
  const place = { lease: lease.id, account: provider };
  const until = Number(args.settledUses);
  const settled = lease.uses.slice(lease.settledUses, until);
  findings.expect("leases", place, "provider of the lease", lease.offer.provider, provider);
  findings.expect(
    "leases",
    place,
    "uses that were reported",
    true,
    until > lease.settledUses && until <= lease.uses.length,
  );
  const last = until - 1;
  findings.expect("leases", place, "uses beyond objection", false, last >= 0 && isOpen(run, lease, last));
  const pay = settled.reduce((sum, use) => sum + use.payTicks, 0n);
  findings.expect("leases", place, "pay of the uses", pay, payTicks);
  addTo(market.earned, provider, payTicks);
  lease.settledUses = until;
  findings.add("leases", "paidTicks", payTicks);
}

/** Whether the requester may still object to a use. */
export function isOpen({ tx }: Run, { uses, acceptedUses }: LeaseEntry, use: number): boolean {
  const time = uses[use]?.time ?? 0;
  return use >= acceptedUses && tx.transaction.timestamp < time + OBJECTION_SECONDS;
}
