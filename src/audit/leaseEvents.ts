import { slotOf as slotAt } from "../units.ts";
import { expectStake, tellMove } from "./computeContext.ts";
import { rankOf } from "./jobPlaces.ts";
import { leaseOf, offerOf, running } from "./leaseLookup.ts";
import { isOpen, payClaimed, useAccepted, useRefused, useReported } from "./leaseUses.ts";
import type { LeaseEntry } from "./leaseState.ts";
import { providerOf } from "./providerEvents.ts";
import type { Run } from "./run.ts";
import { addTo, siteOf } from "./state.ts";
import { priceNow } from "./tariffEvents.ts";
import type { MarketEvent, MarketEventOf, Place } from "./types.ts";

const HOUR_SECONDS = 3_600;
const SILENCE_SLOTS = 192;
const PAUSE_SLOTS = 672;
const NOTICE_SLOTS = 96;
/** After a lease's end: a day for late reports, four hours for objections. */
const CLOSING_SLOTS = 96 + 16 + 1;

type Rules = { readonly [Name in MarketEvent["name"]]: (run: Run, event: MarketEventOf<Name>) => void };

/** What every event of the market does; an event without a rule does not compile. */
const RULES: Rules = {
  OfferMade: offerMade,
  OfferCancelled: offerCancelled,
  LeaseRequested: leaseRequested,
  RequestEnded: requestEnded,
  LeaseStarted: leaseStarted,
  UseReported: useReported,
  UseAccepted: useAccepted,
  UseRefused: useRefused,
  PayClaimed: payClaimed,
  EscrowToppedUp: escrowToppedUp,
  LeasePaused: leasePaused,
  LeaseResumed: leaseResumed,
  NoticeGiven: noticeGiven,
  LeaseClosed: leaseClosed,
  Collected: collected,
};

/** Checks one event of the market against the offers and leases before it, and takes over what it says. */
export function marketEvent(run: Run, event: MarketEvent): void {
  run.state.compute.market.address ??= event.address;
  // The table gives every name the rule for its own event, which a union of names cannot say.
  const rule = RULES[event.name] as (run: Run, event: MarketEvent) => void;
  rule(run, event);
}

function offerMade({ state, findings }: Run, { args }: MarketEventOf<"OfferMade">): void {
  const { provider, terms } = args;
  const { providers, market } = state.compute;
  const place = { account: provider };
  const id = Number(args.offer);
  const held = providerOf(providers, place, provider);
  findings.expect("leases", place, "number of the offer", market.offers.size + 1, id);
  findings.expect("leases", place, "offer of an open provider", true, held.open);
  findings.expect("leases", place, "accelerators registered", true, terms.accelerators <= held.accelerators);
  findings.expect("leases", place, "provider in the offer", provider, terms.provider);
  findings.expect("leases", place, "nothing leased yet", 0, terms.leasedAccelerators);
  findings.expect("leases", place, "an open offer", true, terms.open);
  const priced = terms.price > 0n && terms.stakeTicks > 0n;
  findings.expect("leases", place, "an offer with price and stake", true, priced);
  market.offers.set(id, { id, provider, terms, leasedAccelerators: 0, open: true });
  findings.add("leases", "offers", 1);
}

function offerCancelled({ state, findings }: Run, { args }: MarketEventOf<"OfferCancelled">): void {
  const offer = offerOf(state.compute.market, args.offer);
  const place = { account: args.provider };
  findings.expect("leases", place, "provider of the offer", offer.provider, args.provider);
  findings.expect("leases", place, "cancelled once", true, offer.open);
  offer.open = false;
}

function leaseRequested(run: Run, { args, address }: MarketEventOf<"LeaseRequested">): void {
  const { requester, request, escrowTicks, zone, untilSlot } = args;
  const { state, findings, tx } = run;
  const { market, providers } = state.compute;
  const id = Number(args.lease);
  const offer = offerOf(market, args.offer);
  const { terms } = offer;
  const place: Place = { lease: id, account: requester, zone };
  const slot = slotAt(tx.transaction.timestamp);
  findings.expect("leases", place, "number of the lease", market.leases.size + 1, id);
  findings.expect("leases", place, "offer of the request", offer.id, request.offer);
  findings.expect("leases", place, "request for an open offer", true, offer.open);
  findings.expect("leases", place, "price of the offer at least", true, request.price >= terms.price);
  const fits = request.accelerators > 0 && request.accelerators <= terms.accelerators;
  findings.expect("leases", place, "accelerators within the offer", true, fits);
  const { acceleratorSeconds } = request;
  const bounded =
    acceleratorSeconds >= terms.minAcceleratorSeconds && acceleratorSeconds <= terms.maxAcceleratorSeconds;
  findings.expect("leases", place, "paid in advance within the offer", true, bounded);
  findings.expect("leases", place, "escrow", BigInt(acceleratorSeconds) * request.price, escrowTicks);
  const { site } = providerOf(providers, place, offer.provider);
  findings.expect("leases", place, "zone of the provider", siteOf(state, site).zone, zone);
  findings.expect("leases", place, "last slot in which it waits", slot + request.waitSlots, untilSlot);
  if (request.site !== 0) {
    findings.expect("leases", place, "owner of the site that asks", siteOf(state, request.site).owner, requester);
  }
  market.leases.set(id, {
    id,
    offer,
    requester,
    request,
    zone,
    madeSlot: slot,
    untilSlot,
    queuedWh: Math.floor((acceleratorSeconds * terms.powerW) / HOUR_SECONDS),
    state: "waiting",
    escrowTicks,
    stakeTicks: 0n,
    firstSlot: 0,
    endSlot: 0,
    lastUseSlot: 0,
    activeSlot: 0,
    pausedSlot: 0,
    uses: [],
    settledUses: 0,
    acceptedUses: 0,
  });
  tellMove(run, {
    check: "leases",
    place,
    subject: "escrow of a lease",
    contract: address,
    incoming: true,
    account: requester,
    ticks: escrowTicks,
  });
  findings.add("leases", "requests", 1);
  findings.add("leases", "escrowedTicks", escrowTicks);
}

