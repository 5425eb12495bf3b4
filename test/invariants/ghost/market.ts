import { auction } from "./auction.ts";
import { accrue } from "./gridLeg.ts";
import { feeOf, lockOf, ownerOf } from "./readings.ts";
import {
  addTo,
  must,
  openSlot,
  PLACEMENT_FEE,
  recordOf,
  refuse,
  SLOT,
  zoneOf,
  type Meter,
  type Placed,
  type Side,
  type SlotState,
  type World,
} from "./world.ts";

/** A signed order as it stands in a book. */
export interface BookOrder {
  meter: string;
  side: Side;
  energyWh: bigint;
  limitPrice: bigint;
  hash: string;
  /** Signed by this delegate instead of the device key. */
  delegate?: string;
  /** Placed on chain. */
  placed?: boolean;
}

function requireRunning(world: World): void {
  if (world.paused) refuse("EnforcedPause");
}

function entitled(world: World, caller: string, address: string): Meter {
  const meter = world.meters.get(address);
  if (meter === undefined || meter.retired) return refuse("UnknownMeter");
  if (caller !== address && caller !== meter.delegate && caller !== ownerOf(world, meter)) refuse("NotEntitled");
  return meter;
}

function gate(world: World, meter: Meter, slot: number): SlotState {
  if (world.now < (slot - 8) * SLOT || world.now >= slot * SLOT - 600) refuse("GateNotOpen");
  return openSlot(world, zoneOf(world, meter.zone), slot);
}

/** Place an order on chain: its worst case and the placement fee are locked; an earlier one of the slot is released. */
export function place(world: World, caller: string, slot: number, order: Placed): void {
  requireRunning(world);
  const meter = entitled(world, caller, order.meter);
  const record = gate(world, meter, slot);
  if (order.energyWh === 0n) refuse("ZeroEnergy");
  if (meter.suspended) refuse("MeterSuspended");
  if (meter.indebted) refuse("MeterIndebted");
  if (meter.kind === "feeder") refuse("FeederCannotTrade");
  if (order.side === "offer" && !meter.bonded) refuse("MeterNotBonded");
  if (order.energyWh > meter.limitWh) refuse("OrderBeyondRatedPower");
  if (order.limitPrice < record.prices.exportPrice || order.limitPrice > record.prices.importPrice) {
    refuse("LimitOutsideTariff");
  }
  const index = record.placed.findIndex((entry) => entry.meter === order.meter);
  const old = record.placed[index];
  const balance = meter.balance + (old ? lockOf(record, old) : 0n) - lockOf(record, order);
  if (balance < 0n) refuse("InsufficientBalance");
  meter.balance = balance;
  record.placed[old ? index : record.placed.length] = order;
}

/** Void the meter's orders of a slot, for a fee. */
export function cancel(world: World, caller: string, slot: number, address: string): void {
  const meter = entitled(world, caller, address);
  const record = gate(world, meter, slot);
  const index = record.placed.findIndex((entry) => entry.meter === address);
  const old = record.placed[index];
  const balance = meter.balance + (old ? lockOf(record, old) : 0n) - PLACEMENT_FEE;
  if (balance < 0n) refuse("InsufficientBalance");
  meter.balance = balance;
  record.placed[old ? index : record.placed.length] = { meter: address, side: "bid", energyWh: 0n, limitPrice: 0n };
  accrue(zoneOf(world, meter.zone), { season: PLACEMENT_FEE });
}

/** The matcher fixes the signed orders of a slot. */
export function commit(
  world: World,
  caller: string,
  zoneId: number,
  slot: number,
  bookHash: string,
  orders: number,
): void {
  requireRunning(world);
  const zone = zoneOf(world, zoneId);
  const record = openSlot(world, zone, slot);
  if (caller !== zone.matcher) refuse("NotEntitled");
  const bond = world.matcherBonds.get(caller);
  if (bond === undefined || bond.ticks < 100_000_000_000n || bond.unlockSlot !== 0) refuse("AmountTooLarge");
  if (record.committed) refuse("AlreadyCommitted");
  if (world.now < slot * SLOT - 600 || world.now >= slot * SLOT - 480) refuse("OutsideWindow");
  if (orders === 0) refuse("BadParameter");
  record.committed = true;
  record.bookHash = bookHash;
  record.matcher = caller;
  record.bookOrders = orders;
}

export interface Cleared {
  skipped: { meter: string; reason: string }[];
  price: bigint;
  boughtWh: bigint;
  soldWh: bigint;
}

/**
 * Clear a slot. `given` are the entries in the caller's order, `bookHash` the hash over its signed ones (null for none);
 * `byteFault` is what is wrong with the entries by their bytes alone.
 */
