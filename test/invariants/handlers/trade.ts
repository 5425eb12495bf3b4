import {
  bookHash,
  buildBook,
  compareOrders,
  encodeEntries,
  type BookOrder as Entry,
} from "../../../src/market/book.ts";
import { signDelegatedOrder, signOrder, signReceipt, type SignedOrder } from "../../../src/market/sign.ts";
import { signingKey } from "../../../src/market/signer.ts";
import { cancel, clear, commit, place, reportMissing, reportUncleared, type BookOrder } from "../ghost/market.ts";
import { must, pricesAt, recordOf, SLOT, slotAt, type Meter, type Placed, type Side } from "../ghost/world.ts";
import type { Run } from "../harness/run.ts";
import { catchUp } from "./readings.ts";
import { mix, pick, type Choices, type Handler } from "./handler.ts";
import { id } from "ethers";

export const DELEGATE = signingKey(id("the delegate of the invariant tests"));
const STRANGER = signingKey(id("a device that nobody registered"));

/** Orders for a slot as households would sign them, now and then one that cannot trade. */
function drawOrders(run: Run, zone: number, slot: number, seed: number): SignedOrder[] {
  const { domain } = run.arena.market;
  const { importPrice, exportPrice } = pricesAt(must(run.world.zones.get(zone)), slot);
  const draw = (meter: Meter, index: number): SignedOrder[] => {
    const odd = mix(seed, index * 7 + 1, 40);
    if (meter.retired || mix(seed, index * 7 + 2, 6) === 0) return [];
    if ((meter.kind === "feeder" || meter.zone !== zone) && odd !== 1) return [];
    const sells = meter.kind !== "consumer" && (meter.kind === "producer" || mix(seed, index * 7 + 3, 3) > 0);
    // A narrow choice of prices makes ties.
    const steps = mix(seed, 5, 2) === 0 ? 3 : 1000;
    const band = Number(importPrice - exportPrice);
    let limitPrice =
      Number(exportPrice) + Math.floor((band * mix(seed, index * 7 + 4, steps)) / Math.max(1, steps - 1));
    let energyWh = 1 + mix(seed, index * 7 + 5, 2560);
    if (odd === 2) limitPrice = Number(importPrice) + 1;
    if (odd === 3) energyWh = 2561;
    const order = { zone, slot, side: sells ? ("offer" as const) : ("bid" as const), energyWh, limitPrice };
    const key = must(run.keys.get(meter.address));
    const delegated = odd === 4 || (meter.delegate === DELEGATE.address && odd % 2 === 0);
    return [delegated ? signDelegatedOrder(domain, DELEGATE, meter.address, order) : signOrder(domain, key, order)];
  };
  const orders = [...run.world.meters.values()].flatMap(draw);
  if (mix(seed, 6, 12) === 0) {
    orders.push(
      signOrder(domain, STRANGER, { zone, slot, side: "bid", energyWh: 10, limitPrice: Number(importPrice) }),
    );
  }
  return orders;
}

function ghostOrder(order: Entry): BookOrder {
  const { meter, side, hash } = order;
  const plain = { meter, side, hash, energyWh: BigInt(order.energyWh), limitPrice: BigInt(order.limitPrice) };
  if (order.kind === "placed") return { ...plain, placed: true };
  return order.kind === "delegated" ? { ...plain, delegate: DELEGATE.address } : plain;
}

const sorted = (orders: readonly Entry[], side: Side): Entry[] =>
  orders.filter((order) => order.side === side).sort(compareOrders);

/**
 * A meter that places on chain what it signed has one hash for both: no strict order has room for them. A matcher leaves what was
 * superseded out of its book; one that does not cannot clear it.
 */
const hasTwins = (orders: readonly Entry[]): boolean =>
  orders.some(({ hash }, place) => hash === orders[place + 1]?.hash);

const hashOf = (orders: readonly Entry[]): string =>
  bookHash(
    [...sorted(orders, "bid"), ...sorted(orders, "offer")]
      .filter(({ kind }) => kind !== "placed")
      .map(({ hash }) => hash),
  );

function placedEntries(run: Run, zone: number, slot: number): Entry[] {
  const record = recordOf(must(run.world.zones.get(zone)), slot);
  const placed = (record?.placed ?? []).map((order) => ({
    ...order,
    energyWh: Number(order.energyWh),
    limitPrice: Number(order.limitPrice),
  }));
  const book = buildBook({ domain: run.arena.market.domain, zone, slot, orders: [], placed });
  return [...book.bids, ...book.offers];
}

/** Books by the run and slot that they belong to, with the signatures that the ghost does not need. */
const signedBooks = new WeakMap<Run, Map<string, SignedOrder[]>>();

function booksOf(run: Run): Map<string, SignedOrder[]> {
  const known = signedBooks.get(run) ?? new Map<string, SignedOrder[]>();
  signedBooks.set(run, known);
  return known;
}