function requestEnded({ state, findings }: Run, { args }: MarketEventOf<"RequestEnded">): void {
  const { requester, refundTicks } = args;
  const { market } = state.compute;
  const lease = leaseOf(market, args.lease);
  const place = { lease: lease.id, account: requester };
  findings.expect("leases", place, "state as it waits no more", "waiting", lease.state);
  closed(market.earned, lease);
  findings.expect("leases", place, "requester", lease.requester, requester);
  findings.expect("leases", place, "refund", lease.escrowTicks, refundTicks);
  lease.escrowTicks = 0n;
  findings.add("leases", "refundedTicks", refundTicks);
}

function leaseStarted(run: Run, { args }: MarketEventOf<"LeaseStarted">): void {
  const { firstSlot, endSlot, stakeTicks } = args;
  const { state, findings, tx } = run;
  const { market } = state.compute;
  const lease = leaseOf(market, args.lease);
  const { offer, request, zone } = lease;
  const place = { lease: lease.id, slot: firstSlot, zone };
  const slot = slotAt(tx.transaction.timestamp);
  findings.expect("leases", place, "state before the start", "waiting", lease.state);
  findings.expect("leases", place, "offer that starts it", offer.id, Number(args.offer));
  findings.expect("leases", place, "first slot", slot, firstSlot);
  findings.expect("leases", place, "last slot", slot + request.durationSlots - 1, endSlot);
  findings.expect("leases", place, "stake behind it", offer.terms.stakeTicks, stakeTicks);
  findings.expect("leases", place, "starts in a later slot, in time", true, fitsSlot(lease, slot));
  const free = offer.terms.accelerators - offer.leasedAccelerators;
  findings.expect("leases", place, "accelerators that are free", true, request.accelerators <= free);
  const price = priceNow(state, zone, slot);
  const meets = ({ request: { maxImportPrice, maxScarcityPpm } }: LeaseEntry): boolean =>
    price !== undefined && price.importPrice <= maxImportPrice && price.scarcityPpm <= maxScarcityPpm;
  findings.expect("leases", place, "energy policy met", true, meets(lease));
  const ahead = [...market.leases.values()].filter(
    (other) =>
      other.offer === offer &&
      other.state === "waiting" &&
      other.request.accelerators <= free &&
      fitsSlot(other, slot) &&
      meets(other) &&
      comesBefore(run, other, lease),
  );
  findings.expect("leases", place, "requests ahead of it", "", ahead.map(({ id }) => id).join());
  lease.state = "active";
  lease.firstSlot = firstSlot;
  lease.endSlot = endSlot;
  lease.activeSlot = slot;
  lease.stakeTicks = stakeTicks;
  offer.leasedAccelerators += request.accelerators;
  expectStake(run, "leases", "locked", place, offer.provider, stakeTicks);
  findings.add("leases", "leases", 1);
}

/** Higher price, then higher rank of the requester's site, then older. */
function comesBefore(run: Run, lease: LeaseEntry, than: LeaseEntry): boolean {
  if (lease.request.price !== than.request.price) return lease.request.price > than.request.price;
  const [rank, other] = [rankOfRequest(run, lease), rankOfRequest(run, than)];
  return rank === other ? lease.id < than.id : rank > other;
}

function rankOfRequest(run: Run, { request: { site }, requester }: LeaseEntry): number {
  if (site === 0 || siteOf(run.state, site).owner !== requester) return 0;
  return rankOf(run, site) ?? 0;
}

function fitsSlot({ madeSlot, untilSlot }: LeaseEntry, slot: number): boolean {
  return madeSlot < slot && slot <= untilSlot;
}