export function clear(
  world: World,
  caller: string,
  zoneId: number,
  slot: number,
  given: readonly BookOrder[],
  bookHash: string | null,
  byteFault: string | null = null,
): Cleared {
  const zone = zoneOf(world, zoneId);
  const record = openSlot(world, zone, slot);
  if (record.cleared) refuse("AlreadyCleared");
  const signedToo = record.committed && world.now < slot * SLOT - 120;
  const from = signedToo ? slot * SLOT - (caller === record.matcher ? 600 : 300) : slot * SLOT - 480;
  if (world.now < from || world.now >= slot * SLOT) refuse("OutsideWindow");
  if (byteFault) refuse(byteFault);
  const live = record.placed.filter((order) => order.energyWh > 0n);
  if (given.filter((order) => order.placed).length !== live.length) refuse("PlacedOrderMissing");
  if (bookHash !== (signedToo ? record.bookHash : null)) refuse("BookNotCommitted");
  record.bookCleared = signedToo;

  const skipped: Cleared["skipped"] = [];
  const taking = given.filter((order) => {
    const reason = problemOf(world, record, zoneId, slot, order);
    if (reason === null) return true;
    skipped.push({ meter: order.meter, reason });
    if (order.placed) {
      // A placed order that cannot trade gets back what it locked, all but the fee for placing.
      must(world.meters.get(order.meter)).balance += lockOf(record, order) - PLACEMENT_FEE;
      accrue(zone, { season: PLACEMENT_FEE });
    }
    return false;
  });
  const bids = taking.filter((order) => order.side === "bid");
  const offers = taking.filter((order) => order.side === "offer");
  const trade = auction(zone.rule, bids, offers);
  let fees = 0n;
  let boughtWh = 0n;
  let soldWh = 0n;
  const fill = (order: BookOrder, energyWh: bigint): void => {
    const meter = must(world.meters.get(order.meter));
    if (order.placed) {
      meter.balance += lockOf(record, order) - PLACEMENT_FEE;
      if (energyWh > 0n) meter.balance += PLACEMENT_FEE;
      else accrue(zone, { season: PLACEMENT_FEE });
    }
    if (energyWh === 0n) return;
    meter.lanes.set(slot, { side: order.side, energyWh });
    ++record.openPositions;
    if (order.side === "offer") {
      soldWh += energyWh;
      return;
    }
    boughtWh += energyWh;
    const cost = energyWh * trade.price;
    const fee = feeOf(cost, record.prices.feePpm);
    meter.balance -= cost + fee;
    fees += fee;
  };
  bids.forEach((order, index) => fill(order, trade.bidsWh[index] ?? 0n));
  offers.forEach((order, index) => fill(order, trade.offersWh[index] ?? 0n));

  // 40 % of the fee pays for work, half of it now and half for settling; 20 % goes to the season pool.
  const work = (fees * 4n) / 10n;
  const season = (fees * 2n) / 10n;
  record.work = work / 2n;
  addTo(world.earned, caller, work - record.work);
  accrue(zone, { fee: fees - work - season, season });
  record.cleared = true;
  record.clearingPrice = trade.price;
  record.matchedWh = boughtWh;
  return { skipped, price: trade.price, boughtWh, soldWh };
}

/** Whether an order takes part: whatever depends on state is a problem of this order alone. */
function problemOf(world: World, record: SlotState, zone: number, slot: number, order: BookOrder): string | null {
  const meter = world.meters.get(order.meter);
  if (!order.placed && record.placed.some((entry) => entry.meter === order.meter)) return "OrderSuperseded";
  if (order.delegate !== undefined && meter?.delegate !== order.delegate) return "NotDelegate";
  if (meter === undefined || meter.retired) return "UnknownMeter";
  if (meter.zone !== zone) return "WrongZone";
  if (meter.suspended) return "MeterSuspended";
  if (meter.indebted) return "MeterIndebted";
  if (meter.kind === "feeder") return "FeederCannotTrade";
  if (meter.lastSlot !== slot - 2) return "MeterUnread";
  if (order.side === "offer" && !meter.bonded) return "MeterNotBonded";
  if (order.placed) return null;
  if (order.energyWh > meter.limitWh) return "OrderBeyondRatedPower";
  if (order.limitPrice < record.prices.exportPrice || order.limitPrice > record.prices.importPrice) {
    return "LimitOutsideTariff";
  }
  if (order.side === "bid") {
    const cost = order.energyWh * order.limitPrice;
    if (cost + feeOf(cost, record.prices.feePpm) > meter.balance) return "InsufficientBalance";
  }
  return null;
}

/** A committed book that nobody cleared cuts the matcher's bond. */
export function reportUncleared(world: World, caller: string, zoneId: number, slot: number): void {
  const record = recordOf(zoneOf(world, zoneId), slot) ?? refuse("NoSlotRecord");
  if (record.punished) refuse("AlreadyPenalised");
  if (!record.committed || record.bookCleared || world.now < slot * SLOT) refuse("NothingProven");
  record.punished = true;
  penalise(world, caller, zoneId, must(record.matcher));
}

/** A receipted order that is missing from the committed book cuts the matcher's bond. */
export function reportMissing(
  world: World,
  caller: string,
  zoneId: number,
  slot: number,
  order: BookOrder,
  inBook: boolean,
): void {
  const zone = zoneOf(world, zoneId);
  const record = recordOf(zone, slot) ?? refuse("NoSlotRecord");
  if (world.now < slot * SLOT - 480) refuse("NothingProven");
  if (inBook || record.placed.some((entry) => entry.meter === order.meter)) refuse("NothingProven");
  if (world.penalised.has(order.hash)) refuse("AlreadyPenalised");
  world.penalised.add(order.hash);
  penalise(world, caller, zoneId, zone.matcher);
}

function penalise(world: World, reporter: string, zoneId: number, matcher: string): void {
  const bond = world.matcherBonds.get(matcher) ?? { ticks: 0n, unlockSlot: 0 };
  const cut = bond.ticks < 20_000_000_000n ? bond.ticks : 20_000_000_000n;
  world.matcherBonds.set(matcher, { ...bond, ticks: bond.ticks - cut });
  addTo(world.earned, reporter, cut / 2n);
  accrue(zoneOf(world, zoneId), { season: cut - cut / 2n });
}