async function sendCommit(run: Run, zone: number, slot: number, seed: number, from: string): Promise<void> {
  const drawn = drawOrders(run, zone, slot, seed);
  // One order in a while gets a receipt and is left out.
  const leftOut = mix(seed, 8, 5) === 0 && drawn.length > 1 ? drawn.splice(mix(seed, 9, drawn.length), 1) : [];
  await commitOrders(run, zone, slot, drawn, from, leftOut);
}

/** Commit a book of signed orders; `leftOut` are orders with a receipt that are not in it. */
export async function commitOrders(
  run: Run,
  zone: number,
  slot: number,
  orders: readonly SignedOrder[],
  from: string,
  leftOut: readonly SignedOrder[] = [],
): Promise<void> {
  const hash = hashOf(orders);
  const { done } = await run.attempt(
    { from, method: "commitBook", args: [zone, slot, hash, orders.length] },
    (world) => {
      commit(world, from, zone, slot, hash, orders.length);
      return undefined;
    },
  );
  if (!done) return;
  booksOf(run).set(`${zone}:${slot}`, [...orders]);
  for (const order of leftOut) {
    const matcherKey = must(run.arena.wallets.get(from));
    const receipt = signReceipt(run.arena.market.domain, matcherKey, order);
    run.omitted.push({ zone, slot, order: ghostOrder(order), signature: order.signature, receipt });
  }
}

/** Clear a slot with the book that was committed; `mischief` spoils it in one of four ways. */
export async function sendClear(run: Run, zone: number, slot: number, from: string, mischief: number): Promise<void> {
  const record = recordOf(must(run.world.zones.get(zone)), slot);
  const signedToo = record?.committed === true && run.world.now < slot * SLOT - 120;
  const signed: Entry[] = signedToo !== (mischief === 4) ? (booksOf(run).get(`${zone}:${slot}`) ?? []) : [];
  let placed = placedEntries(run, zone, slot);
  if (mischief === 1) placed = placed.slice(1);
  const kept = mischief === 2 ? signed.slice(1) : signed;
  const bids = sorted([...kept, ...placed], "bid");
  const offers = sorted([...kept, ...placed], "offer");
  let fault: string | null = null;
  if (mischief === 3 && bids.length > 1) {
    bids.reverse();
    fault = "UnsortedBook";
  }
  if (hasTwins(bids) || hasTwins(offers)) fault = "UnsortedBook";
  const hash = kept.length === 0 ? null : hashOf(kept);
  const given = [...bids, ...offers].map(ghostOrder);
  await run.attempt(
    { from, method: "clear", args: [zone, slot, encodeEntries(bids), encodeEntries(offers)] },
    (world) => clear(world, from, zone, slot, given, hash, fault),
  );
}

/** Somebody acts for the meter: mostly its owner. */
function actor(run: Run, meter: Meter, choice: number): string {
  return choice % 8 === 7 ? run.arena.stranger : must(run.world.sites.get(meter.site)).owner;
}

async function placeOne(run: Run, slot: number, meter: Meter, seed: number, from: string): Promise<void> {
  const prices = pricesAt(must(run.world.zones.get(meter.zone)), slot);
  const side: Side = meter.kind === "consumer" || mix(seed, 2, 4) === 0 ? "bid" : "offer";
  const energyWh = BigInt(mix(seed, 3, 20) === 0 ? mix(seed, 4, 2) * 2561 : 1 + mix(seed, 4, 2560));
  const band = Number(prices.importPrice - prices.exportPrice) + (mix(seed, 5, 20) === 0 ? 2 : 1);
  const limitPrice =
    mix(seed, 7, 3) === 0
      ? side === "bid"
        ? prices.importPrice
        : prices.exportPrice
      : prices.exportPrice + BigInt(mix(seed, 6, band));
  await placeOrder(run, slot, { meter: meter.address, side, energyWh, limitPrice }, from);
}

/** Place an order on chain. */
export async function placeOrder(run: Run, slot: number, order: Placed, from: string): Promise<void> {
  const { meter, side, energyWh, limitPrice } = order;
  const args = [slot, meter, side === "bid" ? 1 : 2, energyWh, limitPrice];
  await run.attempt({ from, method: "placeOrder", args }, (world) => {
    place(world, from, slot, order);
    return undefined;
  });
}

