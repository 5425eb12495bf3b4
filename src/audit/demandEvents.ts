import { baselineSlots, shedWh } from "../game/baseline.ts";
import { seasonAt } from "../game/seasonClock.ts";
import { slotOf } from "../units.ts";
import { mismatch } from "./mismatch.ts";
import type { Run } from "./run.ts";
import { boundsOf, clockOf, enrolledSite } from "./seasonEvents.ts";
import { seasonOf, type SeasonsState } from "./seasonState.ts";
import { meterOf, siteOf } from "./state.ts";
import type { SeasonsEventOf } from "./types.ts";

/** Slots that an event is called ahead, at least and at most. */
const NOTICE = { least: 8, most: 95 };

/** A demand-response event is called: ahead of time, in one season, not on top of another. */
export function eventCalled({ state, findings, tx }: Run, { args }: SeasonsEventOf<"EventCalled">): void {
  const { seasons } = state;
  const { zone, firstSlot, slots, pointsPpm } = args;
  const place = { zone, slot: firstSlot };
  const now = slotOf(tx.transaction.timestamp);
  const last = firstSlot + slots - 1;
  const ahead = firstSlot >= now + NOTICE.least && last <= now + NOTICE.most;
  findings.expect("seasons", place, "event number", BigInt(seasons.events.length + 1), args.eventId);
  findings.expect("seasons", place, "called ahead of time", true, ahead);
  findings.expect("seasons", place, "season of the event", seasonAt(clockOf(seasons.clock), firstSlot), args.season);
  findings.expect("seasons", place, "season of its last slot", seasonAt(clockOf(seasons.clock), last), args.season);
  for (let slot = firstSlot; slot <= last; ++slot) {
    findings.expect("seasons", { zone, slot }, "another event's slot", false, isEventSlot(seasons, zone, slot));
  }
  seasons.events.push({ season: args.season, zone, firstSlot, slots, pointsPpm, claimed: new Set() });
  findings.add("seasons", "events", 1);
}

/** A site's claim of an event: baseline and use are recomputed from the settled readings of all its meters. */
export function loadShed({ state, findings }: Run, { args }: SeasonsEventOf<"LoadShed">): void {
  const { seasons } = state;
  const { site, slot } = args;
  const place = { site, slot };
  const event = seasons.events[Number(args.eventId) - 1] ?? mismatch("There is no such event", { event: args.eventId });
  const tally = enrolledSite(seasonOf(seasons, event.season), place, site);
  const { zone, meters } = siteOf(state, site);
  const within = zone === event.zone && slot >= event.firstSlot && slot < event.firstSlot + event.slots;
  findings.expect("seasons", place, "a slot of the event", true, within);
  findings.expect("seasons", place, "claimed once", false, event.claimed.has(`${String(site)}/${String(slot)}`));
  event.claimed.add(`${String(site)}/${String(slot)}`);
  const own = meters.filter((meter) => !meterOf(state, meter).word.flags.feeder);
  const net = (at: number) =>
    own.reduce((total, meter) => {
      const reading = seasons.readings.get(`${meter}/${String(at)}`);
      findings.expect("seasons", { ...place, meter }, "a reading of one slot", false, reading?.gap ?? "none");
      return total + (reading?.importWh ?? 0) - (reading?.exportWh ?? 0);
    }, 0);
  const baseline = (baselineSlots(slot, (at) => isEventSlot(seasons, zone, at)) ?? []).map(net);
  const actual = net(slot);
  const shed = shedWh(baseline, actual);
  const times3 = baseline.reduce((total, wh) => total + wh, 0);
  findings.expect("seasons", place, "baseline", BigInt(times3), args.baselineWhTimesThree);
  findings.expect("seasons", place, "net import in the event", actual, args.actualWh);
  findings.expect("seasons", place, "energy shed", shed, args.shedWh);
  findings.expect("seasons", place, "points of the event", BigInt(shed) * BigInt(event.pointsPpm), args.pointsPpm);
  tally.pointsPpm += args.pointsPpm;
  tally.shedWh += args.shedWh;
  const { claimsLastSlot } = boundsOf(seasons.clock, event.season);
  findings.expect("seasons", place, "event before its season's claims end", true, slot <= claimsLastSlot);
  findings.add("seasons", "shedWh", args.shedWh);
}

function isEventSlot({ events }: SeasonsState, zone: number, slot: number): boolean {
  return events.some((one) => one.zone === zone && slot >= one.firstSlot && slot < one.firstSlot + one.slots);
}
