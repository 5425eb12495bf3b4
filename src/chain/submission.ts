import { setTimeout as sleep } from "node:timers/promises";
import { nonceCall, receiptCall, sendRawTransactionCall, transactionKnownCall } from "./calls.ts";
import type { Receipt } from "./calls.ts";
import { bumpedFees, doubled, marketFees } from "./fees.ts";
import type { SigningKey } from "../market/signer.ts";
import type { RpcClient } from "./rpc.ts";
import type { RpcError } from "./rpcErrors.ts";
import { classifyRefusal, SendError } from "./senderErrors.ts";
import type { Refusal, SendErrorParameters } from "./senderErrors.ts";
import { signTransaction } from "./signTransaction.ts";
import type { Fees, TransactionRequest } from "./signTransaction.ts";

/** One transaction on its way. */
export interface Outgoing {
  readonly index: number;
  readonly request: TransactionRequest;
  readonly gasLimit: bigint;
  nonce: number;
  fees: Fees;
  raw: string;
  /** Every form that was sent, the newest last: a replacement may lose against what it replaces. */
  hashes: string[];
  receipt: Receipt | undefined;
  /** What a node that mines at once said when the transaction reverted. */
  executionError: RpcError | undefined;
}

export interface SubmissionContext {
  readonly rpc: RpcClient;
  readonly signer: SigningKey;
  readonly chainId: number;
  readonly highestFeePerGasWei: bigint;
  readonly resendAfterMs: number;
  readonly giveUpAfterMs: number;
  /** The nonces belong to waiting transactions that are to be replaced, whatever it costs up to the highest fee. */
  readonly replacing: boolean;
}

export interface Submission {
  /** Gives the transactions nonces in order and signs them. */
  sign(part: readonly Outgoing[], firstNonce: number): void;
  /** Brings them to the node; returns the nonce after the last. */
  submit(part: readonly Outgoing[]): Promise<number>;
  /** Waits until each is in a block, sending again what does not move. */
  awaitReceipts(part: readonly Outgoing[]): Promise<void>;
}

const SHORTEST_POLL_MS = 10;
const LONGEST_POLL_MS = 1_000;
const MOST_ATTEMPTS = 12;
// A missing receipt proves a replacement only when it stays missing: some nodes count first and index later.
const LOOKS_BEFORE_REPLACED = 3;

interface Rejection {
  readonly one: Outgoing;
  readonly refusal: Refusal;
  readonly error: RpcError;
}

