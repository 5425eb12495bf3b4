import { ZeroHash } from "ethers";
import { decodeCalls, decodeTrace } from "../../../../src/audit/decodeCalls.ts";
import type { AuditCall } from "../../../../src/audit/types.ts";
import { contractAddress } from "../../../../src/chain/deployment.ts";
import { JouleworkError } from "../../../../src/errors.ts";
import { bookHash, decodeEntries, type BookOrder, type PlacedOrder } from "../../../../src/market/book.ts";
import { clearBook, type ClearingRule } from "../../../../src/market/clearing.ts";
import { CLEARING_RULE_CODES } from "../../../../src/market/codes.ts";
import { marketDomain } from "../../../../src/market/messages.ts";
import { sideOf } from "../../../../src/market/side.ts";
import type { SlotAnswer } from "../../../api/slot.ts";
import type { ServerContext } from "../../context.ts";
import type { SlotEvent } from "../slot.ts";
import { keyOf } from "./names.ts";
import { traceCall, transactionCall } from "./nodeTransaction.ts";
import { fillOf } from "./words.ts";

export interface RecomputeInput {
  readonly zone: number;
  readonly slot: number;
  /** Every event of the slot, in the chain's order. */
  readonly told: readonly SlotEvent[];
  readonly cleared: Extract<SlotEvent, { readonly name: "SlotCleared" }>;
}

export interface Recomputed {
  readonly verdict: NonNullable<SlotAnswer["recomputed"]>;
  /** Every order that was handed to the clearing, as its calldata says. */
  readonly book: readonly BookOrder[];
}

/** Clearings never change; checking a thousand signatures of one takes a moment. */
const KEPT = 64;
const kept = new Map<string, Recomputed>();

/**
 * Clears a slot again from the calldata of its clearing, with the rule in plain TypeScript. Who was skipped is taken from
 * the chain: that, the whole audit checks. Undefined where the node does not have the calldata any more.
 */
export async function recompute(context: ServerContext, input: RecomputeInput): Promise<Recomputed | undefined> {
  const { cleared } = input;
  const { transactionHash, blockNumber, logIndex, time } = cleared;
  const key = [transactionHash, blockNumber, logIndex, time].join("/");
  const known = kept.get(key);
  if (known !== undefined) return known;
  const call = await clearingCall(context, input);
  if (call === undefined) return undefined;
  const recomputed = compare(context, input, call);
  if (kept.size >= KEPT) kept.delete(kept.keys().next().value ?? key);
  kept.set(key, recomputed);
  return recomputed;
}

async function clearingCall(
  { rpc, deployment }: ServerContext,
  { zone, slot, cleared: { transactionHash } }: RecomputeInput,
): Promise<AuditCall | undefined> {
  const exchange = contractAddress(deployment, "EnergyExchange");
  const isOurs = ({ name, args }: AuditCall): boolean => name === "clear" && args.zone === zone && args.slot === slot;
  const transaction = await rpc.call(transactionCall(transactionHash));
  if (transaction === undefined) return undefined;
  const direct = decodeCalls(transaction.input, transaction.from).find(isOurs);
  if (direct !== undefined) return direct;
  const [trace] = await rpc.batch([traceCall(transactionHash)]);
  return trace.ok ? decodeTrace(trace.value, exchange).find(isOurs) : undefined;
}

function compare(
  { deployment }: ServerContext,
  { zone, slot, told, cleared }: RecomputeInput,
  call: AuditCall,
): Recomputed {
  const onChain = { clearingPrice: cleared.args.clearingPrice, matchedWh: cleared.args.matchedWh };
  const opened = told.find((event) => event.name === "SlotOpened");
  const rule = keyOf(CLEARING_RULE_CODES, opened?.args.terms.rule ?? 0) as ClearingRule;
  const committed = told.findLast((event) => event.name === "BookCommitted");
  const domain = marketDomain(deployment.chainId, contractAddress(deployment, "EnergyExchange"));
  const place = { domain, zone, slot, placed: placedList(told, cleared) };
  const nothing = { clearingPrice: 0, matchedWh: 0 };
  let bids: BookOrder[];
  let offers: BookOrder[];
  try {
    bids = decodeEntries(place, "bid", String(call.args.bids));
    offers = decodeEntries(place, "offer", String(call.args.offers));
  } catch (error) {
    if (!(error instanceof JouleworkError)) throw error;
    const differences = [`the book of the calldata cannot be read: ${error.message}`];
    return { book: [], verdict: { equal: false, differences, rule, bookHash: null, computed: nothing, onChain } };
  }
  const book = [...bids, ...offers];
  const skipped = new Set(told.flatMap((event) => (event.name === "OrderSkipped" ? [event.args.meter] : [])));
  const admitted = (orders: readonly BookOrder[]): BookOrder[] => orders.filter(({ meter }) => !skipped.has(meter));
  const result = clearBook(rule, admitted(bids), admitted(offers));
  const signed = book.filter(({ kind }) => kind !== "placed").map(({ hash }) => hash);
  const hash = bookHash(signed);
  const expected = new Map<string, number>();
  admitted(bids).forEach(({ meter }, at) => expected.set(`bid of ${meter}`, result.bidFillsWh[at] ?? 0));
  admitted(offers).forEach(({ meter }, at) => expected.set(`offer of ${meter}`, result.offerFillsWh[at] ?? 0));
  const differences = [
    ...difference("clearing price", result.price, onChain.clearingPrice),
    ...difference("matched energy", result.volumeWh, onChain.matchedWh),
    // Only placed orders clear once the committed book's time is over.
    ...(signed.length === 0 ? [] : difference("book hash", committed?.args.bookHash ?? ZeroHash, hash)),
    ...fillDifferences(expected, told),
  ];
  const computed = { clearingPrice: result.price, matchedWh: result.volumeWh };
  const verdict = { equal: differences.length === 0, differences, rule, bookHash: hash, computed, onChain };
  return { book, verdict };
}

/** The slot's list on chain as the clearing met it; a cancellation has no energy. */
function placedList(told: readonly SlotEvent[], cleared: RecomputeInput["cleared"]): PlacedOrder[] {
  const list: PlacedOrder[] = [];
  for (const event of told) {
    if (event === cleared) break;
    if (event.name === "OrderPlaced") {
      const { index, meter, side, energyWh, limitPrice } = event.args;
      list[Number(index)] = { meter, side: sideOf(side), energyWh, limitPrice };
    } else if (event.name === "OrderCancelled") {
      list[Number(event.args.index)] = { meter: event.args.meter, side: "bid", energyWh: 0, limitPrice: 0 };
    }
  }
  return list;
}

function fillDifferences(expected: Map<string, number>, told: readonly SlotEvent[]): string[] {
  const differences: string[] = [];
  for (const event of told) {
    if (event.name !== "OrderCleared") continue;
    const { side, filledWh } = fillOf(event.args.fill);
    const name = `${side} of ${event.args.meter}`;
    differences.push(...difference(`energy of the ${name}`, expected.get(name) ?? "none", filledWh));
    expected.delete(name);
  }
  for (const [name, filledWh] of expected) differences.push(...difference(`energy of the ${name}`, filledWh, "none"));
  return differences;
}

function difference(subject: string, computed: string | number, found: string | number): string[] {
  return computed === found ? [] : [`${subject}: computed ${String(computed)}, on chain ${String(found)}`];
}
