import { setImmediate } from "node:timers/promises";
import type { JouleworkError } from "../errors.ts";
import { signingKey } from "../market/signer.ts";
import { contractCall, estimateGasCall, nonceCall } from "./calls.ts";
import type { Receipt } from "./calls.ts";
import { marketFees } from "./fees.ts";
import type { RpcClient } from "./rpc.ts";
import { RpcError } from "./rpcErrors.ts";
import { SendError } from "./senderErrors.ts";
import { createSubmission } from "./submission.ts";
import type { Outgoing, SubmissionContext } from "./submission.ts";
import type { Fees, TransactionRequest } from "./signTransaction.ts";

/** Highest gas limit of a transaction since Osaka (EIP-7825). */
export const TRANSACTION_GAS_CAP = 16_777_216n;

export interface SenderParameters {
  readonly rpc: RpcClient;
  readonly privateKey: string;
  readonly chainId: number;
  /** Transactions that are under way at the same time. */
  readonly window?: number;
  /** Fees stay below this however long a transaction waits. */
  readonly highestFeePerGasWei?: bigint;
  /** A transaction that is not in a block after this time is sent again with higher fees. */
  readonly resendAfterMs?: number;
  /** No transaction in a block for this long ends the waiting. */
  readonly giveUpAfterMs?: number;
}

export interface SendOptions {
  /** Reverted transactions are given back with their status instead of an error. */
  readonly allowReverts?: boolean;
}

export interface Sender {
  readonly address: string;
  /**
   * Sends the requests in this order and waits until all are in a block. Lists of several callers follow each other.
   * Throws `SendError` at the first that reverts or cannot be sent; its `receipts` say what happened to the others.
   */
  send(requests: readonly TransactionRequest[], options?: SendOptions): Promise<Receipt[]>;
  /** The nonce that the next transaction gets. */
  nextNonce(): Promise<number>;
  /** Replaces what an earlier run of this key left waiting by transfers of nothing, so that the way is free. */
  cancelWaiting(): Promise<Receipt[]>;
}

const FEES_HOLD_MS = 2_000;
// Limits are estimated on the state before the list runs; the margin covers what changes meanwhile.
const GAS_MARGIN_PERCENT = 25n;
const TRANSFER_GAS = 21_000n;

/**
 * A transaction sender for one key, which nothing else should use at the same time. It keeps the nonce itself, signs with
 * the native library, sends ordered batches and fetches receipts in batches; after a restart it goes on at the chain's nonce.
 */