/** The way of a list of transactions to the chain. */
export function createSubmission(context: SubmissionContext, list: readonly Outgoing[], startFees: Fees): Submission {
  const { rpc, signer, chainId } = context;
  let fees = capped(startFees, context.highestFeePerGasWei);

  function failure(parameters: Omit<SendErrorParameters, "receipts">): SendError {
    return new SendError({ ...parameters, receipts: list.map(({ receipt }) => receipt) });
  }

  function signOne(one: Outgoing): void {
    const { nonce, request, gasLimit } = one;
    const signed = signTransaction({ signer, chainId, nonce, request, gasLimit, fees: one.fees });
    one.raw = signed.raw;
    if (!one.hashes.includes(signed.hash)) one.hashes = [...one.hashes, signed.hash];
  }

  function sign(part: readonly Outgoing[], firstNonce: number): void {
    part.forEach((one, place) => {
      one.nonce = firstNonce + place;
      one.fees = fees;
      // Another nonce is another transaction: what was signed before can no longer count as this one.
      one.hashes = [];
      signOne(one);
    });
  }

  // The same place in the order at today's fees.
  function renew(one: Outgoing): void {
    one.fees = fees;
    signOne(one);
  }

  async function deliver(part: readonly Outgoing[]): Promise<Rejection[]> {
    const outcomes = await rpc.batch(part.map(({ raw }) => sendRawTransactionCall(raw)));
    return part.flatMap((one, place) => {
      const outcome = outcomes[place];
      if (outcome === undefined || outcome.ok) return [];
      const { error } = outcome;
      const refusal = classifyRefusal(error.rpcMessage, error.revert !== undefined);
      if (refusal === "executed") one.executionError = error;
      return refusal === "known" ? [] : [{ one, refusal, error }];
    });
  }

  async function fetchReceipts(part: readonly Outgoing[]): Promise<Outgoing[]> {
    const asked = part.flatMap((one) => one.hashes.map((hash) => ({ one, hash })));
    const found = await rpc.all(asked.map(({ hash }) => receiptCall(hash)));
    asked.forEach(({ one }, place) => {
      one.receipt = found[place] ?? one.receipt;
    });
    return part.filter(({ receipt }) => receipt === undefined);
  }

  async function submit(part: readonly Outgoing[]): Promise<number> {
    let open = part;
    for (let attempt = 0; open.length > 0; attempt += 1) {
      const rejected = await deliver(open);
      // What ran has a receipt, and so has what had arrived before although its answer was lost on the way.
      const missing = await stillMissing(rejected);
      const left = rejected.filter(({ one }) => missing.has(one));
      const [first] = left;
      if (first === undefined) break;
      const hopeless = left.find(({ refusal }) => refusal === "refused" || refusal === "executed");
      if (hopeless !== undefined || attempt >= MOST_ATTEMPTS) {
        const { one, error, refusal } = hopeless ?? first;
        await fillGap(
          open,
          left.map((each) => each.one),
        );
        throw failure({
          code: refusal === "refused" ? "TX_REFUSED" : refusal === "executed" ? "TX_REVERTED" : "TX_NONCE",
          what: `The node does not take the transaction (${error.revert?.text ?? error.rpcMessage})`,
          hint: "Check the account's funds, the gas limit and that nothing else sends with this key.",
          index: one.index,
          transactionHash: one.hashes.at(-1),
          cause: error,
        });
      }
      const taken = new Set(left.map(({ one }) => one));
      const above = open.filter((one) => !taken.has(one)).map(({ nonce }) => nonce + 1);
      open = left.map(({ one }) => one);
      const next = await firstFreeNonce(first.one.nonce, first.refusal, attempt, above);
      if (next === first.one.nonce) open.forEach(renew);
      else sign(open, next);
    }
    return Math.max(...part.map(({ nonce }) => nonce)) + 1;
  }

  async function stillMissing(rejected: readonly Rejection[]): Promise<Set<Outgoing>> {
    const missing = new Set(await fetchReceipts(rejected.map(({ one }) => one)));
    const late = rejected
      .filter(({ one, refusal }) => refusal === "nonceLow" && missing.has(one))
      .map(({ one }) => one);
    const known = await rpc.all(late.map(({ hashes }) => transactionKnownCall(hashes.at(-1) ?? "")));
    late.forEach((one, place) => {
      if (known[place] === true) missing.delete(one);
    });
    return missing;
  }

  async function firstFreeNonce(tried: number, refusal: Refusal, attempt: number, above: number[]): Promise<number> {
    if (attempt > 0) await sleep(Math.min(25 * 2 ** attempt, LONGEST_POLL_MS));
    const pending = await rpc.call(nonceCall(signer.address, "pending"));
    switch (refusal) {
      case "feeLow":
        fees = capped(bumpedFees(fees, await marketFees(rpc)), context.highestFeePerGasWei);
        return tried;
      case "nonceHigh":
        // The node lags, or an earlier one was not taken: it gets time to catch up before its count is believed.
        return attempt < MOST_ATTEMPTS / 2 && pending < tried ? tried : pending;
      case "nonceLow":
        return Math.max(pending, tried + 1, ...above);
      case "nonceTaken":
        if (!context.replacing) return Math.max(pending, ...above);
        fees = capped(doubled(fees), context.highestFeePerGasWei);
        return tried;
      case "known":
      case "executed":
      case "refused":
        return tried;
    }
  }

  // Nodes that queue may hold later ones behind the one that was refused. A transfer of nothing lets them through, so
  // that what they did is known when the error is reported.
  async function fillGap(open: readonly Outgoing[], missing: readonly Outgoing[]): Promise<void> {
    const absent = new Set(missing);
    const lowest = Math.min(...missing.map(({ nonce }) => nonce));
    const accepted = open.filter((one) => !absent.has(one));
    if (!accepted.some(({ nonce }) => nonce > lowest)) {
      await awaitReceipts(accepted).catch(() => undefined);
      return;
    }
    const fillers = missing.map((one): Outgoing => {
      const request = { to: signer.address };
      return { ...one, request, gasLimit: 21_000n, fees, hashes: [], executionError: undefined };
    });
    fillers.forEach(signOne);
    await deliver(fillers);
    await awaitReceipts(accepted).catch(() => undefined);
  }

  async function awaitReceipts(part: readonly Outgoing[]): Promise<void> {
    let waiting = part.filter(({ receipt }) => receipt === undefined);
    let pause = SHORTEST_POLL_MS;
    let lastProgress = Date.now();
    let lastResend = Date.now();
    const looks = new Map<Outgoing, number>();
    while (waiting.length > 0) {
      const left = await fetchReceipts(waiting);
      if (left.length < waiting.length) {
        lastProgress = Date.now();
        lastResend = lastProgress;
        pause = SHORTEST_POLL_MS;
      }
      waiting = left;
      const [first] = waiting;
      if (first === undefined) return;
      if (Date.now() - lastProgress > context.giveUpAfterMs) {
        throw failure({
          code: "TX_STUCK",
          what: "The transaction does not get into a block",
          hint: "Raise the highest fee, or cancel what waits for this key and send again.",
          index: first.index,
          transactionHash: first.hashes.at(-1),
        });
      }
      if (Date.now() - lastResend > context.resendAfterMs) {
        await resend(waiting, looks);
        lastResend = Date.now();
        pause = SHORTEST_POLL_MS;
      }
      await sleep(pause);
      pause = Math.min(pause * 1.5, LONGEST_POLL_MS);
    }
  }

  async function resend(waiting: readonly Outgoing[], looks: Map<Outgoing, number>): Promise<void> {
    const mined = await rpc.call(nonceCall(signer.address, "latest"));
    for (const one of waiting.filter(({ nonce }) => nonce < mined)) {
      const seen = (looks.get(one) ?? 0) + 1;
      looks.set(one, seen);
      if (seen < LOOKS_BEFORE_REPLACED) continue;
      throw failure({
        code: "TX_REPLACED",
        what: "Another transaction of this key took the place of this one, which never ran",
        hint: "Make sure that nothing else sends with this key, then send it again.",
        index: one.index,
        transactionHash: one.hashes.at(-1),
      });
    }
    const open = waiting.filter(({ nonce }) => nonce >= mined);
    const known = await rpc.all(open.map(({ hashes }) => transactionKnownCall(hashes.at(-1) ?? "")));
    const market = capped(await marketFees(rpc), context.highestFeePerGasWei);
    open.forEach((one, place) => {
      const higher = capped(bumpedFees(one.fees, market), context.highestFeePerGasWei);
      // What the node forgot goes out as it was if that still pays; what it holds is replaced, up to the highest fees.
      if (known[place] !== true && one.fees.maxFeePerGasWei >= market.maxFeePerGasWei) return;
      if (higher.maxFeePerGasWei <= one.fees.maxFeePerGasWei) return;
      one.fees = higher;
      signOne(one);
    });
    const lost = (await deliver(open)).find(({ refusal }) => refusal === "nonceHigh");
    if (lost === undefined || mined >= Math.min(...open.map(({ nonce }) => nonce))) return;
    throw failure({
      code: "TX_LOST",
      what: "The node no longer knows the transaction or those before it",
      hint: "The chain may have been started anew: check the deployment before you send again.",
      index: lost.one.index,
      transactionHash: lost.one.hashes.at(-1),
    });
  }

  return { sign, submit, awaitReceipts };
}

function capped({ maxFeePerGasWei, maxPriorityFeePerGasWei }: Fees, highestWei: bigint): Fees {
  const maxFee = maxFeePerGasWei < highestWei ? maxFeePerGasWei : highestWei;
  return {
    maxFeePerGasWei: maxFee,
    maxPriorityFeePerGasWei: maxPriorityFeePerGasWei < maxFee ? maxPriorityFeePerGasWei : maxFee,
  };
}