/** A whole market: readings brought up to date, perhaps orders placed on chain, book committed and cleared. */
async function market(run: Run, [zoneChoice, seed, mischief, who, placing]: Choices): Promise<void> {
  const zone = 1 + (zoneChoice % 2);
  if (run.world.now % SLOT >= 300) run.waitUntil((slotAt(run.world.now) + 1) * SLOT + 1);
  if (who % 16 !== 15) await catchUp(run, zone, seed);
  const slot = slotAt(run.world.now) + 1;
  const meters = [...run.world.meters.values()].filter((meter) => meter.zone === zone && meter.kind !== "feeder");
  for (let index = 0; index < placing % 3; ++index) {
    const meter = pick(meters, mix(seed, 20 + index, 997));
    const from = actor(run, meter, mix(seed, 30 + index, 64));
    await placeOne(run, slot, meter, seed + index, from);
    if (mix(seed, 40 + index, 5) === 0) await cancelOne(run, slot, meter, from);
  }
  const matcher = must(run.arena.matchers[zone - 1]);
  run.waitUntil(slot * SLOT - 590);
  if (mischief % 9 !== 8) await sendCommit(run, zone, slot, seed, matcher);
  if (mischief % 13 === 12) return;
  if (who % 4 === 3) run.waitUntil(slot * SLOT - (who % 8 === 7 ? 100 : 290));
  else run.waitUntil(slot * SLOT - 470);
  const from = who % 4 === 3 ? run.arena.market.worker.address : matcher;
  if (mischief % 4 === 3) await sendClear(run, zone, slot, from, 1 + (seed % 4));
  await sendClear(run, zone, slot, from, 0);
}

async function cancelOne(run: Run, slot: number, meter: Meter, from: string): Promise<void> {
  await run.attempt({ from, method: "cancelOrder", args: [slot, meter.address] }, (world) => {
    cancel(world, from, slot, meter.address);
    return undefined;
  });
}

export const tradeHandlers: Record<string, Handler> = {
  market: { weight: 14, act: market },
  placeOrder: {
    weight: 3,
    act: async (run, [which, ahead, seed, who]) => {
      const meter = pick([...run.world.meters.values()], which);
      await placeOne(run, slotAt(run.world.now) + (ahead % 11), meter, seed, actor(run, meter, who));
    },
  },
  cancelOrder: {
    weight: 2,
    act: async (run, [which, ahead, , who]) => {
      const meter = pick([...run.world.meters.values()], which);
      await cancelOne(run, slotAt(run.world.now) + 1 + (ahead % 8), meter, actor(run, meter, who));
    },
  },
  commitBook: {
    weight: 1,
    act: async (run, [zoneChoice, seed, who, ahead]) => {
      const zone = 1 + (zoneChoice % 2);
      const from =
        who % 4 === 3 ? run.arena.stranger : must(run.arena.matchers[(zone - 1 + (who % 4 === 2 ? 1 : 0)) % 2]);
      await sendCommit(run, zone, slotAt(run.world.now) + (ahead % 3), seed, from);
    },
  },
  clear: {
    weight: 2,
    act: async (run, [zoneChoice, mischief, who, ahead]) => {
      const zone = 1 + (zoneChoice % 2);
      const from = who % 2 === 1 ? run.arena.stranger : must(run.arena.matchers[zone - 1]);
      await sendClear(run, zone, slotAt(run.world.now) + 1 + (ahead % 2), from, mischief % 5);
    },
  },
  reportUncleared: {
    weight: 2,
    act: async (run, [zoneChoice, back]) => {
      const zone = 1 + (zoneChoice % 2);
      const from = run.arena.stranger;
      const committed = [...booksOf(run).keys()]
        .filter((key) => key.startsWith(`${zone}:`))
        .map((key) => Number(key.slice(2)));
      const slot =
        committed.length > 0 && back % 8 !== 7
          ? pick(committed.reverse(), back >> 3)
          : slotAt(run.world.now) - (back % 5);
      await run.attempt({ from, method: "reportUncleared", args: [zone, slot] }, (world) => {
        reportUncleared(world, from, zone, slot);
        return undefined;
      });
    },
  },
  reportMissing: {
    weight: 2,
    act: async (run, [which]) => {
      if (run.omitted.length === 0) return;
      const { zone, slot, order, signature, receipt } = pick(run.omitted, which);
      const from = run.arena.stranger;
      const message = {
        zone,
        slot,
        side: order.side === "bid" ? 1 : 2,
        energyWh: order.energyWh,
        limitPrice: order.limitPrice,
        meter: order.meter,
        delegated: order.delegate !== undefined,
      };
      // A delegate that is no longer named proves nothing.
      if (order.delegate !== undefined && run.world.meters.get(order.meter)?.delegate !== order.delegate) return;
      const book = booksOf(run).get(`${zone}:${slot}`) ?? [];
      const hashes = [...sorted(book, "bid"), ...sorted(book, "offer")].map(({ hash }) => hash);
      await run.attempt(
        { from, method: "reportMissing", args: [message, signature, receipt.signature, hashes] },
        (world) => {
          reportMissing(world, from, zone, slot, order, hashes.includes(order.hash));
          return undefined;
        },
      );
    },
  },
};