export function createSender({
  rpc,
  privateKey,
  chainId,
  window = 200,
  highestFeePerGasWei = 10_000_000_000_000n,
  resendAfterMs = 15_000,
  giveUpAfterMs = 180_000,
}: SenderParameters): Sender {
  const signer = signingKey(privateKey);
  const { address } = signer;
  const context: Omit<SubmissionContext, "replacing"> = {
    rpc,
    signer,
    chainId,
    highestFeePerGasWei,
    resendAfterMs,
    giveUpAfterMs,
  };
  let nonce: number | undefined;
  let fees: { readonly value: Fees; readonly until: number } | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  // One list after the other: nonces are given out in order.
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = queue.then(work, work);
    queue = result.catch(() => undefined);
    return result;
  }

  async function currentNonce(): Promise<number> {
    nonce ??= await rpc.call(nonceCall(address, "pending"));
    return nonce;
  }

  async function currentFees(): Promise<Fees> {
    if (fees === undefined || Date.now() > fees.until) {
      fees = { value: await marketFees(rpc), until: Date.now() + FEES_HOLD_MS };
    }
    return fees.value;
  }

  async function gasLimits(requests: readonly TransactionRequest[]): Promise<bigint[]> {
    const unknown = requests.filter(({ gasLimit }) => gasLimit === undefined);
    const outcomes = await rpc.batch(unknown.map((request) => estimateGasCall({ ...request, from: address })));
    const estimates = new Map(unknown.map((request, place) => [request, outcomes[place]]));
    return requests.map((request, index) => {
      if (request.gasLimit !== undefined) return request.gasLimit;
      const outcome = estimates.get(request);
      if (!outcome?.ok) {
        throw new SendError({
          code: outcome?.error.revert === undefined ? "TX_REFUSED" : "TX_REVERTED",
          what: `The transaction would fail, so nothing was sent (${reasonOf(outcome?.error)})`,
          hint: "Correct the request, or give a gas limit if it depends on an earlier one of the list.",
          index,
          receipts: requests.map(() => undefined),
          cause: outcome?.error,
        });
      }
      const padded = outcome.value + (outcome.value * GAS_MARGIN_PERCENT) / 100n;
      return padded < TRANSACTION_GAS_CAP || outcome.value > TRANSACTION_GAS_CAP ? padded : TRANSACTION_GAS_CAP;
    });
  }

  async function sendAll(requests: readonly TransactionRequest[], startNonce: number | undefined): Promise<Outgoing[]> {
    const limits = await gasLimits(requests);
    const outgoing: Outgoing[] = requests.map((request, index) => {
      const gasLimit = limits[index] ?? TRANSACTION_GAS_CAP;
      return {
        index,
        request,
        gasLimit,
        nonce: UNSIGNED,
        hashes: [],
        raw: "",
        receipt: undefined,
        executionError: undefined,
        fees: ZERO,
      };
    });
    const submission = createSubmission(
      { ...context, replacing: startNonce !== undefined },
      outgoing,
      await currentFees(),
    );
    try {
      let next = startNonce ?? (await currentNonce());
      const parts = cut(outgoing, window);
      for (const [place, part] of parts.entries()) {
        if (part[0]?.nonce !== next) submission.sign(part, next);
        const following = parts[place + 1] ?? [];
        const expected = next + part.length;
        // The node works on one part while the next is signed, for the nonces that it should get.
        const signing = setImmediate().then(() => submission.sign(following, expected));
        [next] = await Promise.all([submission.submit(part), signing]);
        nonce = next;
        await submission.awaitReceipts(part);
      }
    } catch (error) {
      // Whatever went wrong, the chain knows best where to go on.
      nonce = undefined;
      fees = undefined;
      throw error;
    }
    return outgoing;
  }

  async function checked(outgoing: readonly Outgoing[], allowReverts: boolean): Promise<Receipt[]> {
    const receipts = outgoing.map(({ receipt }) => receipt);
    for (const one of outgoing) {
      if (allowReverts || one.receipt?.status === "success") continue;
      const error = one.executionError ?? (await replay(one));
      throw new SendError({
        code: "TX_REVERTED",
        what: `The transaction reverted (${reasonOf(error)})`,
        hint: "Look the error up in docs/errors.md; the other transactions of the list stand.",
        index: one.index,
        transactionHash: one.receipt?.transactionHash,
        receipts,
        cause: error,
      });
    }
    return receipts.filter((receipt) => receipt !== undefined);
  }

  // A node that mines later gives no reason with the receipt: the same call on the block before usually fails the same way.
  async function replay({ request, gasLimit, receipt }: Outgoing): Promise<RpcError | undefined> {
    if (receipt === undefined) return undefined;
    const again = contractCall({ ...request, gasLimit, from: address }, receipt.blockNumber - 1);
    const [outcome] = await rpc.batch([again]);
    return outcome.ok ? undefined : outcome.error;
  }

  return {
    address,
    send: (requests, { allowReverts = false } = {}) =>
      inTurn(async () => (requests.length === 0 ? [] : checked(await sendAll(requests, undefined), allowReverts))),
    nextNonce: () => inTurn(currentNonce),
    cancelWaiting: () =>
      inTurn(async () => {
        const [mined, waiting] = await rpc.all([nonceCall(address, "latest"), nonceCall(address, "pending")]);
        if (mined === undefined || waiting === undefined || waiting <= mined) return [];
        const nothing = { to: address, gasLimit: TRANSFER_GAS };
        const requests = Array.from({ length: waiting - mined }, () => nothing);
        return checked(await sendAll(requests, mined), false);
      }),
  };
}

function cut<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, part) => list.slice(part * size, (part + 1) * size));
}

const UNSIGNED = -1;
const ZERO: Fees = { maxFeePerGasWei: 0n, maxPriorityFeePerGasWei: 0n };

function reasonOf(error: JouleworkError | undefined): string {
  if (error instanceof RpcError) return error.revert?.text ?? error.rpcMessage;
  return error?.message ?? "no reason given; the gas limit may be too low";
}
