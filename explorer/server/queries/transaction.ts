import { z } from "zod";
import type { CallFrame } from "../../api/block.ts";
import { contractCall } from "../../../src/chain/calls.ts";
import { RpcError } from "../../../src/chain/rpcErrors.ts";
import type { StoredTransaction } from "../../store/store.ts";
import type { ServerContext } from "../context.ts";
import { notFound } from "../problems.ts";
import { rowOf } from "./block.ts";
import type { Query } from "./query.ts";
import { eventAnswer } from "./support/answers.ts";
import { decodeRefusal, errorName, wordsOf } from "./support/errorWords.ts";
import { interfaceOf, methodsOf } from "./support/interfaces.ts";
import { traceCall, transactionCall, type NodeTransaction } from "./support/nodeTransaction.ts";
import { decodeCall } from "./support/values.ts";

const SKIPS = new Set(["OrderSkipped", "ReadingSkipped", "CloseSkipped"]);

/** A transaction with its call, events, the items that it skipped, and why it was refused. */
export const transaction: Query<"transaction"> = async (context, { hash }) => {
  const { store, rpc } = context;
  const found = await store.transaction(hash);
  if (found === undefined) throw notFound("There is no such transaction", { hash });
  const [told, traced, events] = await Promise.all([
    rpc.call(transactionCall(hash)),
    rpc.batch([traceCall(hash)]),
    store.eventsOfTransaction(hash),
  ]);
  if (told === undefined) throw notFound("The node does not have the transaction any more", { hash });
  const [trace] = traced;
  const root = trace.ok ? frameSchema.safeParse(trace.value).data : undefined;
  return {
    ...rowOf(found),
    nonce: found.nonce,
    valueWei: String(told.value),
    gasLimit: Number(told.gas),
    gasPriceWei: String(told.gasPrice ?? told.maxFeePerGas ?? 0n),
    input: told.input,
    createdContract: found.createdContract,
    call: await callOf(context, found, told),
    revert: found.succeeded ? null : await refusalOf(context, found, told, root),
    skipped: events.filter(({ name }) => SKIPS.has(name)).map(skipOf),
    events: events.map(eventAnswer),
    trace: root === undefined ? null : await named(context, root),
  };
};

async function callOf(context: ServerContext, { contract }: StoredTransaction, { input }: NodeTransaction) {
  const known = contract === null ? undefined : await interfaceOf(context, contract);
  return known === undefined ? null : decodeCall(known, input);
}

/** The contract's own words for its refusal; where the node does not trace, from doing the call again as it was. */
async function refusalOf(
  { rpc }: ServerContext,
  { blockNumber, to }: StoredTransaction,
  { from, input, value, gas }: NodeTransaction,
  root: Frame | undefined,
) {
  let data = root?.output;
  if (data === undefined && to !== null) {
    const again = { from, to, data: input, valueWei: value, gasLimit: gas };
    try {
      await rpc.call(contractCall(again, blockNumber - 1));
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      data = error.revert?.data;
    }
  }
  const { name, args, text } = decodeRefusal(data ?? "0x");
  const kept = Object.entries(args).map(([key, arg]) => [key, typeof arg === "bigint" ? String(arg) : arg]);
  const values = Object.fromEntries(kept) as Record<string, unknown>;
  if (name === undefined || name === "Panic") return { name: name ?? "unknown", args: values, words: text };
  return { name, args: values, words: name === "Error" ? String(args.reason) : wordsOf(name) };
}

function skipOf({ logIndex, args }: { readonly logIndex: number; readonly args: string }) {
  const { reason } = JSON.parse(args) as { readonly reason: string };
  const name = errorName(reason);
  return { logIndex, name, words: wordsOf(name) };
}

interface Frame {
  readonly type: string;
  readonly from: string;
  readonly to?: string | undefined;
  readonly input: string;
  readonly gasUsed: string;
  readonly value?: string | undefined;
  readonly output?: string | undefined;
  readonly error?: string | undefined;
  readonly calls?: readonly Frame[] | undefined;
}

const frameSchema: z.ZodType<Frame> = z.lazy(() =>
  z.object({
    type: z.string(),
    from: z.string(),
    to: z.string().optional(),
    input: z.string(),
    gasUsed: z.string(),
    value: z.string().optional(),
    output: z.string().optional(),
    error: z.string().optional(),
    calls: z.array(frameSchema).optional(),
  }),
);

async function named(context: ServerContext, frame: Frame): Promise<CallFrame> {
  const { type, from, to, input, gasUsed, value, error, calls = [] } = frame;
  const contract = to === undefined ? undefined : context.nameOf(to);
  const functions = contract === undefined ? undefined : await interfaceOf(context, contract);
  return {
    type,
    from,
    to: to ?? null,
    contract: contract ?? null,
    method: functions === undefined ? null : (methodsOf(functions).get(input.slice(0, 10)) ?? null),
    gasUsed: Number(gasUsed),
    valueWei: String(BigInt(value ?? 0)),
    error: error ?? null,
    calls: await Promise.all(calls.map((call) => named(context, call))),
  };
}
