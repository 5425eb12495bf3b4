import { ZeroAddress, ZeroHash } from "ethers";
import { orderProblem, tradingProblem } from "../market/admission.ts";
import { bookHash, decodeEntries, type BookOrder } from "../market/book.ts";
import { clearBook } from "../market/clearing.ts";
import {
  decodeTierDiscounts,
  PLACEMENT_FEE_TICKS,
  placementLockTicks,
  purchaseTicks,
  tierFeePpm,
} from "../market/fees.ts";
import type { ItemError } from "../market/itemErrors.ts";
import { orderSigner } from "../market/sign.ts";
import { clearingWindows, isWithin } from "../market/timeline.ts";
import { bytesArg, numberArg } from "./calls.ts";
import { mismatch } from "./mismatch.ts";
import type { Clearing, ExpectedFill, ExpectedSkip, Run } from "./run.ts";
import { NO_METER, slotRecordOf, STATUS, type SlotEntry } from "./state.ts";
import type { AuditCall } from "./types.ts";

interface Admitted {
  readonly orders: BookOrder[];
  readonly skips: ExpectedSkip[];
}

/** Clears a slot again from the calldata of its clearing: who takes part, the price, and what everybody trades. */
export function planClearing(run: Run, call: AuditCall, zone: number, slot: number): NonNullable<Clearing["plan"]> {
  const place = { zone, slot };
  const { findings } = run;
  findings.expect("clearing", place, "zone of the call", numberArg(call, "zone"), zone);
  findings.expect("clearing", place, "slot of the call", numberArg(call, "slot"), slot);
  const record = slotRecordOf(run.state, zone, slot);
  const committedBook = checkWindow(run, call, zone, record);

  const listed = new Map(record.placed.map((order, index) => [order.meter, index]));
  const parameters = { domain: run.domain, zone, slot, placed: record.placed };
  const bids = decodeEntries(parameters, "bid", bytesArg(call, "bids"));
  const offers = decodeEntries(parameters, "offer", bytesArg(call, "offers"));
  const all = [...bids, ...offers];
  const signed = all.filter(({ kind }) => kind !== "placed").map(({ hash }) => hash);
  findings.expect("clearing", place, "book hash", committedBook ? record.bookHash : ZeroHash, bookHash(signed));
  const live = record.placed.filter(({ energyWh }) => energyWh !== 0).length;
  findings.expect("clearing", place, "placed orders in the book", live, all.length - signed.length);
  requireOnce(run, zone, slot, all);

  const admitted = {
    bid: admit(run, record, bids, listed),
    offer: admit(run, record, offers, listed),
  };
  const result = clearBook(record.terms.rule, admitted.bid.orders, admitted.offer.orders);
  const fills = (["bid", "offer"] as const).flatMap((side) => {
    const filled = side === "bid" ? result.bidFillsWh : result.offerFillsWh;
    return admitted[side].orders.map((order, index) =>
      expectedFill(run, record, order, filled[index] ?? 0, result.price),
    );
  });
  return {
    price: result.price,
    volumeWh: result.volumeWh,
    skips: [...admitted.bid.skips, ...admitted.offer.skips],
    fills,
    committedBook,
  };
}

function checkWindow(run: Run, call: AuditCall, zone: number, record: SlotEntry): boolean {
  const { timestamp } = run.tx.transaction;
  const committed = (record.status & STATUS.committed) !== 0;
  const windows = clearingWindows(record.slot, committed, call.caller === record.matcher);
  const window = windows.find((candidate) => isWithin(candidate, timestamp));
  run.findings.expect(
    "clearing",
    { zone, slot: record.slot },
    "cleared in the caller's window",
    true,
    window !== undefined,
  );
  return window?.book === "committed";
}

function requireOnce(run: Run, zone: number, slot: number, orders: readonly BookOrder[]): void {
  for (const kind of ["placed", "signed"] as const) {
    const seen = new Set<string>();
    for (const order of orders) {
      if ((order.kind === "placed") !== (kind === "placed")) continue;
      if (seen.has(order.meter))
        run.findings.fail("clearing", { zone, slot, meter: order.meter }, "orders of the meter", "1", "2");
      seen.add(order.meter);
    }
  }
}

/** Which orders take part in the state at hand, with the reasons of the others. */
function admit(
  run: Run,
  record: SlotEntry,
  orders: readonly BookOrder[],
  listed: ReadonlyMap<string, number>,
): Admitted {
  const admitted: Admitted = { orders: [], skips: [] };
  for (const order of orders) {
    const problem = problemOf(run, record, order, listed);
    if (problem === undefined) admitted.orders.push(order);
    else admitted.skips.push({ order, problem });
  }
  return admitted;
}

function problemOf(
  run: Run,
  record: SlotEntry,
  order: BookOrder,
  listed: ReadonlyMap<string, number>,
): ItemError | undefined {
  const entry = run.state.meters.get(order.meter);
  const word = entry?.word ?? NO_METER;
  if (order.kind === "placed") {
    return tradingProblem(word, order) ?? (word.lastSlot + 2 === order.slot ? undefined : "MeterUnread");
  }
  if (listed.has(order.meter)) return "OrderSuperseded";
  const delegate = entry?.delegate ?? ZeroAddress;
  if (order.kind === "delegated" && orderSigner(run.domain, order) !== delegate) return "NotDelegate";
  return orderProblem(word, order, record.terms);
}

function expectedFill(run: Run, record: SlotEntry, order: BookOrder, filledWh: number, price: number): ExpectedFill {
  const { feePpm } = record.terms;
  const word =
    run.state.meters.get(order.meter)?.word ?? mismatch("An admitted order has no meter", { meter: order.meter });
  let balanceTicks = word.balanceTicks;
  if (order.kind === "placed") {
    balanceTicks += placementLockTicks(order.side, order.energyWh, order.limitPrice, feePpm);
    // The fee for placing comes back only to an order that trades.
    if (filledWh === 0) balanceTicks -= PLACEMENT_FEE_TICKS;
  }
  if (order.side === "offer" || filledWh === 0) return { order, filledWh, feeTicks: 0n, balanceTicks };
  const { costTicks, feeTicks } = purchaseTicks(
    filledWh,
    price,
    tierFeePpm(feePpm, decodeTierDiscounts(run.state.tierDiscounts), word.tier),
  );
  return { order, filledWh, feeTicks, balanceTicks: balanceTicks - costTicks - feeTicks };
}
