import { getAddress } from "ethers";
import { z } from "zod";
import type { ServerContext } from "../context.ts";
import { blockDetails, blockTransactions } from "./blockDetails.ts";
import { traceCall, type NodeFrame } from "./callFrames.ts";
import { contractCreator } from "./contractCreator.ts";
import type { Gate } from "./gate.ts";
import { refusal } from "./jsonRpc.ts";
import { checked, rawBlockCall, toQuantity } from "./nodeAnswers.ts";
import { searchTransactions, type SearchQuery } from "./searchTransactions.ts";
import { internalOperations, traceEntries, transactionError } from "./traces.ts";

/** The level of Otterscan's interface that is spoken here; Otterscan asks for 5 at least. */
const API_LEVEL = 8;
/** Otterscan itself asks for 25. */
const MOST_TRANSACTIONS = 100;

const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, "not an address")
  .transform((text) => getAddress(text.toLowerCase()));
const hash = z.string().regex(/^0x[0-9a-fA-F]{64}$/, "not a hash of 32 bytes");
const whole = z.int().nonnegative();
const pageSize = z.int().min(1).max(MOST_TRANSACTIONS);
/** Otterscan names blocks by JSON numbers; quantities and tags are taken as well. */
const block = z.union([
  whole.transform(toQuantity),
  z.string().regex(/^0x(0|[1-9a-f][0-9a-f]{0,12})$/i, "not a block number"),
  z.enum(["latest", "earliest", "pending", "safe", "finalized"]),
]);

type Method = (params: readonly unknown[]) => Promise<unknown>;

/** Otterscan's own methods (https://docs.otterscan.io/api-docs/ots-api), and the one of Erigon's that it probes for. */
export function otterscanMethods(context: ServerContext, gate: Gate): ReadonlyMap<string, Method> {
  const { rpc, store } = context;
  const trace = (transactionHash: string): Promise<NodeFrame> => gate(() => rpc.call(traceCall(transactionHash)));
  const search =
    (direction: SearchQuery["direction"]) =>
    ([of, blockNumber, size]: [string, number, number]) =>
      searchTransactions(rpc, store, { address: of, blockNumber, pageSize: size, direction });
  const searched = z.tuple([address, whole, pageSize]);
  return new Map<string, Method>([
    method("ots_getApiLevel", z.tuple([]), () => Promise.resolve(API_LEVEL)),
    method("ots_hasCode", z.tuple([address, block.default("latest")]), async ([of, at]) => {
      return (await rpc.call(checked("eth_getCode", [of, at], z.string()))) !== "0x";
    }),
    method("ots_getBlockDetails", z.tuple([block]), ([id]) => blockDetails(rpc, id)),
    method("ots_getBlockDetailsByHash", z.tuple([hash]), ([id]) => blockDetails(rpc, id)),
    method("ots_getBlockTransactions", z.tuple([block, whole, pageSize]), ([id, pageNumber, size]) =>
      blockTransactions(rpc, { block: id, pageNumber, pageSize: size }),
    ),
    method("ots_searchTransactionsBefore", searched, search("before")),
    method("ots_searchTransactionsAfter", searched, search("after")),
    method("ots_getTransactionBySenderAndNonce", z.tuple([address, whole]), async ([sender, nonce]) => {
      return (await store.transactionBySenderAndNonce(sender, nonce))?.hash ?? null;
    }),
    method("ots_getContractCreator", z.tuple([address]), ([contract]) => contractCreator(context, gate, contract)),
    method("ots_traceTransaction", z.tuple([hash]), async ([id]) => traceEntries(await trace(id))),
    method("ots_getInternalOperations", z.tuple([hash]), async ([id]) => internalOperations(await trace(id))),
    method("ots_getTransactionError", z.tuple([hash]), async ([id]) => transactionError(await trace(id))),
    method("erigon_getHeaderByNumber", z.tuple([block]), async ([id]) => {
      const found = await rpc.call(rawBlockCall(id));
      // What JSON leaves out is what a header does not have.
      return found === null ? null : { ...found, transactions: undefined, uncles: undefined };
    }),
  ]);
}

/** A method whose parameters are checked before anything is asked. */
function method<Params>(
  name: string,
  schema: z.ZodType<Params>,
  answer: (params: Params) => Promise<unknown>,
): [string, Method] {
  return [
    name,
    async (params) => {
      const parsed = schema.safeParse(params);
      if (parsed.success) return answer(parsed.data);
      const [issue] = parsed.error.issues;
      throw refusal(
        "invalidParams",
        "A parameter is not what the method takes",
        { method: name, parameter: issue?.path.join(".") ?? "", problem: issue?.message ?? "unreadable" },
        "Look the method up in Otterscan's documentation.",
      );
    },
  ];
}