function escrowToppedUp(run: Run, { args, address }: MarketEventOf<"EscrowToppedUp">): void {
  const { from, amountTicks, escrowTicks } = args;
  const { state, findings, tx } = run;
  const lease = leaseOf(state.compute.market, args.lease);
  const place = { lease: lease.id, account: from };
  findings.expect("leases", place, "topped up while it runs", true, running(lease));
  findings.expect("leases", place, "topped up before its end", true, slotAt(tx.transaction.timestamp) <= lease.endSlot);
  lease.escrowTicks += amountTicks;
  findings.expect("leases", place, "escrow after topping up", lease.escrowTicks, escrowTicks);
  tellMove(run, {
    check: "leases",
    place,
    subject: "escrow topped up",
    contract: address,
    incoming: true,
    account: from,
    ticks: amountTicks,
  });
  findings.add("leases", "escrowedTicks", amountTicks);
}

function leasePaused({ state, findings, tx }: Run, { args }: MarketEventOf<"LeasePaused">): void {
  const { pausedSlot, dry } = args;
  const lease = leaseOf(state.compute.market, args.lease);
  const place = { lease: lease.id };
  const slot = slotAt(tx.transaction.timestamp);
  findings.expect("leases", place, "state before the pause", "active", lease.state);
  findings.expect("leases", place, "slot of the pause", slot, pausedSlot);
  const silent = slot >= lease.activeSlot + SILENCE_SLOTS;
  const empty = lease.escrowTicks < lease.request.price;
  findings.expect("leases", place, "cause of the pause", true, dry ? empty : silent);
  lease.state = "paused";
  lease.pausedSlot = pausedSlot;
}

function leaseResumed({ state, findings, tx }: Run, { args }: MarketEventOf<"LeaseResumed">): void {
  const lease = leaseOf(state.compute.market, args.lease);
  const place = { lease: lease.id };
  findings.expect("leases", place, "state before going on", "paused", lease.state);
  findings.expect("leases", place, "slot of going on", slotAt(tx.transaction.timestamp), args.firstSlot);
  findings.expect("leases", place, "escrow to go on with", true, lease.escrowTicks >= lease.request.price);
  lease.state = "active";
  lease.firstSlot = args.firstSlot;
  lease.activeSlot = args.firstSlot;
}

function noticeGiven({ state, findings, tx }: Run, { args }: MarketEventOf<"NoticeGiven">): void {
  const { by, endSlot } = args;
  const lease = leaseOf(state.compute.market, args.lease);
  const place = { lease: lease.id, account: by };
  const slot = slotAt(tx.transaction.timestamp);
  findings.expect("leases", place, "notice of a lease that runs", true, running(lease));
  const requester = by === lease.requester;
  findings.expect("leases", place, "notice by a party", true, requester || by === lease.offer.provider);
  const end = Math.min(lease.endSlot, requester ? slot : slot + NOTICE_SLOTS);
  findings.expect("leases", place, "end after the notice", end, endSlot);
  lease.endSlot = endSlot;
}

function leaseClosed(run: Run, { args }: MarketEventOf<"LeaseClosed">): void {
  const { requester, refundTicks } = args;
  const { state, findings, tx } = run;
  const { market } = state.compute;
  const lease = leaseOf(market, args.lease);
  const place = { lease: lease.id, account: requester };
  const slot = slotAt(tx.transaction.timestamp);
  findings.expect("leases", place, "closed while it ran", true, running(lease));
  findings.expect("leases", place, "requester", lease.requester, requester);
  findings.expect("leases", place, "refund", lease.escrowTicks, refundTicks);
  const paused = lease.state === "paused" && slot >= lease.pausedSlot + PAUSE_SLOTS;
  // Its provider may close it as soon as it has ended and no use is open to objection.
  const waived = slot > lease.endSlot && (lease.uses.length === 0 || !isOpen(run, lease, lease.uses.length - 1));
  const over = slot >= lease.endSlot + CLOSING_SLOTS || paused || waived;
  findings.expect("leases", place, "closed after its end", true, over);
  closed(market.earned, lease);
  lease.escrowTicks = 0n;
  lease.offer.leasedAccelerators -= lease.request.accelerators;
  expectStake(run, "leases", "released", place, lease.offer.provider, lease.stakeTicks);
  lease.stakeTicks = 0n;
  findings.add("leases", "refundedTicks", refundTicks);
  findings.add("leases", "leasesClosed", 1);
}

function closed(earned: Map<string, bigint>, lease: LeaseEntry): void {
  addTo(earned, lease.requester, lease.escrowTicks);
  lease.state = "closed";
}

function collected(run: Run, { args, address }: MarketEventOf<"Collected">): void {
  const { account, to, amountTicks } = args;
  const { earned } = run.state.compute.market;
  const place = { account };
  run.findings.expect("leases", place, "collected of what was earned", earned.get(account) ?? 0n, amountTicks);
  earned.delete(account);
  tellMove(run, {
    check: "leases",
    place,
    subject: "collected",
    contract: address,
    incoming: false,
    account: to,
    ticks: amountTicks,
  });
  run.findings.add("leases", "collectedTicks", amountTicks);
}
