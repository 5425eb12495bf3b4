import { z } from "zod";
import { RpcError, RpcTransportError } from "../../../src/chain/rpcErrors.ts";
import { JouleworkError, type JouleworkErrorParameters } from "../../../src/errors.ts";

/** Numbers of errors: those of JSON-RPC 2.0, and of EIP-1474 where it has none. */
export const RPC_CODES = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  node: -32000,
  limitExceeded: -32005,
} as const;

/** A refusal that says its own number. */
export class JsonRpcRefusal extends JouleworkError {
  readonly rpcCode: number;

  constructor(rpcCode: number, parameters: JouleworkErrorParameters) {
    super(parameters);
    this.rpcCode = rpcCode;
  }
}

/** Answers one method; throws what went wrong. */
export type AnswerMethod = (method: string, params: readonly unknown[]) => Promise<unknown>;

export interface AnswerMessageParameters {
  readonly answer: AnswerMethod;
  /** Most requests of one message. */
  readonly batchLimit: number;
  /** Hears of failures that nobody expected. */
  readonly onFailure: (error: unknown) => void;
}

const requestSchema = z.object({
  jsonrpc: z.literal("2.0"),
  method: z.string().max(100),
  params: z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]).default([]),
  id: z.union([z.string(), z.number(), z.null()]).optional(),
});

type Id = string | number | null;
type Response = { readonly jsonrpc: "2.0"; readonly id: Id } & (
  | { readonly result: unknown }
  | { readonly error: { readonly code: number; readonly message: string; readonly data?: string } }
);

/** Answers a JSON-RPC 2.0 message, one request or a batch of them; undefined where it has notifications alone. */
export async function answerMessage(
  text: string,
  { answer, batchLimit, onFailure }: AnswerMessageParameters,
): Promise<Response | Response[] | undefined> {
  const failed = (id: Id, error: unknown): Response => ({ jsonrpc: "2.0", id, error: errorOf(error, onFailure) });

  async function one(request: unknown): Promise<Response | undefined> {
    const parsed = requestSchema.safeParse(request);
    if (!parsed.success) return failed(idOf(request), invalidRequest(parsed.error.issues[0]?.message));
    const { method, params, id } = parsed.data;
    try {
      if (!Array.isArray(params)) {
        throw refusal("invalidParams", "Parameters are given by name", { method }, "Give them in a list.");
      }
      const result = (await answer(method, params)) ?? null;
      return id === undefined ? undefined : { jsonrpc: "2.0", id, result };
    } catch (error) {
      return id === undefined ? undefined : failed(id, error);
    }
  }

  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return failed(null, refusal("parse", "The message is not JSON", {}, "Send one JSON-RPC request, or a list."));
  }
  if (!Array.isArray(message)) return one(message);
  if (message.length === 0) return failed(null, invalidRequest("an empty batch"));
  if (message.length > batchLimit) {
    const values = { requests: message.length, batchLimit };
    return failed(null, refusal("limitExceeded", "The batch is too long", values, "Send fewer requests at once."));
  }
  const responses = (await Promise.all(message.map(one))).filter((response) => response !== undefined);
  return responses.length === 0 ? undefined : responses;
}

/** A refusal by the name of its number. */
export function refusal(
  kind: keyof typeof RPC_CODES,
  what: string,
  values: JouleworkErrorParameters["values"],
  hint: string,
): JsonRpcRefusal {
  const code = `JSON_RPC_${kind.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
  return new JsonRpcRefusal(RPC_CODES[kind], { code, what, ...(values === undefined ? {} : { values }), hint });
}

function invalidRequest(problem = "unreadable"): JsonRpcRefusal {
  return refusal(
    "invalidRequest",
    "This is not a JSON-RPC 2.0 request",
    { problem },
    "Send jsonrpc, method, params, id.",
  );
}

function idOf(request: unknown): Id {
  const parsed = z.object({ id: z.union([z.string(), z.number()]) }).safeParse(request);
  return parsed.success ? parsed.data.id : null;
}

function errorOf(
  error: unknown,
  onFailure: (error: unknown) => void,
): { code: number; message: string; data?: string } {
  if (error instanceof JsonRpcRefusal) return { code: error.rpcCode, message: error.message };
  if (error instanceof RpcError) {
    // What a contract reverted with is what wallets and explorers decode: it is passed on as it came.
    const code = error.rpcCode === 0 ? RPC_CODES.node : error.rpcCode;
    const data = error.revert?.data;
    return { code, message: error.rpcMessage, ...(data === undefined ? {} : { data }) };
  }
  if (error instanceof RpcTransportError) return { code: RPC_CODES.internal, message: error.message };
  onFailure(error);
  return { code: RPC_CODES.internal, message: "The explorer failed at this request; its log says more." };
}
